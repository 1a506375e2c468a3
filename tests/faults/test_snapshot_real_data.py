"""Backups of real field boundaries, which nobody on this project drew."""

import shutil
import subprocess
from pathlib import Path

import geopandas
import pyproj
import pytest
import shapely

from modules.domain.layers import Layer
from modules.snapshots.check import verify
from modules.snapshots.reading import read_layer
from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.running import running_portal
from tests.faults.backups import SEASON, back_up, settings_of, store_of
from tests.unit.snapshots.shapes import same_shapes
from tests.unproven import unproven

FILES = ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"]
GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.filterwarnings("ignore:Measured .M. geometry types are not supported")  # GDAL drops them
@pytest.mark.parametrize("name", FILES)
def test_real_fields_are_backed_up_as_they_are(real_data: Path, tmp_path: Path, name: str):
    file = real_data / "fields" / name
    with running_portal(FileDataset((file,), {}, (SEASON,))) as portal:
        result = back_up(settings_of(tmp_path, portal.settings()))
    (snapshot,) = store_of(tmp_path).published()
    assert verify(snapshot) == []
    given = geopandas.read_file(file).to_crs("EPSG:4326")
    layer = read_layer(snapshot, Layer.FIELDS)
    assert len(given) == len(layer.table) + len(result.rejected)
    sound = given[shapely.is_valid(given.geometry)]
    assert result.repaired == len(given) - len(sound) - len(result.rejected)
    repaired = set(layer.repaired_ids)
    kept = [
        shape for id_, shape in zip(layer.table["id"].to_pylist(), layer.geometry, strict=True) if id_ not in repaired
    ]
    assert same_shapes(by_place(kept), by_place(list(sound.geometry)))
    for shape, hectares in zip(layer.geometry, layer.table["superficie_geodesica_ha"].to_pylist(), strict=True):
        assert hectares == pytest.approx(
            GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0] / 1e4, rel=1e-3
        )


def by_place(shapes: list[object]) -> list[object]:
    """In an order of their own, since ids are given by the portal."""
    return sorted(shapes, key=lambda shape: tuple(round(each, 6) for each in (*shape.bounds, shape.area * 1e4)))


@pytest.mark.parametrize("name", FILES)
def test_real_fields_are_valid_fiboa(real_data: Path, tmp_path: Path, name: str):
    validator = real_data.parent / "fiboa" / "validate"
    if not validator.exists() or not shutil.which("uv"):
        unproven("no fiboa validator beside the real data, or no uv to run it")
    with running_portal(FileDataset((real_data / "fields" / name,), {}, (SEASON,))) as portal:
        result = back_up(settings_of(tmp_path, portal.settings()))
    parquet = Path(result.snapshot_path) / "lotes.parquet"
    told = subprocess.run([str(validator), str(parquet)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert "INVALID" not in told.stdout
    assert "VALID" in told.stdout
