"""The grid as a table: a row for each cell of each field, and one for each cell of each zone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.domain.columns import HECTARES, PERIMETER
from modules.geometry.measures import Floats, PolygonMeasures
from modules.h3_grid.cells import texts_of
from modules.h3_grid.fill import require_placeable
from modules.h3_grid.points import points_of, rows_of_points
from modules.h3_grid.resolution import expected_cells, middle_of
from modules.h3_grid.rows import FieldsPart, Rows, rows_of, rows_of_part
from modules.h3_grid.weights import Indexes, Zones
from modules.snapshots.layers import CheckedLayer
from modules.spread import HERE, Spread, cut

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
    spread: Spread = HERE,
    on_part: Callable[[int, int], None] = _nobody_listens,
) -> Grid:
    """Make the grid of fields, with those of the zones and markers that are theirs.

    spread:  does the parts of the work, all of it here unless told otherwise; the grid is the same
    on_part: told how many parts of the work are done, and their number
    Raises GeometryError for fields that cannot be put on a grid, before H3 sees any of them.
    """
    require_placeable(fields.geometry, fields.table["lote"].to_pylist())
    field_ids = fields.table["id"].combine_chunks()
    owner, zone_rows = _zones_of(zones, field_ids)
    if spread.parts > 1:
        rows = _spread_rows(_cut(fields, zones, owner, zone_rows, resolution, spread.parts), spread, on_part)
    else:
        own = Zones(zones.geometry[zone_rows], owner)
        hectares, names = fields.table[HECTARES].to_numpy(), fields.table["lote"].to_pylist()
        rows = rows_of(resolution, fields.geometry, fields.wkb, hectares, names, own, on_part=on_part)
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


def _cut(
    fields: CheckedLayer, zones: CheckedLayer, owner: Indexes, zone_rows: Indexes, resolution: int, count: int
) -> list[FieldsPart]:
    """Cut the work of a grid into about `count` parts of about as many cells each."""
    measures = PolygonMeasures(fields.table[HECTARES].to_numpy(), fields.table[PERIMETER].to_numpy())
    runs = cut(expected_cells(measures, resolution, middle_of(fields.geometry)), count)
    names = fields.table["lote"].combine_chunks()
    parts = []
    for first, last in runs:
        first_zone, last_zone = np.searchsorted(owner, (first, last))
        rows = pa.array(np.arange(first, last))  # to take, not to slice: a slice is pickled with all that it is of
        parts.append(
            FieldsPart(
                resolution,
                first,
                int(first_zone),
                fields.wkb.take(rows),
                zones.wkb.take(pa.array(zone_rows[first_zone:last_zone])),
                measures.hectares[first:last],
                names.take(rows).to_pylist(),
                owner[first_zone:last_zone] - first,
            )
        )
    return parts


def _spread_rows(parts: Sequence[FieldsPart], spread: Spread, on_part: Callable[[int, int], None]) -> Rows:
    made = []
    with closing(spread(rows_of_part, parts)) as ready:
        for rows in ready:
            made.append(rows)
            on_part(len(made), len(parts))
    return Rows.joined(made)


def _zones_of(zones: CheckedLayer, field_ids: pa.Array) -> tuple[Indexes, Indexes]:
    """Tell the field of each zone that has one, those of each field together, and the row of each in its layer."""
    owner = pc.index_in(zones.table["lote_id"].combine_chunks(), value_set=field_ids).fill_null(-1).to_numpy()
    rows = np.flatnonzero(owner >= 0)
    rows = rows[np.argsort(owner[rows], kind="stable")]
    return owner[rows].astype(np.int64), rows


def _counts(rows: Indexes, count: int) -> NDArray[np.int32]:
    return np.bincount(rows[rows >= 0], minlength=count).astype(np.int32)


def _cell_table(rows: Rows, fields: pa.Table, zones: pa.Table, counts: list[NDArray[np.int32]]) -> pa.Table:
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


def _zone_table(rows: Rows, fields: pa.Table, zones: pa.Table) -> pa.Table:
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


def _largest_zones(rows: Rows) -> tuple[Indexes, Floats]:
    """Tell for each row the zone with most of it, -1 where there is none, and its share of the cell."""
    zone, share = np.full(len(rows.cells), -1), np.zeros(len(rows.cells))
    # What is written last stays: the largest share, of equal ones the zone that comes first.
    order = np.lexsort((-rows.zone, rows.zone_share))
    zone[rows.row[order]] = rows.zone[order]
    share[rows.row[order]] = rows.zone_share[order]
    return zone, share


def _taken(table: pa.Table, rows: pa.Array, names: Sequence[str]) -> list[pa.ChunkedArray]:
    return [table[name].combine_chunks().take(rows) for name in names]
