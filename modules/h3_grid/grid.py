"""The grid as a table: a row for each cell of each field, and one for each cell of each zone.

Hectares add up: the parts of a field in its cells are measured one by one, then all of them are multiplied by one
factor for each field, so that their sum is the own hectares of it. That makes up for rounding, and for the edges
that H3 finds its cells by, straight in degrees, while areas are measured between edges straight on an equal-area plane:
a part in a million of a field of some kilometres. A factor further from 1 than 0.1 % would be an error of ours and
raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from modules.errors import GeometryError
from modules.geometry.batches import Geometries
from modules.geometry.measures import Floats, measure_polygons
from modules.h3_grid.cells import Cells, outlines, texts_of
from modules.h3_grid.fill import Fill, fill, require_placeable
from modules.h3_grid.points import points_of, rows_of_points
from modules.h3_grid.weights import Indexes, Weights, Zones, sums, weigh
from modules.i18n import N_
from modules.snapshots.layers import HECTARES, CheckedLayer

#: How far the parts of a field may be from the whole before they are scaled.
TOLERANCE: Final = 1e-3
#: Below this, a millionth of a hectare or a square decimetre, digits of degrees decide, and no part of it is wrong.
_NEGLIGIBLE_HA: Final = 1e-6

CELL: Final = "h3"
CELL_TEXT: Final = "h3_texto"
CELL_HECTARES: Final = "celda_ha"
FIELD_HECTARES: Final = "superficie_ha"
FIELD_SHARE: Final = "parte_lote"
ZONE_SHARE: Final = "parte_ambiente"
SAMPLES: Final = "muestreos"
MARKERS: Final = "marcadores"


def _column(name: str, kind: pa.DataType, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


_CELL: Final = (_column(CELL, pa.uint64()), _column(CELL_TEXT, pa.string()))
_FIELD: Final = (
    _column("lote_id", pa.string()),
    _column("lote", pa.string()),
    _column("campo_id", pa.string()),
    _column("campo", pa.string()),
)

#: Rows of a grid, sorted by cell, then by field.
#:
#: celda_ha         the whole cell
#: superficie_ha    hectares of the field in it; of one field they add up to its geodesic hectares
#: parte_lote       share of the cell's area inside the field: exactly 1 where it lies wholly inside
#: ambiente_id, ambiente, parte_ambiente    the zone with most of the cell inside the field, and the share of the
#:                  cell's area inside both; null where no zone is
#: muestreos, marcadores    samples and other markers of the field in the cell
GRID: Final = pa.schema(
    [
        *_CELL,
        *_FIELD,
        _column("campania", pa.string()),
        _column("cultivo", pa.string(), nullable=True),
        _column(CELL_HECTARES, pa.float64()),
        _column(FIELD_HECTARES, pa.float64()),
        _column(FIELD_SHARE, pa.float64()),
        _column("ambiente_id", pa.string(), nullable=True),
        _column("ambiente", pa.string(), nullable=True),
        _column(ZONE_SHARE, pa.float64(), nullable=True),
        _column(SAMPLES, pa.int32()),
        _column(MARKERS, pa.int32()),
    ]
)

#: Rows of a cell and a zone: all zones of each cell, where a row of `GRID` tells the largest. `superficie_ha` are the
#: hectares of the field in the cell and the zone, `parte_ambiente` as in `GRID`.
ZONE_GRID: Final = pa.schema(
    [
        *_CELL,
        _column("ambiente_id", pa.string()),
        _column("ambiente", pa.string()),
        *_FIELD,
        _column(FIELD_HECTARES, pa.float64()),
        _column(ZONE_SHARE, pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid over fields.

    cells:           `GRID`
    zones:           `ZONE_GRID`
    largest_error:   how far the parts of a field were from the whole at most, before they were scaled (0.001 = 0.1 %)
    points_outside:  markers whose field has no part in the cell that they lie in
    """

    resolution: int
    cells: pa.Table
    zones: pa.Table
    largest_error: float
    points_outside: int


def _nobody_listens(_done: int, _total: int) -> None:
    pass


