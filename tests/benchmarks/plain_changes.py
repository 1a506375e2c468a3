"""The comparison that everybody writes: geopandas, joined by id, the symmetric difference of every pair. The peer.

`python -m tests.benchmarks.plain_changes BEFORE NOW TOLD`. Areas in EPSG:6933, of what is left alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd

ATTRIBUTES = ("lote", "campo_id", "campo", "campania", "cultivo", "superficie_ha")
COLUMNS = ["id", *ATTRIBUTES, "superficie_geodesica_ha", "geometry"]
LEAST_HA = 0.0001


def main(before: Path, now: Path, told: Path) -> None:
    one, other = (gpd.read_parquet(each / "lotes.parquet", columns=COLUMNS) for each in (before, now))
    joined = one.merge(other, on="id", how="outer", suffixes=("_a", "_b"), indicator=True)
    both = joined[joined["_merge"] == "both"]
    differences = gpd.GeoSeries(both["geometry_a"]).symmetric_difference(gpd.GeoSeries(both["geometry_b"]), align=False)
    left = differences[~differences.is_empty]
    hectares = left.to_crs(6933).area / 1e4
    hectares = hectares[hectares >= LEAST_HA]
    attributes: dict[str, list[str]] = {}
    for name in ATTRIBUTES:
        a, b = both[f"{name}_a"], both[f"{name}_b"]
        for id_ in both["id"][(a != b) & ~(a.isna() & b.isna())]:
            attributes.setdefault(id_, []).append(name)
    found = {
        "added": joined["id"][joined["_merge"] == "right_only"].tolist(),
        "removed": joined["id"][joined["_merge"] == "left_only"].tolist(),
        "attributes": {id_: sorted(names) for id_, names in attributes.items()},
        "outlines": dict(zip(both["id"][hectares.index], hectares, strict=True)),
        "gained_ha": float(other["superficie_geodesica_ha"].sum() - one["superficie_geodesica_ha"].sum()),
    }
    told.write_text(json.dumps(found))
    print(json.dumps({"told": str(told)}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
