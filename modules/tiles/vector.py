"""A source of shapes: from arrays in memory to the bytes of a tile.

Shapes stand in blocks of near ones. A tile looks only at the blocks that touch it, and what a block looks like on the
grid of a zoom is kept, so that the neighbours of a tile cost little.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.domain.names import NO_CROP
from modules.errors import RequestError
from modules.i18n import N_
from modules.tiles.columns import Column, described, numbered
from modules.tiles.directory import Directory
from modules.tiles.encoding import Attribute, encode_layer
from modules.tiles.grid import EXTENT, LARGEST_ZOOM, on_grid, ragged_of, shift_of, snapped
from modules.tiles.merging import Merged, SmallShapes, is_small, small_shapes, squares
from modules.tiles.ragged import EMPTY, Flags, Indexes, Kind, Ragged, joined
from modules.tiles.request import BUFFER, TileAddress, Wanted
from modules.tiles.shapes import Shapes, geometries_of

#: Shapes of a block: enough that a pass over all their vertices costs more than the call, and little beside a tile.
_BLOCK: Final = 1024
#: What reaches further beyond the edge of a tile is cut off; what reaches less far stays whole, without a false edge.
_REACH: Final = EXTENT // 2
#: A polygon has a label from this on: the side of a square of its size, in units of the tile (14 pixels).
_LABELLED: Final = 112
#: Points have labels from this zoom on.
_POINTS_LABELLED: Final = 12
_KEPT_FILTERS: Final = 16
FARM, CROP, NAME, IDENTITY = "campo_id", "cultivo", "name", "id"
_KINDS: Final = {Kind.POINT: "point", Kind.LINE: "line", Kind.POLYGON: "polygon"}


class _Level:
    """A zoom: the small shapes of all the source, and the blocks of the others as far as they were looked at."""

    def __init__(self, shapes: Shapes, zoom: int) -> None:
        small = is_small(shapes, zoom)
        self.large = ~small
        self.small: dict[Kind, SmallShapes] = small_shapes(shapes, small, zoom)
        first = np.arange(0, len(shapes), _BLOCK)
        self.any_large = np.add.reduceat(self.large, first, dtype=np.int64) > 0 if len(first) else np.zeros(0, bool)

    @property
    def nbytes(self) -> int:
        return self.large.nbytes + sum(each.nbytes for each in self.small.values())


class VectorSource:
    """Shapes with attributes, kept in memory. Any number of threads may ask for tiles.

    shapes:   of n rows
    columns:  `id` and those that can be asked for, n rows each
    names:    what people call each row
    hectares: of each row, where they have any
    searched: the columns in which `search` looks, the foremost first
    ordered:  whether rows are drawn in their order, which matters where they lie on one another
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
    ) -> None:
        self.shapes = shapes
        self.columns = columns
        self.names = names
        self.hectares = hectares
        self._ordered = ordered
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
        self._levels: dict[int, _Level] = {}
        self._on_grid: OrderedDict[tuple[int, int], Ragged] = OrderedDict()
        self._on_grid_bytes = 0
        self._filters: OrderedDict[tuple[frozenset[str], frozenset[str]], Flags] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.names.code)

    @property
    def nbytes(self) -> int:
        """Bytes of all that it holds, what was made for tiles included."""
        held = self.shapes.nbytes + self.names.nbytes + sum(each.nbytes for each in self.columns.values())
        return held + sum(each.nbytes for each in list(self._levels.values())) + self._on_grid_bytes

    def shed(self, most: int) -> None:
        """Forget what was made for tiles longest ago, until no more than `most` bytes of it are left."""
        with self._lock:
            while self._on_grid and self._on_grid_bytes > most:
                _key, gone = self._on_grid.popitem(last=False)
                self._on_grid_bytes -= gone.nbytes
            if not self._on_grid and sum(each.nbytes for each in self._levels.values()) > most:
                self._levels.clear()

    def tile(self, at: TileAddress, wanted: Wanted) -> bytes:
        """Make a tile, not compressed; no bytes where nothing lies.

        Raises RequestError for a column or a filter that the source does not have.
        """
        columns = self._wanted(wanted)
        keep = self._keep(wanted)
        large, merged = self._large(at, keep), self._merged(at, keep)
        features = joined([_to_corner(large, at), *(_to_corner(drawn, at) for drawn, _count in merged)])
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

    def search(self, text: str) -> list[dict[str, Any]]:
        """Find the rows that are like a text, best first."""
        return self._directory.search(text)

    def _row(self, shape: Indexes) -> Indexes:
        return self.shapes.ragged.shape[shape]

    def _wanted(self, wanted: Wanted) -> dict[str, Column]:
        unknown = [name for name in wanted.columns if name not in self.columns and name != NAME]
        if unknown:
            raise RequestError(
                N_("There is no column “{name}” here. There are: {known}."),
                name=unknown[0],
                known=", ".join(self.columns),
            )
        names = {NAME: self.names} if NAME in wanted.columns else {}
        return (
            {IDENTITY: self.columns[IDENTITY]}
            | names
            | {name: self.columns[name] for name in wanted.columns if name in self.columns}
        )

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

    def _level(self, zoom: int) -> _Level:
        level = self._levels.get(zoom)
        if level is None:  # made twice at worst, and the same
            level = self._levels[zoom] = _Level(self.shapes, zoom)
        return level

    def _large(self, at: TileAddress, keep: Flags | None) -> Ragged:
        """Give the shapes of two pixels and more that touch a tile, on the grid of its zoom."""
        level = self._level(at.z)
        near = np.flatnonzero(_touching(self._blocks, at) & level.any_large)
        return _clipped(joined([self._chosen(int(block), level, at, keep) for block in near]), self.shapes, at)

    def _chosen(self, block: int, level: _Level, at: TileAddress, keep: Flags | None) -> Ragged:
        shapes = self._block(block, level, at.z)
        chosen = _touching(self.shapes.bounds[shapes.shape], at)
        if keep is not None:
            chosen &= keep[self._row(shapes.shape)]
        return shapes if chosen.all() else shapes.take(chosen)

    def _block(self, block: int, level: _Level, zoom: int) -> Ragged:
        key = zoom, block
        with self._lock:
            found = self._on_grid.get(key)
            if found is not None:
                self._on_grid.move_to_end(key)
                return found
        first, last = block * _BLOCK, min((block + 1) * _BLOCK, len(self.shapes))
        shapes = replace(self.shapes.ragged.slice(first, last), shape=np.arange(first, last))
        large = level.large[first:last]
        made = on_grid(shapes if large.all() else shapes.take(large), zoom)
        with self._lock:
            if key not in self._on_grid:
                self._on_grid[key] = made
                self._on_grid_bytes += made.nbytes
        return made

    def _merged(self, at: TileAddress, keep: Flags | None) -> list[tuple[Ragged, Indexes]]:
        """Give what stands for the small shapes of a tile, and for how many each."""
        found = []
        for kind, small in self._level(at.z).small.items():
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
        shape = np.unique(shape[np.where(kind == Kind.POLYGON, large, at.z >= _POINTS_LABELLED)])
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


