"""The archive: a zip whose manifest, written last, tells the size and hash of every member.

Format: APPNOTE.TXT 6.3.10 of PKWARE, as Python's `zipfile` writes it (64-bit where needed). The directory stands at the
end, so an archive that was cut off is none.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final, Self

import msgspec

from modules.errors import RequestError, StorageError
from modules.i18n import N_
from modules.storage.atomic import replacing
from modules.storage.failures import Sentences, explained
from modules.storage.zip_errors import BROKEN_ZIP

MANIFEST: Final = "manifest.json"
FORMAT_VERSION: Final = 1
_PIECE: Final = 1 << 20
_LEVEL: Final = 1
#: Larger than any manifest that we write, of a million files.
_MOST_MANIFEST_BYTES: Final = 200 * 2**20
#: Compressed inside.
_STORED: Final = {".kmz", ".zip", ".parquet", ".xlsx", ".gz", ".zst", ".png", ".jpg", ".dump"}

#: A file that vanished, and one whose folder did and became something else.
GONE: Final = (FileNotFoundError, NotADirectoryError)

OF_A_PLATFORM_BACKUP: Final = Sentences(
    N_("The disk is full. The backup of the platform was not saved. Free some space and run again."),
    N_(
        "The backup of the platform could not be written. Nothing was changed. Check that its folder is there and may "
        "be written to, then run again."
    ),
)


class Member(msgspec.Struct, frozen=True):
    """A member of the archive. modified: seconds since the epoch."""

    bytes: int
    sha256: str
    modified: float = 0.0


class PlatformManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself. members: by their path inside, with `/`."""

    format_version: int = FORMAT_VERSION
    made_at: datetime
    installation: str
    prefect: str
    #: Which kind of database is inside: sqlite, postgres, or none.
    database: str | None
    logs: bool
    outputs: bool
    members: dict[str, Member]


class ArchiveWriter:
    """Members added one by one, hashed as they are read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add_file(self, name: str, path: Path) -> None:
        """Add what a file holds now; one that grows meanwhile, as a log does, is taken as far as it was read.

        Raises FileNotFoundError or NotADirectoryError for one that is gone, before anything of it is written;
        StorageError, naming it, for one that cannot be read.
        """
        with ExitStack() as open_:
            with reading(path):
                source = open_.enter_context(path.open("rb"))
                modified = os.fstat(source.fileno()).st_mtime
            self._add(name, source, modified, path)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a member of these bytes."""
        import io

        self._add(name, io.BytesIO(content), 0.0, Path(name))

    def _add(self, name: str, source: IO[bytes], modified: float, path: Path) -> None:
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o600 << 16
        stored = PurePosixPath(name).suffix in _STORED
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]
        with self._archive.open(info, "w", force_zip64=True) as target:
            while piece := _piece_of(source, path):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.members[name] = Member(size, digest.hexdigest(), modified)


