"""Layers of a snapshot to make grids of, without a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from modules.domain.layers import Layer
from modules.domain.source_columns import COLUMNS
from modules.h3_grid.grid import Grid, build_grid
from modules.snapshots.layers import CheckedLayer, check_layer
from tests.unit.snapshots.invented import field_row, layer_of, outline

#: Parts of a field add up to it to this share, or to a square decimetre.
TO_A_THOUSANDTH = {"rtol": 1e-3, "atol": 1e-6}


def fields_of(shapes: Sequence[Any], **changes: Any) -> CheckedLayer:
    rows = [field_row(number, **changes) for number in range(len(shapes))]
    return check_layer(layer_of(Layer.FIELDS, rows, shapes), None)


def zones_of(shapes: Sequence[Any], fields: Sequence[int]) -> CheckedLayer:
    """Zones of fields by their numbers."""
    rows = [
        _only(Layer.ZONES, {"id": f"A{n:06}", "ambiente": f"A{n}", "lote_id": f"L{field:06}"})
        for n, field in enumerate(fields)
    ]
    return check_layer(layer_of(Layer.ZONES, rows, shapes), None)


def markers_of(points: Sequence[Any], fields: Sequence[int | None], kind: str = "muestreo") -> CheckedLayer:
    rows = [
        _only(
            Layer.MARKERS,
            {"id": f"M{n:06}", "marcador": str(n), "tipo": kind, "lote_id": field if field is None else f"L{field:06}"},
        )
        for n, field in enumerate(fields)
    ]
    return check_layer(layer_of(Layer.MARKERS, rows, points), None)


def grid_of(
    fields: CheckedLayer, resolution: int, zones: CheckedLayer | None = None, markers: CheckedLayer | None = None
) -> Grid:
    return build_grid(fields, zones or zones_of([], []), markers or markers_of([], []), resolution)


def plain_grid(count: int = 12, resolution: int = 10) -> Grid:
    """A grid of invented fields with their zones and samples, some of each."""
    shapes = [outline(number) for number in range(count)]
    west = [shapely.intersection(each, shapely.box(-180, -90, each.centroid.x, 90)) for each in shapes]
    east = [shapely.difference(each, half) for each, half in zip(shapes, west, strict=True)]
    zones = zones_of([*west, *east], [*range(count), *range(count)])
    markers = markers_of([each.centroid for each in shapes], list(range(count)))
    return grid_of(fields_of(shapes), resolution, zones, markers)


def hectares_by(table: pa.Table, column: str) -> dict[str, float]:
    sums = table.group_by(column).aggregate([("superficie_ha", "sum")])
    return dict(zip(sums[column].to_pylist(), sums["superficie_ha_sum"].to_pylist(), strict=True))


def assert_adds_up(grid: Grid, fields: CheckedLayer) -> None:
    """Every field has a cell, and its hectares are those of its cells."""
    found = hectares_by(grid.cells, "lote_id")
    ids = fields.table["id"].to_pylist()
    assert sorted(found) == sorted(ids)
    expected = fields.table["superficie_geodesica_ha"].to_numpy()
    np.testing.assert_allclose([found[each] for each in ids], expected, **TO_A_THOUSANDTH)


def _only(layer: Layer, row: dict[str, Any]) -> dict[str, Any]:
    usual = {"campo_id": "C0", "campo": "La Escondida", "campania": "25/26"} | row
    return {name: usual.get(name) for name in COLUMNS[layer].names}
