"""Small shapes of two folders are never one: either may be switched off without the other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from modules.tiles.request import TileAddress, Wanted
from modules.tiles.tables import table_source
from tests.mvt import decode

EACH = 6_000


def test_small_shapes_of_two_folders_are_merged_apart():
    x = np.linspace(-62.0, -61.9, EACH)
    squares = shapely.box(x, -34.0, x + 0.0001, -33.9999)
    table = pa.table({"id": [str(number) for number in range(2 * EACH)], "folder": [1] * EACH + [2] * EACH})
    geometry = np.concatenate([squares, squares])
    counted: dict[bool, dict[int, int]] = {}
    for apart in (False, True):
        source = table_source(table, geometry, table["id"], ordered=True, apart="folder" if apart else None)
        features = decode(source.tile(TileAddress(7, 41, 76), Wanted(("folder",))))["shapes"].features
        counted[apart] = dict.fromkeys((1, 2), 0)
        for feature in features:
            counted[apart][feature.properties["folder"]] += feature.properties.get("n", 1)
    assert counted == {False: {1: 2 * EACH, 2: 0}, True: {1: EACH, 2: EACH}}
