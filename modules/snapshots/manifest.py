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
    #: Which source exactly, with its address, for whoever looks after the system.
    source: str
    #: What people call it; empty in manifests of before there was one.
    source_name: str = ""
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
    def origin(self) -> str:
        """Name the source without its address, which is the company's own business: files that are sent say this."""
        return self.source_name or " ".join(word for word in self.source.split() if "://" not in word)

    @property
    def empty(self) -> bool:
        """Tell whether it holds no field at all."""
        return self.counts["lotes"] == 0

    def encode(self) -> bytes:
        """Write it as indented JSON, for people too."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


class _Format(msgspec.Struct):
    """All that is read of a manifest before it is known to be one that this version understands."""

    format_version: int = FORMAT_VERSION


_decoder = msgspec.json.Decoder(Manifest)
_format_decoder = msgspec.json.Decoder(_Format)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot's folder. Raises SnapshotError when it is absent, damaged or too new."""
    try:
        content = (folder / MANIFEST).read_bytes()
        _require_known_format(content, folder.name)
        return _decoder.decode(content)
    except (OSError, msgspec.DecodeError) as error:
        raise SnapshotError(
            N_("The manifest of snapshot {snapshot} is missing or damaged. Its files were left as they are."),
            snapshot=folder.name,
        ) from error


def _require_known_format(content: bytes, snapshot: str) -> None:
    if _format_decoder.decode(content).format_version > FORMAT_VERSION:
        raise SnapshotError(
            N_(
                "Snapshot {snapshot} was written by a newer version of Tranquera. Its files were left as they are. "
                "Install that version to use it."
            ),
            snapshot=snapshot,
        )
