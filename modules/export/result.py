"""What an export came to, in plain values, and what has to be said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from modules.i18n.notices import Notice


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A file that was written.

    crs:        `EPSG:n` of its coordinates; empty for a format of attributes alone
    accuracy_m: of the change of coordinates, as EPSG states it, in metres; 0 where nothing was changed
    """

    path: Path
    format: str
    layer: str
    snapshot_id: str
    rows: int
    bytes: int
    crs: str = ""
    accuracy_m: float = 0.0
    warnings: list[Notice] = field(default_factory=list)