def build_grid(
    fields: CheckedLayer,
    zones: CheckedLayer,
    markers: CheckedLayer,
    resolution: int,
    *,
    on_part: Callable[[int, int], None] = _nobody_listens,
) -> Grid:
    """Make the grid of fields, with those of the zones and markers that are theirs.

    on_part: told how many parts of the work are done, and their number
    Raises GeometryError for fields that cannot be put on a grid, before H3 sees any of them.
    """
    names = fields.table["lote"].to_pylist()
    require_placeable(fields.geometry, names)
    field_ids = fields.table["id"].combine_chunks()
    of_fields, zone_rows = _zones_of(zones, field_ids)
    filled = with_every_field(fill(fields.wkb, resolution), fields.geometry, resolution)
    weights = weigh(filled, fields.geometry, of_fields, on_part=on_part)
    rows = _rows(weights, fields, resolution)
    points = points_of(markers.table, markers.geometry, field_ids, fields.geometry)
    row_of_point = rows_of_points(points, rows.cells, rows.owner, resolution)
    counts = [_counts(row_of_point[points.sample == sample], len(rows.cells)) for sample in (True, False)]
    zone_table = zones.table.take(zone_rows)
    return Grid(
        resolution,
        cells=_cell_table(rows, fields.table, zone_table, counts),
        zones=_zone_table(rows, fields.table, zone_table),
        largest_error=rows.largest_error,
        points_outside=int((row_of_point < 0).sum()),
    )


def with_every_field(filled: Fill, geometry: Geometries, resolution: int) -> Fill:
    """Give a field without any cell the one that a point inside it lies in."""
    empty = np.flatnonzero(filled.counts == 0)
    if len(empty) == 0:
        return filled
    counts = filled.counts.copy()
    counts[empty] = 1
    owner = np.concatenate([filled.owner, empty])
    cells = np.concatenate([filled.cells, _cells_inside(geometry[empty], resolution)])
    order = np.argsort(owner, kind="stable")
    return Fill(cells[order], owner[order], counts)