def _to_corner(shapes: Ragged, at: TileAddress) -> Ragged:
    """Move shapes from the grid of the zoom to that of a tile."""
    x, y = at.corner
    return replace(shapes, x=shapes.x - np.int32(x), y=shapes.y - np.int32(y))


def _clipped(large: Ragged, shapes: Shapes, at: TileAddress) -> Ragged:
    """Cut off what reaches far beyond a tile."""
    if not len(large):
        return EMPTY
    (x, y), shift = at.corner, shift_of(at.z)
    west, north, east, south = (shapes.bounds[large.shape] >> shift).T
    far = (west < x - _REACH) | (north < y - _REACH) | (east > x + EXTENT + _REACH) | (south > y + EXTENT + _REACH)
    far &= large.kind != Kind.POINT
    if not far.any():
        return large
    window = shapely.box(x - BUFFER, y - BUFFER, x + EXTENT + BUFFER, y + EXTENT + BUFFER)
    parts = [large.take(~far)]
    lines, polygons = (large.take(far & (large.kind == kind)) for kind in (Kind.LINE, Kind.POLYGON))
    if len(lines):
        within = shapely.intersection(geometries_of(lines), window, grid_size=1.0)
        parts.append(ragged_of(within, lines.shape, Kind.LINE))
    if len(polygons):
        parts.append(snapped(shapely.intersection(geometries_of(polygons), window), polygons.shape))
    return joined(parts)


def _counts(count: Indexes) -> Attribute:
    """Give the numbers of fields where they are known."""
    attribute = numbered(count)
    return Attribute(np.where(count > 0, attribute.code, -1).astype(np.int32), attribute.values)
