"""The manifest: what a snapshot holds, where it came from, and the hash of every file. It is written last."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from modules.errors import SnapshotError
from modules.i18n import N_

MANIFEST: Final = "manifest.json"
FORMAT_VERSION: Final = 1


class FileRecord(msgspec.Struct, frozen=True):
    """A file of the snapshot, by its path inside with `/`."""

    bytes: int
    sha256: str


class RejectedRecord(msgspec.Struct, frozen=True):
    """A feature that was not kept; `reason` is a code of `modules.domain.reasons`."""

    layer: str
    id: str
    name: str
    reason: str


class LayerRecord(msgspec.Struct, frozen=True):
    """A layer: rows_in = rows + rejected. `added` and `removed` count ids against the predecessor."""

    rows_in: int
    rows: int
    rejected: int
    pages: int
    repaired: list[str]
    extra_columns: list[str]
    added: int | None = None
    removed: int | None = None


class Doubt(msgspec.Struct, frozen=True):
    """Why a snapshot was held back: `what` (`rows` or `hectares`) of `layer` fell from `before` to `now`."""

    layer: str
    what: str
    before: float
    now: float


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot says of itself. Hectares are geodesic unless named otherwise; times are UTC."""

    format_version: int = FORMAT_VERSION
    software: str
    id: str
    #: Counts up within a season, so that the order survives a clock that was set back.
    sequence: int
    environment: str
    season: str
    #: Ids of the farms that were asked for; empty means all.
    farms: list[str]
    source: str
    run_id: str
    who: str
    started_at: datetime
    finished_at: datetime
    counts: dict[str, int]
    farms_count: int
    hectares: float
    portal_hectares: float
    #: West, south, east, north in degrees around everything; null for an empty snapshot.
    bounds: tuple[float, float, float, float] | None
    layers: dict[str, LayerRecord]
    rejected: list[RejectedRecord]
    predecessor: str | None = None
    held_back: list[Doubt] = []
    files: dict[str, FileRecord]

    @property
    def empty(self) -> bool:
        """Tell whether it holds no field at all."""
        return self.counts["lotes"] == 0

    def encode(self) -> bytes:
        """Write it as indented JSON, for people too."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


_decoder = msgspec.json.Decoder(Manifest)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot's folder. Raises SnapshotError when it is absent or damaged."""
    try:
        return _decoder.decode((folder / MANIFEST).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise SnapshotError(
            N_("The manifest of snapshot {snapshot} is missing or damaged. Its files were left as they are."),
            snapshot=folder.name,
        ) from error
