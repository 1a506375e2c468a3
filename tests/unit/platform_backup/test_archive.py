"""The archive is whole or not there, and says so of each of its bytes."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from modules.errors import RequestError, StorageError
from modules.i18n import use_language
from modules.platform_backup.archive import (
    MANIFEST,
    CheckedArchive,
    Member,
    PlatformManifest,
    writing_archive,
)

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_language("en"):
        yield


def write(path: Path, **members: bytes) -> Path:
    with writing(path) as writer:
        for name, content in members.items():
            writer.add_bytes(name.replace("__", "/"), content)
    return path


def writing(path: Path):
    return writing_archive(
        path, installation="embedded", prefect="3.9.1", database=None, logs=False, outputs=False, made_at=NOW
    )


def forged(path: Path, name: str, content: bytes) -> Path:
    """An archive with right hashes that we did not write."""
    from hashlib import sha256

    manifest = PlatformManifest(
        made_at=NOW, installation="embedded", prefect="3", database=None, logs=True, outputs=False,
        members={name: Member(len(content), sha256(content).hexdigest())},
    )  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
        archive.writestr(MANIFEST, msgspec.json.encode(manifest))
    return path


def test_what_was_written_is_read_back(tmp_path: Path):
    source = tmp_path / "source.log"
    source.write_bytes(b"line\n" * 100_000)
    os.utime(source, (1_700_000_000, 1_700_000_000))
    path = tmp_path / "x.zip"
    with writing(path) as writer:
        writer.add_file("logs/Ñandú.log", source)
        writer.add_bytes("settings.env", b"A=1\n")
    assert path.stat().st_mode & 0o077 == 0
    with CheckedArchive(path) as archive:
        assert archive.read("settings.env") == b"A=1\n"
        archive.extract("logs/Ñandú.log", tmp_path / "back" / "x.log")
    assert (tmp_path / "back" / "x.log").read_bytes() == source.read_bytes()
    assert (tmp_path / "back" / "x.log").stat().st_mtime == 1_700_000_000
    assert sorted(each.name for each in tmp_path.iterdir()) == ["back", "source.log", "x.zip"]


def test_one_that_fails_half_way_leaves_the_old_one_and_nothing_else(tmp_path: Path):
    path = write(tmp_path / "x.zip", a=b"old")
    before = path.read_bytes()

    def interrupted() -> None:
        with writing(path) as writer:
            writer.add_bytes("a", b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_one_whose_bytes_do_not_come_back_from_the_disk_is_not_kept(tmp_path: Path):
    def with_another_hash() -> None:
        with writing(tmp_path / "x.zip") as writer:
            writer.add_bytes("a", b"new")
            writer.members["a"] = Member(3, "0" * 64)

    with pytest.raises(StorageError):
        with_another_hash()
    assert list(tmp_path.iterdir()) == []


def test_every_flipped_byte_is_seen(tmp_path: Path):
    """A byte that is nobody's content (a time, a version, a flag of the zip) may pass; no content may differ."""
    whole = write(tmp_path / "x.zip", a__b=b"0123456789" * 20, c=b"C" * 50).read_bytes()
    said = {"a/b": b"0123456789" * 20, "c": b"C" * 50}
    path = tmp_path / "y.zip"
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            with CheckedArchive(path) as archive:
                seen = {name: archive.read(name) for name in archive.manifest.members}
        except (RequestError, StorageError):
            continue
        assert seen == said, place


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_one_that_was_cut_off_is_none(tmp_path: Path, share: float):
    path = write(tmp_path / "x.zip", a=b"0123456789" * 200)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(RequestError, match=r"x\.zip"):
        CheckedArchive(path)


@pytest.mark.parametrize("name", ["../evil", "/evil", "logs/../../evil", "logs\\..\\evil", "C:evil", "logs//evil", "."])
def test_a_member_that_leads_out_is_refused(tmp_path: Path, name: str):
    with pytest.raises(StorageError):
        CheckedArchive(forged(tmp_path / "x.zip", name, b"evil"))


def test_another_zip_and_no_zip_and_no_file(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a", b"")
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("other.zip", "text.zip", ""):
        with pytest.raises(RequestError, match="is no backup of the platform"):
            CheckedArchive(tmp_path / name)
    for name in ("absent.zip", "no-folder/absent.zip", "text.zip/absent.zip"):
        with pytest.raises(RequestError, match=f"There is no file .*{name}"):
            CheckedArchive(tmp_path / name)


@pytest.mark.skipif(sys.platform == "win32", reason="owners as Linux has them")
def test_one_that_may_not_be_read_is_told_apart_from_one_that_is_none(tmp_path: Path):
    path = write(tmp_path / "the one.zip", a=b"1")
    with nobody_in_particular(path) as user, pytest.raises(StorageError) as refused:
        CheckedArchive(path)
    assert "may not be read" in str(refused.value)
    assert "RUN_AS_UID" in str(refused.value)
    assert str(refused.value).endswith(f"sudo chown {user} 'the one.zip'")
    with CheckedArchive(path) as archive:
        assert archive.read("a") == b"1"


@contextmanager
def nobody_in_particular(path: Path) -> Iterator[int]:
    """Run as somebody who may not read `path`: for root, whom nothing is forbidden, that has to be another user."""
    if os.geteuid() != 0:
        path.chmod(0)
        yield os.geteuid()
        path.chmod(0o600)
        return
    os.seteuid(65534)
    try:
        yield 65534
    finally:
        os.seteuid(0)


def test_one_of_another_version_is_refused_by_name(tmp_path: Path):
    path = write(tmp_path / "x.zip", a=b"1")
    with CheckedArchive(path) as archive:
        newer = msgspec.structs.replace(archive.manifest, format_version=99)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr(MANIFEST, msgspec.json.encode(newer))
    with pytest.raises(RequestError):
        CheckedArchive(path)


def test_a_member_that_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path: Path):
    path = forged(tmp_path / "x.zip", "logs/bomb", b"\0" * 10)
    with zipfile.ZipFile(path) as archive:
        manifest = archive.read(MANIFEST)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logs/bomb", b"\0" * 10_000_000)
        archive.writestr(MANIFEST, manifest)
    with pytest.raises(StorageError):
        CheckedArchive(path)
