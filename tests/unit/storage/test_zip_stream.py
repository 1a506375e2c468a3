"""A zip that is made while it is sent: whole for every reader, small in memory, cut off where a file is gone."""

import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from modules.storage.zip_stream import zip_stream


def packed(*members: tuple[str, Path]) -> ZipFile:
    return ZipFile(io.BytesIO(b"".join(zip_stream(members))))


def receive(pieces: Iterator[bytes], sent: bytearray) -> None:
    for piece in pieces:
        sent += piece


def test_files_come_back_as_they_were(tmp_path: Path) -> None:
    contents = {"a.kmz": os.urandom(3_000_000), "El Ñandú “1”.geojson": b"{}" * 900_000, "empty.csv": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    archive = packed(*((name, tmp_path / name) for name in contents))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == contents


def test_what_is_compressed_already_is_stored(tmp_path: Path) -> None:
    names = ["a.kmz", "a.shp.zip", "a.PARQUET", "a.gpkg", "a.json"]
    for name in names:
        (tmp_path / name).write_bytes(b"a" * 1000)
    kinds = {info.filename: info.compress_type for info in packed(*((n, tmp_path / n) for n in names)).infolist()}
    assert [kinds[name] for name in names] == [ZIP_STORED] * 3 + [ZIP_DEFLATED] * 2


def test_a_file_from_before_the_time_of_zips(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    os.utime(tmp_path / "a.csv", (0, 0))
    assert packed(("a.csv", tmp_path / "a.csv")).infolist()[0].date_time[0] == 1980


def test_a_zip_that_cannot_be_finished_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.kmz").write_bytes(b"a" * 5_000_000)
    pieces = zip_stream([("a.kmz", tmp_path / "a.kmz"), ("b.kmz", tmp_path / "gone.kmz")])
    sent = bytearray()
    with pytest.raises(FileNotFoundError):
        receive(pieces, sent)
    assert len(sent) > 4_000_000
    assert b"PK\x05\x06" not in sent


def test_only_pieces_are_in_memory(tmp_path: Path) -> None:
    with (tmp_path / "large.kmz").open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    size = sum(map(len, zip_stream([("large.kmz", tmp_path / "large.kmz")])))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 200_000_000
    assert peak < 10_000_000
