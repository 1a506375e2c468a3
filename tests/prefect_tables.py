"""Prefect's database as a first start leaves it, for stacks whose tests are about something else.

Prefect makes its tables by all its migrations, one after the other: nearly half of what a first start takes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from filelock import FileLock

_DATABASE: Final = Path("data", "prefect", "prefect.db")


def make_tables(folder: Path) -> Path:
    """Let Prefect make its tables in a new database in `folder`, once for each of its versions; give the file."""
    made = folder / f"{version('prefect')}.db"
    with FileLock(folder / "lock"):
        if not made.exists():
            unfinished = folder / "unfinished.db"
            unfinished.unlink(missing_ok=True)
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
            subprocess.run(
                [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
                env=inherited
                | {
                    "PREFECT_HOME": str(folder),
                    "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{unfinished.as_posix()}",
                },
                stdout=subprocess.DEVNULL,
                check=True,
            )
            unfinished.rename(made)
    return made


def lay_tables(home: Path, tables: Path) -> None:
    """Make `home`, as if a stack had been started there once and ended before it had any flow."""
    database = home / _DATABASE
    database.parent.mkdir(parents=True)
    shutil.copyfile(tables, database)
