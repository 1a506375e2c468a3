"""A source of H3 cells: at each zoom the parent cells that are some pixels wide, with what lies in them summed up."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from modules.domain.names import NO_CROP
from modules.errors import StorageError
from modules.h3_grid.cells import FINEST, Cells, middles, outlines_wkb, resolutions_of
from modules.h3_grid.grid import CELL, CELL_TEXT, FIELD_HECTARES
from modules.h3_grid.parents import NEEDED, PARENTS, parents
from modules.i18n import N_
from modules.tiles.clipping import clipped, moved_to_corner
from modules.tiles.columns import Column, described
from modules.tiles.directory import Directory
from modules.tiles.encoding import encode_layer
from modules.tiles.grid import EXTENT, LARGEST_ZOOM, PIXEL, rounded, shift_of
from modules.tiles.mercator import WORLD, project, unproject
from modules.tiles.ragged import Kind, Ragged
from modules.tiles.request import TileAddress, Wanted
from modules.tiles.shapes import bounds_of, ragged_of_kind, shapes_of
from modules.tiles.vector import CROP, FARM, IDENTITY, unknown_column

#: How wide a cell is at least where it is drawn, in pixels at the middle latitudes where fields lie.
_LEAST_PIXELS: Final = 6
_COSINE: Final = 0.8
_GLOBE_M: Final = 40_075_017
#: Corners of a cell are at most so much further from its middle than a mean edge is long: cells differ by half.
_STRETCH: Final = 1.6
_KEPT_LEVELS: Final = 24
#: What can be asked for.
COLUMNS: Final = (IDENTITY, *(name for name in PARENTS.names if name != CELL_TEXT))
#: Where it stands in `PARENTS`: programs know a cell by its text, for it has more digits than a number may have.
_STORED: Final = {IDENTITY: CELL_TEXT, CELL: CELL_TEXT}
_TEXTS: Final = ("lote_id", FARM, "campo", CROP)
_LEAST_COSINE: Final = 0.05


def resolution_of(zoom: int, finest: int) -> int:
    """Tell the resolution to draw at a zoom: the finest of the grid whose cells are some pixels wide."""
    pixel_m = _GLOBE_M * _COSINE / (EXTENT // PIXEL << zoom)
    for resolution in range(min(finest, FINEST), 0, -1):
        if float(h3.average_hexagon_edge_length(resolution, unit="m")) * 2 >= _LEAST_PIXELS * pixel_m:
            return resolution
    return 0


@dataclass(frozen=True)
class _Level:
    """The cells of a resolution with their sums, as `PARENTS` has them.

    middle: (n, 2) units of the world; reach: (n,) how far its corners are from it at most
    """

    cells: Cells
    table: pa.Table
    middle: NDArray[np.int32]
    reach: NDArray[np.int32]

    def columns(self, names: Sequence[str], rows: NDArray[np.integer] | None = None) -> dict[str, Column]:
        """Give columns of some rows, or of all. Raises RequestError for one that is not there."""
        unknown = next((name for name in names if name not in COLUMNS), None)
        if unknown is not None:
            raise unknown_column(unknown, COLUMNS)
        table = self.table if rows is None else self.table.take(pa.array(rows))
        return {name: Column.of(table[_STORED.get(name, name)]) for name in names}

    def record(self, cell: int) -> dict[str, Any] | None:
        """Tell of a cell; its outline alone is made."""
        rows = np.flatnonzero(self.cells == cell)
        if not len(rows):
            return None
        columns = self.columns(COLUMNS, rows)
        shapes = shapes_of([shapely.from_wkb(outlines_wkb(self.cells[rows]).to_numpy(zero_copy_only=False))])
        return Directory(shapes, columns, columns[IDENTITY], ()).record(h3.int_to_str(cell))

    @property
    def nbytes(self) -> int:
        """Bytes of what it holds."""
        return int(self.cells.nbytes + self.table.nbytes + self.middle.nbytes + self.reach.nbytes)


class CellSource:
    """A grid in memory. table: `NEEDED` and `campo_id`, n > 0 rows of one resolution or its short form."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._finest = int(resolutions_of(table[CELL].to_numpy()).min()) if len(table) else 0
        self._levels: OrderedDict[tuple[int, frozenset[str], frozenset[str]], _Level] = OrderedDict()
        self._making: dict[object, threading.Lock] = {}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of all that it holds."""
        with self._lock:
            levels = list(self._levels.values())
        return int(self._table.nbytes) + sum(level.nbytes for level in levels)

    def shed(self, most: int) -> None:
        """Forget what was summed up longest ago, until no more than `most` bytes of it are left."""
        with self._lock:
            while self._levels and sum(level.nbytes for level in self._levels.values()) > most:
                self._levels.popitem(last=False)

    def tile(self, at: TileAddress, wanted: Wanted) -> bytes:
        """Make a tile with every cell that touches it or its buffer. Raises RequestError for an unknown column."""
        level = self._level(resolution_of(at.z, self._finest), wanted)
        west, north, east, south = at.window
        x, y, reach = level.middle[:, 0], level.middle[:, 1], level.reach
        near = np.flatnonzero((x + reach >= west) & (x - reach <= east) & (y + reach >= north) & (y - reach <= south))
        if not len(near):
            return b""
        drawn = _drawn(level.cells[near], near, at)
        if not len(drawn):
            return b""
        drawn = clipped(drawn, at)
        every = np.arange(len(drawn))
        columns = level.columns((IDENTITY, *wanted.columns), drawn.shape)
        attributes = {name: column.taken(every) for name, column in columns.items()}
        return encode_layer("shapes", moved_to_corner(drawn, at), drawn.shape, attributes)

    def info(self) -> dict[str, Any]:
        """Tell what a legend and a view need to know; columns are those of the finest cells."""
        return self._info

    @cached_property
    def _info(self) -> dict[str, Any]:
        level = self._level(self._finest, Wanted())
        hectares = level.table[FIELD_HECTARES].to_numpy()
        return {
            "rows": len(level.cells),
            "bounds": _bounds(level),
            "minzoom": 0,
            "maxzoom": LARGEST_ZOOM,
            "kind": "polygon",
            "columns": [
                described(name, column, hectares)
                for name, column in level.columns([each for each in COLUMNS if each not in _STORED]).items()
            ],
        }

    def record(self, identity: str) -> dict[str, Any] | None:
        """Tell of a cell of any resolution that is drawn; None for another."""
        if not h3.is_valid_cell(identity):
            return None
        resolution = h3.get_resolution(identity)
        if resolution > self._finest:
            return None
        return self._level(resolution, Wanted()).record(h3.str_to_int(identity))

    def search(self, _text: str, _wanted: Wanted, /) -> list[dict[str, Any]]:
        """Find nothing: cells have no names, and what lies in them is found among the fields."""
        return []

    def _level(self, resolution: int, wanted: Wanted) -> _Level:
        key = resolution, wanted.farms, wanted.crops
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:  # who comes while it is made waits for it
            with self._lock:
                level = self._levels.get(key)
                if level is not None:
                    self._levels.move_to_end(key)
                    self._making.pop(key, None)
                    return level
            level = _level_of(self._chosen(wanted), resolution)
            with self._lock:
                self._levels[key] = level
                self._making.pop(key, None)
                while len(self._levels) > _KEPT_LEVELS:
                    self._levels.popitem(last=False)
        return level

    def _chosen(self, wanted: Wanted) -> pa.Table:
        table = self._table
        if wanted.farms:
            table = table.filter(pc.is_in(table[FARM], value_set=pa.array(sorted(wanted.farms), pa.string())))
        if wanted.crops:
            known = pc.is_in(table[CROP], value_set=pa.array(sorted(wanted.crops), pa.string()))
            if NO_CROP in wanted.crops:
                known = pc.or_(known, pc.is_null(table[CROP]))
            table = table.filter(known)
        return table


def _level_of(table: pa.Table, resolution: int) -> _Level:
    summed = parents(table.select(list(NEEDED)), resolution)
    cells = summed[CELL].to_numpy()
    degrees = middles(cells) if len(cells) else np.zeros((0, 2))
    cosine = np.maximum(np.cos(np.radians(degrees[:, 1])), _LEAST_COSINE)
    edge_m = float(h3.average_hexagon_edge_length(resolution, unit="m"))
    reach = (edge_m * _STRETCH / _GLOBE_M * WORLD / cosine).astype(np.int32)
    return _Level(cells, summed, project(degrees), reach)


def _drawn(cells: Cells, numbers: NDArray[np.int64], at: TileAddress) -> Ragged:
    """Draw cells on the grid of a tile's zoom, those that touch it or its buffer. None is smaller than some pixels."""
    outlines = shapely.from_wkb(outlines_wkb(cells).to_numpy(zero_copy_only=False))
    world = ragged_of_kind(outlines, numbers, Kind.POLYGON, lambda degrees, *_of: project(degrees))
    west, north, east, south = bounds_of(world).T
    a, b, c, d = at.window
    touching = (east >= a) & (west <= c) & (south >= b) & (north <= d)
    world = world.take(touching)
    shift = shift_of(at.z)
    return Ragged(
        world.shape,
        world.kind,
        world.rings,
        world.hole,
        world.starts,
        rounded(world.x, shift),
        rounded(world.y, shift),
    )


def _bounds(level: _Level) -> list[float] | None:
    if not len(level.cells):
        return None
    reach = level.reach[:, np.newaxis]
    west, north = (float(each) for each in (level.middle - reach).min(axis=0))
    east, south = (float(each) for each in (level.middle + reach).max(axis=0))
    return [round(each, 7) for each in (*unproject(west, south), *unproject(east, north))]


def load_cells(path: Path) -> CellSource:
    """Read a grid's file. Raises StorageError for one that cannot be read."""
    columns = list(dict.fromkeys([*NEEDED, FARM]))
    try:
        table = pq.read_table(path, columns=columns, read_dictionary=list(_TEXTS)).unify_dictionaries()
    except (OSError, pa.ArrowException, KeyError) as error:
        raise StorageError(
            N_("The grid “{file}” cannot be read. Make it again, or choose another one."), file=path.name
        ) from error
    return CellSource(table)
