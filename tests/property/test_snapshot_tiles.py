"""Tiles of random snapshots, filtered at random, against the snapshot's own Parquet as other readers have it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.domain.layers import Layer
from modules.domain.names import NO_CROP
from modules.tiles.request import Wanted
from modules.tiles.snapshots import load_layer
from tests.faults.backups import back_up, settings_of
from tests.mvt import decode
from tests.property.test_tiles import measure, worlds
from tests.unit.snapshots.invented import field_row, layer_of, source_of
from tests.unit.tiles.worlds import EXTENT, TWO_PIXELS, tiles_over, to_degrees

FARMS = ["C0", "C1", "C2"]
CROPS = ["soja", "maíz", None]


def to_tiles(shape: Any, zoom: int) -> Any:
    """Take a geometry from degrees to units of a zoom's tiles, as `worlds.to_degrees` does the other way."""
    whole = EXTENT << zoom

    def projected(xy: np.ndarray) -> np.ndarray:
        north = np.log(np.tan(np.pi / 4 + np.radians(xy[:, 1]) / 2))
        return np.column_stack([(xy[:, 0] / 360 + 0.5) * whole, (0.5 - north / (2 * np.pi)) * whole])

    return shapely.transform(shape, projected)


@pytest.mark.slow
@settings(max_examples=12)
@given(worlds(), st.sets(st.sampled_from(FARMS)), st.sets(st.sampled_from(CROPS)))
def test_tiles_of_a_snapshot_have_what_its_parquet_has(
    world: tuple[int, list[Any]], farms: set[str], crops: set[str | None]
) -> None:
    zoom, shapes = world
    if not shapes:
        return
    rows = [
        field_row(number, campo_id=FARMS[number % 3], cultivo=CROPS[number // 2 % 3]) for number in range(len(shapes))
    ]
    fields = layer_of(Layer.FIELDS, rows, [to_degrees(each, zoom) for each in shapes])
    with tempfile.TemporaryDirectory() as home:
        result = back_up(settings_of(Path(home)), source_of(0, fields=fields), run_id="1")
        folder = Path(result.snapshot_path)
        source = load_layer(folder, Layer.FIELDS)
        table = pq.read_table(folder / "lotes.parquet")
    drawn = [to_tiles(each, zoom) for each in shapely.from_wkb(table["geometry"].to_pylist())]
    kept = {
        row["id"]: (row, shape)
        for row, shape in zip(table.drop_columns(["geometry"]).to_pylist(), drawn, strict=True)
        if (not farms or row["campo_id"] in farms) and (not crops or row["cultivo"] in crops)
    }

    wanted = Wanted(
        ("cultivo", "campo"), frozenset(farms), frozenset(NO_CROP if crop is None else crop for crop in crops)
    )
    seen: dict[str, dict[str, Any]] = {}
    merged = 0
    for at in tiles_over(shapely.total_bounds(drawn), zoom):
        layers = decode(source.tile(at, wanted))
        for feature in layers["shapes"].features if "shapes" in layers else []:
            if "n" in feature.properties:
                merged += 1
                assert feature.properties["id"] in kept
            else:
                seen[feature.properties["id"]] = feature.properties

    large = {identity for identity, (_row, shape) in kept.items() if measure(shape) >= TWO_PIXELS + 1}
    assert large <= seen.keys() <= kept.keys()
    assert merged or seen.keys() == kept.keys()
    for identity, properties in seen.items():
        row, _shape = kept[identity]
        told = {"id": identity, "cultivo": row["cultivo"], "campo": row["campo"]}
        assert properties == {name: value for name, value in told.items() if value is not None}
