"""Rows of a grid: the cells of each field, with hectares that add up to its own. Of all fields, or of some as a part.

Hectares add up: the parts of a field in its cells are measured one by one, then all of them are multiplied by one
factor for each field, so that their sum is the own hectares of it. That makes up for rounding, and for the edges
that H3 finds its cells by, straight in degrees, while areas are measured between edges straight on an equal-area plane:
a part in a million of a field of some kilometres. A factor further from 1 than 0.1 % would be an error of ours and
raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import pyarrow as pa
import shapely

from modules.errors import GeometryError
from modules.geometry.batches import Geometries
from modules.geometry.measures import Floats, measure_polygons
from modules.h3_grid.cells import Cells, outlines
from modules.h3_grid.fill import Fill, fill
from modules.h3_grid.weights import THREADS, Indexes, Weights, Zones, sums, weigh
from modules.i18n import N_

#: How far the parts of a field may be from the whole before they are scaled.
TOLERANCE: Final = 1e-3
#: Below this, a millionth of a hectare or a square decimetre, digits of degrees decide, and no part of it is wrong.
_NEGLIGIBLE_HA: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a grid sorted by cell and field; `row`, `zone`, … are the overlaps of a row and a zone."""

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

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put the rows of parts together and sort them, in whichever order the parts come."""
        before = np.cumsum([0, *(len(part.cells) for part in parts)])
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in (*_OF_ROWS, "zone", "zone_hectares", "zone_share")
        }
        row = np.concatenate([part.row + start for part, start in zip(parts, before, strict=False)])
        largest = max(part.largest_error for part in parts)
        return cls(row=row, largest_error=largest, **columns).sorted()

    def sorted(self) -> Self:
        """Sort rows by cell, then by field."""
        order = np.lexsort((self.owner, self.cells))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return replace(self, row=place[self.row], **{name: getattr(self, name)[order] for name in _OF_ROWS})


#: What each row of `Rows` has.
_OF_ROWS: Final = ("cells", "owner", "cell_ha", "hectares", "share")


@dataclass(frozen=True, slots=True)
class FieldsPart:
    """Fields next to each other in a grid, and their zones, as another process takes them.

    first, first_zone:  the index in the grid of the first field, and of the first zone
    fields, zones:      shape (n,) and (k,), ISO WKB in WGS84 lon/lat degrees
    hectares, names:    of the fields, shape (n,)
    zone_owner:         shape (k,), ascending: the index of the field of each, counted from `first`
    """

    resolution: int
    first: int
    first_zone: int
    fields: pa.Array
    zones: pa.Array
    hectares: Floats
    names: Sequence[str]
    zone_owner: Indexes


def rows_of_part(part: FieldsPart) -> Rows:
    """Make the rows of a part; fields and zones are numbered as in the whole grid. Raises GeometryError."""
    fields, zones = (shapely.from_wkb(each.to_numpy(zero_copy_only=False)) for each in (part.fields, part.zones))
    own = Zones(zones, part.zone_owner)
    rows = rows_of(part.resolution, fields, part.fields, part.hectares, part.names, own, threads=1)
    return replace(rows, owner=rows.owner + part.first, zone=rows.zone + part.first_zone)


def _nobody_listens(_done: int, _total: int) -> None:
    pass


def rows_of(
    resolution: int,
    geometry: Geometries,
    wkb: pa.Array,
    hectares: Floats,
    names: Sequence[str],
    zones: Zones,
    *,
    threads: int = THREADS,
    on_part: Callable[[int, int], None] = _nobody_listens,
) -> Rows:
    """Make the rows of fields that `require_placeable` let pass.

    geometry, wkb, hectares, names: of the fields, shape (n,); on_part: told how many parts of the weighing are done
    Raises GeometryError for a field whose cells do not add up to it, or on the antimeridian.
    """
    filled = with_every_field(fill(wkb, resolution), geometry, resolution)
    weights = weigh(filled, geometry, zones, threads=threads, on_part=on_part)
    weights = _without_touches(_with_slivers(weights, geometry, hectares, resolution))
    found = sums(weights.owner, weights.inside_ha, len(hectares))
    factor = np.divide(hectares, found, out=np.zeros(len(found)), where=found > 0)
    return Rows(
        cells=weights.cells,
        owner=weights.owner,
        cell_ha=weights.cell_ha,
        hectares=weights.inside_ha * factor[weights.owner],
        share=weights.inside_ha / weights.cell_ha,
        row=weights.row,
        zone=weights.zone,
        zone_hectares=weights.zone_ha * factor[weights.owner[weights.row]],
        zone_share=weights.zone_ha / weights.cell_ha[weights.row],
        largest_error=_largest_error(found, hectares, names),
    ).sorted()


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
