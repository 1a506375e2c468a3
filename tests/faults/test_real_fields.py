"""Real field boundaries through the portal, the client and the backup: nothing is lost, nothing is bent."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod

from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.running import running_portal
from tests.faults.backups import SEASON, back_up, settings_of

if TYPE_CHECKING:
    from pathlib import Path

FILES = ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"]
#: Coordinates may differ by a centimetre, no more.
DEGREES = 1e-7


@pytest.fixture(scope="module", params=FILES)
def backed_up(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, int]:
    """The file as geopandas reads it, the snapshot's fields in the order of the file, and how many were rejected."""
    file = real_data / "fields" / request.param
    home = tmp_path_factory.mktemp("home")
    with running_portal(FileDataset([file], {}, [SEASON])) as portal:
        result = back_up(settings_of(home, portal.settings()))
    snapshot = geopandas.read_parquet(f"{result.snapshot_path}/lotes.parquet")
    with warnings.catch_warnings():
        # GDAL's warning that measures (M) are dropped; a field has none.
        warnings.filterwarnings("ignore", "Measured", UserWarning)
        source = geopandas.read_file(file).to_crs("EPSG:4326")
    return source, snapshot, len(result.rejected)


def test_rows_in_are_rows_out_and_rejected(
    backed_up: tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, int],
) -> None:
    source, snapshot, rejected = backed_up

    assert len(source) == len(snapshot) + rejected
    assert snapshot["id"].is_unique


def test_what_needed_no_repair_has_the_same_rings_and_holes(
    backed_up: tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, int],
) -> None:
    source, snapshot, _rejected = backed_up
    kept = snapshot[~snapshot["reparado"]].geometry.to_numpy()
    whole = [canonical(geometry) for geometry in source.geometry if geometry is not None and geometry.is_valid]

    assert len(kept) == len(whole)
    unmatched = list(kept)
    for expected in whole:
        found = [index for index, geometry in enumerate(unmatched) if same(canonical(geometry), expected)]
        assert found, f"no field like {expected.wkt[:200]}"
        del unmatched[found[0]]


def test_what_was_repaired_is_flagged_and_valid(
    backed_up: tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, int],
) -> None:
    source, snapshot, rejected = backed_up
    broken = sum(geometry is None or not geometry.is_valid for geometry in source.geometry)

    assert snapshot["reparado"].sum() + rejected == broken
    assert snapshot.geometry.is_valid.all()


def test_hectares_are_geodesic_within_a_thousandth(
    backed_up: tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame, int],
) -> None:
    _source, snapshot, _rejected = backed_up
    ellipsoid = Geod(ellps="WGS84")
    oriented = shapely.orient_polygons(snapshot.geometry.to_numpy())
    expected = np.array([ellipsoid.geometry_area_perimeter(geometry)[0] / 10_000 for geometry in oriented])

    assert snapshot["superficie_geodesica_ha"].to_numpy() == pytest.approx(np.abs(expected), rel=1e-3)


def canonical(geometry: shapely.Geometry) -> shapely.Geometry:
    """The same rings from the same first vertex in the same direction; one part or several of one."""
    return shapely.normalize(shapely.multipolygons(shapely.get_parts(shapely.force_2d(geometry))))


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    if shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    return bool(shapely.equals_exact(one, other, tolerance=DEGREES))
