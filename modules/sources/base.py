"""What every source of fields offers, whether a portal, files or an OGC API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from modules.domain.farm import Farm
from modules.domain.layers import Layer
from modules.domain.season import Season


class RawSink(Protocol):
    """Keeps what the source said, byte for byte. Called from one thread at a time for each layer."""

    def page(self, layer: Layer, number: int, body: bytes) -> None:
        """Keep page `number` (from 1) of `layer`."""

    def restart(self, layer: Layer) -> None:
        """Forget the pages of `layer`: the source changed while it was read and it is read again."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A feature that cannot be kept. `reason` is a stable code; the words for it stand in `modules.domain.reasons`."""

    layer: Layer
    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class FetchedLayer:
    """A layer as the source delivered it: nothing repaired, nothing dropped but identical duplicates.

    attributes: a table with exactly `COLUMNS[layer]`, rows sorted by `id`, ids unique
    geometry:   object array of shapely geometries in WGS84 lon/lat, same length; None where the source gave null.
                Coordinates may be NaN or out of range here: the check of a snapshot decides what happens to them.
    extra_columns: names the source sent beyond the contract; a warning, they are kept in the raw copy only
    """

    layer: Layer
    attributes: pa.Table
    geometry: np.ndarray
    pages: int
    extra_columns: Sequence[str] = field(default=())
    rejected: Sequence[Rejected] = field(default=())


class Source(Protocol):
    """Where fields come from. Every method raises PortalError when the source does not keep its contract."""

    #: What the manifest calls it, without secrets: `databaler https://portal.example`.
    label: str
    #: What people call it, in files that are sent: no address.
    name: str

    def close(self) -> None:
        """Give its connections back. What other threads are fetching ends with an error, soon."""

    def is_simulator(self) -> bool:
        """Tell whether the source serves invented data; production refuses it."""

    def seasons(self) -> list[Season]:
        """List the seasons the source knows, newest first."""

    def farms(self) -> list[Farm]:
        """List the farms, by name."""

    def fetch(
        self,
        layer: Layer,
        season: Season,
        farms: Sequence[str],
        *,
        raw: RawSink,
        on_page: Callable[[int, int], None],
    ) -> FetchedLayer:
        """Fetch a whole layer of a season.

        farms: ids; empty means all. `on_page(done, total)` is called as pages arrive. Raises PortalError.
        """
