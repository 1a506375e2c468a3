"""Backups of real field boundaries, which nobody on this project drew: nothing is lost, nothing is bent."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod

from modules.backup import BackupResult
from modules.snapshots.check import verify
from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.running import running_portal
from tests.faults.backups import SEASON, back_up, settings_of, store_of

FILES = ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"]
#: Coordinates may differ by a centimetre, no more.
DEGREES = 1e-7


@dataclass(frozen=True)
class BackedUp:
    """The file as geopandas reads it, in WGS84, and the fields of its backup."""

    home: Path
    given: geopandas.GeoDataFrame
    fields: geopandas.GeoDataFrame
    result: BackupResult


@pytest.fixture(scope="module", params=FILES)
def backed_up(request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> BackedUp:
    file = real_data / "fields" / request.param
    home = tmp_path_factory.mktemp("home")
    with running_portal(FileDataset([file], {}, [SEASON])) as portal:
        result = back_up(settings_of(home, portal.settings()))
    with warnings.catch_warnings():
        # GDAL's warning that measures (M) are dropped; a field has none.
        warnings.filterwarnings("ignore", "Measured", UserWarning)
        given = geopandas.read_file(file).to_crs("EPSG:4326")
    return BackedUp(home, given, geopandas.read_parquet(f"{result.snapshot_path}/lotes.parquet"), result)


def test_rows_in_are_rows_out_and_rejected(backed_up: BackedUp) -> None:
    (snapshot,) = store_of(backed_up.home).published()

    assert verify(snapshot) == []
    assert len(backed_up.given) == len(backed_up.fields) + len(backed_up.result.rejected)
    assert backed_up.fields["id"].is_unique


def test_what_needed_no_repair_has_the_same_rings_and_holes(backed_up: BackedUp) -> None:
    kept = backed_up.fields[~backed_up.fields["reparado"]].geometry.to_numpy()
    whole = [canonical(each) for each in backed_up.given.geometry if each is not None and each.is_valid]

    assert len(kept) == len(whole)
    unmatched = list(kept)
    for expected in whole:
        found = [index for index, geometry in enumerate(unmatched) if same(canonical(geometry), expected)]
        assert found, f"no field like {expected.wkt[:200]}"
        del unmatched[found[0]]


def test_what_was_repaired_is_flagged_and_valid(backed_up: BackedUp) -> None:
    broken = sum(geometry is None or not geometry.is_valid for geometry in backed_up.given.geometry)

    assert backed_up.result.repaired == backed_up.fields["reparado"].sum() == broken - len(backed_up.result.rejected)
    assert backed_up.fields.geometry.is_valid.all()


def test_hectares_are_geodesic_within_a_thousandth(backed_up: BackedUp) -> None:
    ellipsoid = Geod(ellps="WGS84")
    oriented = shapely.orient_polygons(backed_up.fields.geometry.to_numpy())
    expected = np.array([ellipsoid.geometry_area_perimeter(geometry)[0] / 10_000 for geometry in oriented])

    assert backed_up.fields["superficie_geodesica_ha"].to_numpy() == pytest.approx(np.abs(expected), rel=1e-3)


@pytest.mark.slow
def test_real_fields_are_valid_fiboa(backed_up: BackedUp, real_data: Path) -> None:
    validator = real_data.parent / "fiboa" / "validate"
    if not validator.exists() or not shutil.which("uv"):
        pytest.skip("no fiboa validator beside the real data, or no uv to run it")
    parquet = Path(backed_up.result.snapshot_path) / "lotes.parquet"

    told = subprocess.run([str(validator), str(parquet)], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout
    assert "INVALID" not in told.stdout
    assert "VALID" in told.stdout


def canonical(geometry: shapely.Geometry) -> shapely.Geometry:
    """The same rings from the same first vertex in the same direction; one part or several of one."""
    return shapely.normalize(shapely.multipolygons(shapely.get_parts(shapely.force_2d(geometry))))


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    if shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    return bool(shapely.equals_exact(one, other, tolerance=DEGREES))
