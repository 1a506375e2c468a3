"""Markers and samples in the rows of a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.domain.layers import SAMPLE_POINT
from modules.geometry.batches import Geometries
from modules.h3_grid.cells import Cells
from modules.h3_grid.weights import Indexes


@dataclass(frozen=True, slots=True)
class Points:
    """Points of the fields of a grid. owner: shape (k,), the index of the field of each; sample: whether it is one."""

    geometry: Geometries
    owner: Indexes
    sample: np.ndarray


def points_of(table: pa.Table, geometry: Geometries, field_ids: pa.Array, fields: Geometries) -> Points:
    """Give each marker its field: the one that it names, else the one that it lies in; others are left out.

    table, geometry: the layer of markers; field_ids, fields: the fields of the grid, shape (n,)
    """
    owner = pc.index_in(table["lote_id"].combine_chunks(), value_set=field_ids)
    owner = owner.fill_null(-1).to_numpy().astype(np.int64)
    unnamed = np.flatnonzero(table["lote_id"].is_null().to_numpy())
    found, field = shapely.STRtree(fields).query(geometry[unnamed], predicate="intersects")
    # On the boundary of two fields it lies in both: the first one has it.
    first, place = np.unique(found, return_index=True)
    owner[unnamed[first]] = field[place]
    known = owner >= 0
    sample = pc.equal(table["tipo"], SAMPLE_POINT).to_numpy()
    return Points(geometry[known], owner[known], sample[known])


def rows_of_points(points: Points, cells: Cells, owner: Indexes, resolution: int) -> Indexes:
    """Find the row of each point: that of its cell and its field; -1 where its field has no part in that cell.

    cells, owner: shape (n,), the rows of the grid sorted by cell, then by owner
    """
    from h3ronpy.vector import coordinates_to_cells

    lon, lat = shapely.get_coordinates(points.geometry).reshape(-1, 2).T.copy()
    wanted = pa.array(coordinates_to_cells(lat, lon, resolution)).to_numpy()
    return find_rows(wanted, points.owner, cells, owner)


def find_rows(wanted: Cells, wanted_owner: Indexes, cells: Cells, owner: Indexes) -> Indexes:
    """Find pairs of a cell and an owner among rows sorted by both; -1 for one that is not there."""
    if len(cells) == 0:
        return np.full(len(wanted), -1)
    each, rank = np.unique(cells, return_inverse=True)
    stride = int(max(owner.max(), wanted_owner.max(initial=0))) + 1
    keys = rank * stride + owner
    place = np.minimum(np.searchsorted(each, wanted), len(each) - 1)
    wanted_keys = place * stride + wanted_owner
    row = np.minimum(np.searchsorted(keys, wanted_keys), len(keys) - 1)
    return np.where((each[place] == wanted) & (keys[row] == wanted_keys), row, -1)