def _piece_of(source: IO[bytes], path: Path) -> bytes:
    """Read on in a file that is open: whatever goes wrong then, it is not gone."""
    try:
        return source.read(_PIECE)
    except OSError as error:
        raise cannot_be_read(path, error) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the system raises while `path` is looked into, into StorageError; one that is gone stays as it is."""
    try:
        yield
    except GONE:
        raise
    except OSError as error:
        raise cannot_be_read(path, error) from error


def cannot_be_read(path: Path, error: OSError) -> StorageError:
    """Name what cannot be read, and say what that means for the archive."""
    return StorageError(
        N_(
            "{file} cannot be read ({why}), so the backup of the platform was not saved. An older one of the same name "
            "is as it was. Check that who runs this may read {file} and that its disk is in order, then run again."
        ),
        file=str(path),
        why=error.strerror or type(error).__name__,
    )


@contextmanager
def writing_archive(
    path: Path, *, installation: str, prefect: str, database: str | None, logs: bool, outputs: bool, made_at: datetime
) -> Iterator[ArchiveWriter]:
    """Yield a writer; the archive stands at `path` when the block ends well and every hash was read back from it.

    Raises StorageError for a disk that cannot.
    """
    with explained(sentences=OF_A_PLATFORM_BACKUP), replacing(path) as temporary:
        with zipfile.ZipFile(temporary, "w") as archive:
            temporary.chmod(0o600)  # history may tell names that are nobody else's business
            writer = ArchiveWriter(archive)
            yield writer
            manifest = PlatformManifest(
                made_at=made_at,
                installation=installation,
                prefect=prefect,
                database=database,
                logs=logs,
                outputs=outputs,
                members=writer.members,
            )
            archive.writestr(MANIFEST, msgspec.json.encode(manifest), zipfile.ZIP_DEFLATED)
        with CheckedArchive(temporary):
            pass


class CheckedArchive:
    """An archive that says what it holds; every member was held against its hash before anything else is done with it.

    Raises RequestError when `path` is no such archive, StorageError when it is damaged or may not be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except (FileNotFoundError, NotADirectoryError):
            raise RequestError(N_("There is no file {file}. Nothing was changed."), file=str(path)) from None
        except PermissionError:
            # So Windows refuses to open a folder.
            a_folder = os.name == "nt" and path.is_dir()
            raise (_no_backup(path) if a_folder else _not_to_be_read(path)) from None
        except BROKEN_ZIP:
            raise _no_backup(path) from None
        try:
            self.manifest = self._read_manifest()
            self._verify()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._archive.close()

    def read(self, name: str) -> bytes:
        """Give a member's bytes."""
        return self._archive.read(name)

    def extract(self, name: str, target: Path) -> None:
        """Write a member to `target`, whole or not at all, with its time. Its folder is made."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as temporary:
            with self._archive.open(name) as source, temporary.open("wb") as file:
                while piece := source.read(_PIECE):
                    file.write(piece)
            if modified := self.manifest.members[name].modified:
                os.utime(temporary, (modified, modified))

    def _read_manifest(self) -> PlatformManifest:
        try:
            if self._archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
                raise _no_backup(self._path)
            manifest = msgspec.json.decode(self._archive.read(MANIFEST), type=PlatformManifest)
        except (KeyError, msgspec.DecodeError, *BROKEN_ZIP):
            raise _no_backup(self._path) from None
        if manifest.format_version != FORMAT_VERSION:
            raise RequestError(
                N_(
                    "{file} was written by another version of Tranquera. Nothing was changed. Restore it with that one."
                ),
                file=self._path.name,
            )
        return manifest

    def _verify(self) -> None:
        names = [info.filename for info in self._archive.infolist() if info.filename != MANIFEST]
        said = self.manifest.members
        if sorted(names) != sorted(said):
            raise self._damaged(next(iter(set(names) ^ set(said)), MANIFEST))
        for name, member in said.items():
            if not _is_safe(name) or self._hash_of(name, member.bytes) != member.sha256:
                raise self._damaged(name)

    def _hash_of(self, name: str, size: int) -> str | None:
        """Hash a member that has exactly `size` bytes; None for another, which is not unpacked further than that."""
        if self._archive.getinfo(name).file_size != size:
            return None
        digest = hashlib.sha256()
        try:
            with self._archive.open(name) as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
        except BROKEN_ZIP:
            return None
        return digest.hexdigest()

    def _damaged(self, name: str) -> StorageError:
        return StorageError(
            N_("{file} is damaged: “{member}” is not what was written. Nothing was changed. Take another backup."),
            file=self._path.name,
            member=name,
        )


def _is_safe(name: str) -> bool:
    """Tell whether a member's path stays inside the folder that it is unpacked to, on Windows too."""
    parts = name.split("/")
    return not any(part in {"", ".", ".."} or "\\" in part or ":" in part or "\0" in part for part in parts)


def _no_backup(path: Path) -> RequestError:
    return RequestError(N_("{file} is no backup of the platform. Nothing was changed."), file=path.name)


def _not_to_be_read(path: Path) -> StorageError:
    """Say whose an archive has to be. Only its owner may read one, so root's copy of it is nobody else's."""
    if os.name == "nt":
        return StorageError(
            N_("{file} may not be read by who runs this. Nothing was changed. Check its permissions."), file=str(path)
        )
    return StorageError(
        N_(
            "{file} may not be read by the user that runs this ({user}; with Docker it is RUN_AS_UID). Nothing was "
            "changed. Make the file that user's, in its folder: sudo chown {user} {name}"
        ),
        file=str(path),
        user=os.geteuid(),
        name=shlex.quote(path.name),
    )
