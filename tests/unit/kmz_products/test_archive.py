import io
import zipfile
from datetime import UTC, datetime

import pytest

from modules.errors import StorageError
from modules.kmz.writing import archive as archives
from modules.kmz.writing.archive import Archive, check_archive

WHEN = datetime(2026, 11, 23, 3, 15, 8, tzinfo=UTC)


def write(path, pieces, **more):
    with Archive(path, WHEN) as archive:
        archive.document(pieces)
        for name, content in more.items():
            archive.add(name, content)


@pytest.mark.parametrize("pieces", [[], [b""], [b"<kml/>"], [b"<kml>", memoryview(b"x" * 9), b"</kml>"]])
def test_what_was_written_is_what_others_unzip(tmp_path, pieces):
    path = tmp_path / "a.kmz"
    write(path, pieces, icon=b"png")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["doc.kml", "icon"]
        assert archive.read("doc.kml") == b"".join(pieces)
        assert archive.read("icon") == b"png"
        assert archive.getinfo("doc.kml").date_time == (2026, 11, 23, 3, 15, 8)


def test_a_document_larger_than_what_is_held_has_its_sizes_in_front(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_HELD", 100)
    path, pieces = tmp_path / "a.kmz", [str(number).encode() * 40 for number in range(9_000)]
    write(path, pieces, icon=b"png")
    with zipfile.ZipFile(path) as archive:
        assert archive.read("doc.kml") == b"".join(pieces)
        assert archive.read("icon") == b"png"
        assert [entry.flag_bits & 8 for entry in archive.infolist()] == [0, 0]
        packed = archive.getinfo("doc.kml").compress_size
    assert int.from_bytes(path.read_bytes()[18:22], "little") == packed


@pytest.mark.parametrize("size", [100_000, 1 << 18, (1 << 19) + 1, 1_000_000])
def test_a_content_is_packed_alike_in_whichever_pieces_it_comes(tmp_path, size):
    content = b"".join(f"<coordinates>{number * 0.7:.7f}</coordinates>".encode() for number in range(size // 30))[:size]
    ways = [
        [content],
        [content[at : at + 999] for at in range(0, size, 999)],
        [content[: size // 2], content[size // 2 :]],
    ]
    for number, pieces in enumerate(ways):
        write(tmp_path / f"{number}.kmz", pieces)
    with zipfile.ZipFile(tmp_path / "0.kmz") as archive:
        assert archive.read("doc.kml") == content
    assert len({(tmp_path / f"{number}.kmz").read_bytes() for number in range(len(ways))}) == 1


def test_more_than_a_kmz_can_hold_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_MOST", 1000)
    with pytest.raises(StorageError, match=r"a\.kmz"):
        write(tmp_path / "a.kmz", [b"x" * 1001])


@pytest.mark.parametrize("harm", [lambda content: content[:-30], lambda content: content[:60] + b"\0" + content[61:]])
def test_a_damaged_kmz_is_noticed(tmp_path, harm):
    path = tmp_path / "a.kmz"
    write(path, [bytes(range(256)) * 20])
    check_archive(io.BytesIO(path.read_bytes()))
    with pytest.raises(OSError, match="read back"):
        check_archive(io.BytesIO(harm(path.read_bytes())))


def test_a_disk_that_loses_what_is_written_is_noticed(tmp_path, monkeypatch):
    finish = Archive._finish

    def losing(archive):
        finish(archive)
        archive._file.truncate(100)

    monkeypatch.setattr(Archive, "_finish", losing)
    with pytest.raises(OSError, match="read back"):
        write(tmp_path / "a.kmz", [bytes(range(256)) * 20])
