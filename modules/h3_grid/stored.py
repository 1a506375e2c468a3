"""The grids of a folder: what each is of, from what its file says of itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from modules.h3_grid.files import CELLS, COMPACT, METADATA
from modules.h3_grid.grid import GRID


@dataclass(frozen=True, slots=True)
class StoredGrid:
    """A grid in its file.

    made_at: when it was written; size: bytes. Both tell this file from one that takes its place
    farms, crops: the chosen ones by name; none means all
    season, resolution: empty and 0 for a file that cannot be read
    """

    path: Path
    made_at: datetime
    size: int
    season: str = ""
    farms: Sequence[str] = ()
    crops: Sequence[str] = ()
    resolution: int = 0


def list_grids(folder: Path) -> list[StoredGrid]:
    """List the grids in a folder, the newest first, files that cannot be read among them; no folder holds none."""
    found = []
    for path in folder.glob(f"{CELLS} *.parquet"):
        if path.name.endswith(COMPACT):
            continue
        try:
            status = path.stat()
        except OSError:  # gone since
            continue
        grid = _described(path, status.st_mtime_ns, status.st_size)
        found += [grid] if grid else []
    return sorted(found, key=lambda grid: (grid.made_at, grid.path.name), reverse=True)


@lru_cache(maxsize=256)
def _described(path: Path, modified_ns: int, size: int) -> StoredGrid | None:
    """Read what a file says of itself; None for something that is no grid."""
    made_at = datetime.fromtimestamp(modified_ns / 1e9, UTC)
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowException):
        return StoredGrid(path, made_at, size)
    if schema.names != GRID.names:
        return None
    about = _about(schema)
    return StoredGrid(
        path,
        made_at,
        size,
        season=str(about.get("campania", "")),
        farms=tuple(about.get("campos", ())),
        crops=tuple(about.get("cultivos", ())),
        resolution=int(about.get("resolucion", 0)),
    )


def _about(schema: pa.Schema) -> dict[str, Any]:
    try:
        about = json.loads((schema.metadata or {}).get(METADATA, b"{}"))
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}
