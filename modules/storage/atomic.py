"""Files and folders that appear whole or not at all.

A temporary name in the same folder, everything on the disk (fsync), a rename, fsync of the folder: after a crash
there is the old thing or the new one, and at worst a temporary that `sweep` removes.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from modules.errors import StorageError
from modules.storage.retries import patiently

TEMPORARY_PREFIX: Final = ".tmp-"
_SYNC_THREADS: Final = 16
_WINDOWS = os.name == "nt"


def temporary_beside(path: Path, owner: str = "") -> Path:
    """Name a temporary in the folder of `path` with the same ending; `owner` lets a sweep tell whose it was."""
    return path.with_name(f"{TEMPORARY_PREFIX}{owner}{uuid4().hex[:8]}{path.suffix}")


@contextmanager
def replacing(path: Path, owner: str = "") -> Iterator[Path]:
    """Yield a temporary path of `owner` to write to; it takes the place of `path` when the block ends well.

    When it does not, `path` stays as it was and the temporary is removed. Raises StorageError when another program
    keeps `path` open.
    """
    temporary = temporary_beside(path, owner)
    try:
        yield temporary
        sync_file(temporary)
        patiently(lambda: temporary.replace(path), path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace_bytes(path: Path, content: bytes) -> None:
    """Make `path` hold `content`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def move_folder(source: Path, target: Path) -> None:
    """Give a folder its final name on the same file system. Raises FileExistsError when that name is taken."""
    if target.exists():
        raise FileExistsError(target)
    patiently(lambda: source.rename(target), source)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    # Windows flushes only through a handle that may write.
    descriptor = os.open(path, os.O_RDWR if _WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_files(paths: Iterable[Path]) -> None:
    """Wait until the contents of many files are on the disk; a journal takes waits together that come together."""
    paths = list(paths)
    parts = [paths[start::_SYNC_THREADS] for start in range(_SYNC_THREADS)]
    with ThreadPoolExecutor(max_workers=_SYNC_THREADS, thread_name_prefix="sync") as pool:
        list(pool.map(_sync_in_turn, parts))


def _sync_in_turn(paths: list[Path]) -> None:
    for path in paths:
        sync_file(path)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows has no such call and needs none."""
    if not _WINDOWS:
        sync_file(path)


def remove(path: Path) -> None:
    """Remove a file, or a folder and all it holds, patiently. Something that is not there is fine."""
    if path.is_dir() and not path.is_symlink():
        patiently(lambda: shutil.rmtree(path), path)
    else:
        patiently(lambda: path.unlink(missing_ok=True), path)


def sweep(
    folders: Iterable[Path], owner: str = "", untouched_s: float = 0, *, as_far_as_can_be: bool = False
) -> list[Path]:
    """Remove what a crash left in `folders` under temporary names of `owner`; tell what it was.

    untouched_s: what was written to more recently stays; without a lock somebody may be writing it
    as_far_as_can_be: what cannot be removed stays too, as another user's does in a folder such as /tmp
    """
    left = [entry for folder in folders for entry in folder.glob(f"{TEMPORARY_PREFIX}{owner}*")]
    if untouched_s:
        left = [entry for entry in left if _age_s(entry) > untouched_s]
    refusals = (OSError, StorageError) if as_far_as_can_be else ()
    for entry in left:
        with suppress(*refusals):
            remove(entry)
    return left


def _age_s(entry: Path) -> float:
    """Tell for how long an entry was not written to; 0 for one that is gone."""
    try:
        return time.time() - entry.stat().st_mtime
    except FileNotFoundError:
        return 0