def _cells_inside(geometry: Geometries, resolution: int) -> Cells:
    from h3ronpy.vector import coordinates_to_cells

    lon, lat = shapely.get_coordinates(shapely.point_on_surface(geometry)).T.copy()
    cells: Cells = pa.array(coordinates_to_cells(lat, lon, resolution)).to_numpy()
    return cells


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a grid sorted by cell and field, with hectares that add up; `row`, `zone`, … are the overlaps."""

    cells: Cells
    owner: Indexes
    cell_ha: Floats
    hectares: Floats
    share: Floats
    row: Indexes
    zone: Indexes
    zone_hectares: Floats
    zone_share: Floats
    largest_error: float


def _rows(weights: Weights, fields: CheckedLayer, resolution: int) -> _Rows:
    field_ha = fields.table[HECTARES].to_numpy()
    weights = _without_touches(_with_slivers(weights, fields.geometry, field_ha, resolution))
    found = sums(weights.owner, weights.inside_ha, len(field_ha))
    largest = _largest_error(found, field_ha, fields.table["lote"].to_pylist())
    factor = np.divide(field_ha, found, out=np.zeros(len(found)), where=found > 0)
    order = np.lexsort((weights.owner, weights.cells))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    scaled = weights.zone_ha * factor[weights.owner[weights.row]]
    zone_share = weights.zone_ha / weights.cell_ha[weights.row]
    return _Rows(
        cells=weights.cells[order],
        owner=weights.owner[order],
        cell_ha=weights.cell_ha[order],
        hectares=(weights.inside_ha * factor[weights.owner])[order],
        share=(weights.inside_ha / weights.cell_ha)[order],
        row=place[weights.row],
        zone=weights.zone,
        zone_hectares=scaled,
        zone_share=zone_share,
        largest_error=largest,
    )


def _with_slivers(weights: Weights, geometry: Geometries, field_ha: Floats, resolution: int) -> Weights:
    """Give a field too thin to be intersected the cell of a point inside it, which then has all of its hectares."""
    found = sums(weights.owner, weights.inside_ha, len(field_ha))
    lost = np.flatnonzero(found <= 0)
    if len(lost) == 0:
        return weights
    cells = _cells_inside(geometry[lost], resolution)
    cell_ha = measure_polygons(outlines(cells)).hectares
    # Whatever it is, it is its field's only part and scaled to it; nothing would leave its row out.
    least = np.finfo(float).tiny
    added = Weights(
        cells, lost, cell_ha, np.maximum(field_ha[lost], least), *(np.empty(0, int),) * 2, zone_ha=np.empty(0)
    )
    return Weights.joined([weights, added])


def _without_touches(weights: Weights) -> Weights:
    """Leave out cells that share a point or a line with their field, and no area. No overlap has such a row."""
    kept = weights.inside_ha > 0
    place = np.cumsum(kept) - 1
    return Weights(
        weights.cells[kept],
        weights.owner[kept],
        weights.cell_ha[kept],
        weights.inside_ha[kept],
        place[weights.row],
        weights.zone,
        weights.zone_ha,
    )


def _largest_error(found: Floats, expected: Floats, names: Sequence[str]) -> float:
    off = np.abs(found - expected)
    relative = np.divide(off, expected, out=np.zeros(len(off)), where=off > _NEGLIGIBLE_HA)
    largest = float(relative.max(initial=0.0))
    if largest > TOLERANCE:
        raise GeometryError(
            N_(
                "The cells of {name} do not add up to its hectares. No grid was written. Leave its farm out, and tell "
                "whoever maintains the system."
            ),
            name=names[int(np.argmax(relative))],
        )
    return largest


def _zones_of(zones: CheckedLayer, field_ids: pa.Array) -> tuple[Zones, NDArray[np.int64]]:
    """Give the zones of the fields, those of each field together, and the row of each in its layer."""
    owner = pc.index_in(zones.table["lote_id"].combine_chunks(), value_set=field_ids).fill_null(-1).to_numpy()
    rows = np.flatnonzero(owner >= 0)
    rows = rows[np.argsort(owner[rows], kind="stable")]
    return Zones(zones.geometry[rows], owner[rows].astype(np.int64)), rows


def _counts(rows: Indexes, count: int) -> NDArray[np.int32]:
    return np.bincount(rows[rows >= 0], minlength=count).astype(np.int32)


def _cell_table(rows: _Rows, fields: pa.Table, zones: pa.Table, counts: list[NDArray[np.int32]]) -> pa.Table:
    zone, share = _largest_zones(rows)
    known = pa.array(zone, mask=zone < 0)
    columns = [
        pa.array(rows.cells),
        texts_of(rows.cells),
        *_taken(fields, pa.array(rows.owner), ("id", "lote", "campo_id", "campo", "campania", "cultivo")),
        pa.array(rows.cell_ha),
        pa.array(rows.hectares),
        pa.array(rows.share),
        *_taken(zones, known, ("id", "ambiente")),
        pa.array(share, mask=zone < 0),
        *map(pa.array, counts),
    ]
    return pa.table(columns, schema=GRID)


def _zone_table(rows: _Rows, fields: pa.Table, zones: pa.Table) -> pa.Table:
    order = np.lexsort((rows.zone, rows.row))
    row, zone = rows.row[order], rows.zone[order]
    cells = rows.cells[row]
    columns = [
        pa.array(cells),
        texts_of(cells),
        *_taken(zones, pa.array(zone), ("id", "ambiente")),
        *_taken(fields, pa.array(rows.owner[row]), ("id", "lote", "campo_id", "campo")),
        pa.array(rows.zone_hectares[order]),
        pa.array(rows.zone_share[order]),
    ]
    return pa.table(columns, schema=ZONE_GRID)


def _largest_zones(rows: _Rows) -> tuple[Indexes, Floats]:
    """Tell for each row the zone with most of it, -1 where there is none, and its share of the cell."""
    zone, share = np.full(len(rows.cells), -1), np.zeros(len(rows.cells))
    # What is written last stays: the largest share, of equal ones the zone that comes first.
    order = np.lexsort((-rows.zone, rows.zone_share))
    zone[rows.row[order]] = rows.zone[order]
    share[rows.row[order]] = rows.zone_share[order]
    return zone, share


def _taken(table: pa.Table, rows: pa.Array, names: Sequence[str]) -> list[pa.ChunkedArray]:
    return [table[name].combine_chunks().take(rows) for name in names]
