"""A source of shapes: from arrays in memory to the bytes of a tile.

Shapes stand in blocks of near ones, and a tile looks only at the blocks that touch it. What it draws is kept, so that
the same tile with another filter or other attributes costs little.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from modules.domain.names import NO_CROP
from modules.errors import RequestError
from modules.i18n import N_
from modules.tiles.clipping import clipped, moved_to_corner
from modules.tiles.columns import Column, described, numbered
from modules.tiles.directory import Directory
from modules.tiles.encoding import Attribute, encode_layer
from modules.tiles.grid import EXTENT, LARGEST_ZOOM, on_grid, shift_of
from modules.tiles.merging import Merged, SmallShapes, is_small, small_shapes, squares
from modules.tiles.ragged import Flags, Indexes, Kind, Ragged, joined
from modules.tiles.request import TileAddress, Wanted
from modules.tiles.shapes import Shapes

#: Shapes of a block: a thousand blocks of a million shapes are looked through in no time.
_BLOCK: Final = 1024
#: A polygon has a label from this on: the side of a square of its size, in units of the tile (14 pixels).
_LABELLED: Final = 112
#: Points have labels from this zoom on.
_POINTS_LABELLED: Final = 12
#: An ordered source of no more shapes is drawn shape by shape at every zoom, and its points have labels at all of them.
_WHOLE: Final = 10_000
_KEPT_FILTERS: Final = 16
FARM, CROP, NAME, IDENTITY = "campo_id", "cultivo", "name", "id"
_KINDS: Final = {Kind.POINT: "point", Kind.LINE: "line", Kind.POLYGON: "polygon"}


class VectorSource:
    """Shapes with attributes, kept in memory. Any number of threads may ask for tiles.

    shapes:   of n rows
    columns:  `id` and those that can be asked for, n rows each
    names:    what people call each row
    hectares: of each row, where they have any
    searched: the columns in which `search` looks, the foremost first
    ordered:  whether rows are drawn in their order, which matters where they lie on one another; if they are few, none
              of them are merged either
    apart:    a column; rows with other values of it are never merged, since they may be hidden without one another
    """

    def __init__(
        self,
        shapes: Shapes,
        columns: Mapping[str, Column],
        names: Column,
        *,
        hectares: NDArray[np.float64] | None = None,
        searched: Sequence[str] = (),
        ordered: bool = False,
        apart: str | None = None,
    ) -> None:
        self.shapes = shapes
        self.columns = columns
        self.names = names
        self.hectares = hectares
        self._ordered = ordered
        self._group = None if apart is None else columns[apart].code[shapes.ragged.shape].astype(np.int32)
        self._whole = ordered and len(shapes) <= _WHOLE
        self._directory = Directory(shapes, {**columns, NAME: names}, names, searched)
        first = np.arange(0, len(shapes), _BLOCK)
        bounds = shapes.bounds
        self._blocks = np.column_stack(
            [
                (np.minimum if edge < 2 else np.maximum).reduceat(bounds[:, edge], first)
                if len(first)
                else np.zeros(0, np.int32)
                for edge in range(4)
            ]
        )
        self._small: dict[int, dict[Kind, SmallShapes]] = {}
        self._drawn: OrderedDict[TileAddress, Ragged] = OrderedDict()
        self._drawn_bytes = 0
        self._filters: OrderedDict[tuple[frozenset[str], frozenset[str]], Flags] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.names.code)

    @property
    def nbytes(self) -> int:
        """Bytes of all that it holds, what was made for tiles included."""
        groups = 0 if self._group is None else self._group.nbytes
        held = groups + self.shapes.nbytes + self.names.nbytes + sum(each.nbytes for each in self.columns.values())
        with self._lock:
            filters = sum(each.nbytes for each in self._filters.values())
        return held + self._small_bytes + self._drawn_bytes + filters + self._directory.nbytes

    @property
    def _small_bytes(self) -> int:
        return sum(each.nbytes for of_zoom in list(self._small.values()) for each in of_zoom.values())

    def shed(self, most: int) -> None:
        """Forget what was made for tiles longest ago, until no more than `most` bytes of it are left."""
        with self._lock:
            while self._drawn and self._drawn_bytes > most:
                _at, gone = self._drawn.popitem(last=False)
                self._drawn_bytes -= gone.nbytes
            if not self._drawn and self._small_bytes > most:
                self._small.clear()

    def tile(self, at: TileAddress, wanted: Wanted) -> bytes:
        """Make a tile, not compressed; no bytes where nothing lies.

        Raises RequestError for a column or a filter that the source does not have.
        """
        columns = choose_columns({**self.columns, NAME: self.names}, wanted.columns)
        keep = self._keep(wanted)
        large, merged = self._large(at, keep), self._merged(at, keep)
        features = joined([moved_to_corner(large, at), *(moved_to_corner(drawn, at) for drawn, _count in merged)])
        if not len(features):
            return b""
        count = np.concatenate([np.full(len(large), -1), *(number for _drawn, number in merged)]).astype(np.int64)
        shape = features.shape
        if self._ordered:
            order = np.argsort(self._row(shape), kind="stable")
            features, shape, count = features.take(order), shape[order], count[order]
        row = self._row(shape)
        attributes = {name: column.taken(row) for name, column in columns.items()}
        if (count > 0).any():
            attributes |= {"n": _counts(count)}
        return encode_layer("shapes", features, row, attributes) + self._labels(shape[count < 0], at, columns)

    def info(self) -> dict[str, Any]:
        """Tell what a legend and a view need to know."""
        return self._info

    @cached_property
    def _info(self) -> dict[str, Any]:
        kinds = np.unique(self.shapes.ragged.kind)
        return {
            "rows": self.rows,
            "bounds": self._directory.bounds(),
            "minzoom": 0,
            "maxzoom": LARGEST_ZOOM,
            "kind": _KINDS[Kind(int(kinds[0]))] if len(kinds) == 1 else "mixed" if len(kinds) else "polygon",
            "columns": [
                described(name, column, self.hectares) for name, column in self.columns.items() if name != IDENTITY
            ],
        }

    def record(self, identity: str) -> dict[str, Any] | None:
        """Tell of the row of an id, as `Directory` does; None for no such row."""
        return self._directory.record(identity)

    def search(self, text: str, wanted: Wanted, /) -> list[dict[str, Any]]:
        """Find the rows of the chosen farms and crops that are like a text, best first."""
        return self._directory.search(text, self._keep(wanted))

    def _row(self, shape: Indexes) -> Indexes:
        return self.shapes.ragged.shape[shape]

    def _keep(self, wanted: Wanted) -> Flags | None:
        """Tell the rows of the chosen farms and crops; None for all."""
        if not wanted.farms and not wanted.crops:
            return None
        key = wanted.farms, wanted.crops
        with self._lock:
            if key in self._filters:
                self._filters.move_to_end(key)
                return self._filters[key]
        keep = np.ones(self.rows, bool)
        for name, chosen, nothing in ((FARM, wanted.farms, None), (CROP, wanted.crops, NO_CROP)):
            if not chosen:
                continue
            if name not in self.columns:
                raise RequestError(N_("What is shown here cannot be filtered by “{name}”."), name=name)
            keep &= self.columns[name].matching(chosen, nothing)
        with self._lock:
            self._filters[key] = keep
            while len(self._filters) > _KEPT_FILTERS:
                self._filters.popitem(last=False)
        return keep

    def _smalls(self, zoom: int) -> dict[Kind, SmallShapes]:
        if self._whole:
            return {}
        found = self._small.get(zoom)
        if found is None:  # made twice at worst, and the same
            small = is_small(self.shapes.bounds, zoom)
            found = self._small[zoom] = small_shapes(self.shapes, small, zoom, self._group)
        return found

    def _large(self, at: TileAddress, keep: Flags | None) -> Ragged:
        """Give the shapes of two pixels and more that touch a tile, on the grid of its zoom."""
        with self._lock:
            drawn = self._drawn.get(at)
            if drawn is not None:
                self._drawn.move_to_end(at)
        if drawn is None:
            drawn = self._draw(at)
            with self._lock:
                if at not in self._drawn:
                    self._drawn[at] = drawn
                    self._drawn_bytes += drawn.nbytes
        return drawn if keep is None else drawn.take(keep[self._row(drawn.shape)])

    def _draw(self, at: TileAddress) -> Ragged:
        near = np.repeat(_touching(self._blocks, at), _BLOCK)[: len(self.shapes)]
        shape = np.flatnonzero(near)
        bounds = self.shapes.bounds[shape]
        touching = _touching(bounds, at)
        shape = shape[touching if self._whole else touching & ~is_small(bounds, at.z)]
        return clipped(on_grid(replace(self.shapes.ragged.take(shape), shape=shape), at.z), at)

    def _merged(self, at: TileAddress, keep: Flags | None) -> list[tuple[Ragged, Indexes]]:
        """Give what stands for the small shapes of a tile, and for how many each."""
        found = []
        for kind, small in self._smalls(at.z).items():
            merged = small.of_tile(at, keep, self.shapes.ragged.shape)
            if len(merged.largest):
                found.append(self._stand_ins(kind, merged, at.z))
        return found

    def _stand_ins(self, kind: Kind, merged: Merged, zoom: int) -> tuple[Ragged, Indexes]:
        if kind is Kind.POLYGON:
            return squares(merged), merged.count
        # A point or a small line stands where it is; one that is alone is just itself.
        own = replace(self.shapes.ragged.take(merged.largest), shape=np.arange(len(merged.largest)))
        drawn = on_grid(own, zoom)
        count = np.where(merged.count > 1, merged.count, -1)[drawn.shape]
        return replace(drawn, shape=merged.largest[drawn.shape]), count

    def _labels(self, shape: Indexes, at: TileAddress, columns: Mapping[str, Column]) -> bytes:
        """Encode the labels of shapes that are large enough, each in the one tile where its point lies."""
        shift = shift_of(at.z)
        kind, area = self.shapes.ragged.kind[shape], self.shapes.area[shape]
        large = area >= float(_LABELLED << shift) ** 2
        shape = np.unique(shape[np.where(kind == Kind.POLYGON, large, self._whole or at.z >= _POINTS_LABELLED)])
        west, north = at.corner
        place = (self.shapes.label[shape] >> shift) - np.array([west, north])
        inside = ((place >= 0) & (place < EXTENT)).all(axis=1)
        shape, place = shape[inside], place[inside].astype(np.int32)
        row = self._row(shape)
        each = np.arange(len(shape) + 1)
        points = Ragged(
            shape,
            np.full(len(shape), Kind.POINT, np.uint8),
            each,
            np.zeros(len(shape), bool),
            each,
            place[:, 0],
            place[:, 1],
        )
        attributes = {name: column.taken(row) for name, column in ({NAME: self.names} | dict(columns)).items()}
        return encode_layer("labels", points, row, attributes)


def _touching(bounds: NDArray[np.int32], at: TileAddress) -> Flags:
    west, north, east, south = at.window
    return (bounds[:, 2] >= west) & (bounds[:, 0] <= east) & (bounds[:, 3] >= north) & (bounds[:, 1] <= south)


def _counts(count: Indexes) -> Attribute:
    """Give the numbers of fields where they are known."""
    attribute = numbered(count)
    return Attribute(np.where(count > 0, attribute.code, -1).astype(np.int32), attribute.values)


def choose_columns(columns: Mapping[str, Column], wanted: Sequence[str]) -> dict[str, Column]:
    """Give the columns that are wanted, the id before them. Raises RequestError for one that is not there."""
    unknown = next((name for name in wanted if name not in columns), None)
    if unknown is not None:
        raise unknown_column(unknown, columns)
    return {name: columns[name] for name in (IDENTITY, *wanted)}


def unknown_column(name: str, known: Iterable[str]) -> RequestError:
    """Say that a column is not there, and which are."""
    return RequestError(N_("There is no column “{name}” here. There are: {known}."), name=name, known=", ".join(known))
