"""The export that everybody writes: `read_parquet`, then `to_file` or `to_parquet` as geopandas has them. The peer.

`python -m tests.benchmarks.plain_export SNAPSHOT TARGET`; the columns for programs are left out, as ours does.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import geopandas as gpd


def main(folder: Path, target: Path) -> None:
    frame = gpd.read_parquet(folder / "lotes.parquet").drop(columns=["huella_geometria", "huella_atributos"])
    if target.suffix == ".parquet":
        frame.to_parquet(target)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a Shapefile cuts names and has no moments
            frame.to_file(target)
    print(json.dumps({"file": str(target), "rows": len(frame)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
