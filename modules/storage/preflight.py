"""What must hold before anything is fetched: the folders are there, can be written to, and have room."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from modules.environments import Environment
from modules.errors import StorageError
from modules.i18n import N_
from modules.i18n.formats import file_size
from modules.storage.atomic import TEMPORARY_PREFIX
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import require_sentinels

_MEGABYTE = 10**6


def prepare_folders(home: Path, environment: Environment, folders: Sequence[Folder], min_free_mb: int) -> None:
    """Make sure that a run can write to `folders`; only those of the test environment are created.

    Raises ProductionNotReady for a production folder that is not the real one, StorageError for one that cannot be
    written to or whose disk has less than `min_free_mb` (10⁶ bytes) left.
    """
    root = root_of(home, environment)
    if environment is Environment.PRODUCTION:
        require_sentinels(home, folders)
    for folder in folders:
        _require_writable(root / folder, create=environment is Environment.TEST)
        _require_space(root / folder, min_free_mb)


def _require_writable(path: Path, *, create: bool) -> None:
    # Always the same name: what a crash leaves of it is gone after the next run's trial.
    trial = path / f"{TEMPORARY_PREFIX}trial"
    try:
        if create:
            path.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            N_("The folder “{folder}” cannot be written to. Nothing was changed. Check its permissions and run again."),
            folder=path.name,
        ) from error


def _require_space(path: Path, min_free_mb: int) -> None:
    free = shutil.disk_usage(path).free
    if free < min_free_mb * _MEGABYTE:
        raise StorageError(
            N_("Only {free} are free for “{folder}”, {needed} are needed. Nothing was changed. Free some space."),
            free=file_size(free),
            folder=path.name,
            needed=file_size(min_free_mb * _MEGABYTE),
        )
