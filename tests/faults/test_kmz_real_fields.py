"""Real field boundaries in the KMZ products: every field is there once, to a centimetre."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from modules.kmz_products.request import Label, Product
from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.generator import Pampas
from modules.sources.databaler.simulator.ground import Amounts
from modules.sources.databaler.simulator.running import running_portal
from tests.faults.backups import SEASON, back_up, settings_of
from tests.kmz_readers import assert_valid, fastkml_rows, gdal_count, gdal_rows
from tests.unit.kmz_products.snapshots import make_kmz, names_in, product_folder

#: Four products of three files each, every one read by three readers.
pytestmark = pytest.mark.slow

#: Half a unit of the seventh decimal, and what binary digits add.
DEGREES = 0.51e-7
FILES = ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"]


def home_of_dataset(home: Path, dataset: FileDataset | Pampas) -> tuple[Path, Path]:
    """A home with KMZ of a data set without labels, and the folder of its snapshot."""
    with running_portal(dataset) as portal:
        result = back_up(settings_of(home, portal.settings()))
    make_kmz(home, labels=Label.NONE)
    return home, Path(result.snapshot_path)


@pytest.fixture(scope="module", params=FILES)
def real(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    dataset = FileDataset([real_data / "fields" / request.param], {}, [SEASON])
    return home_of_dataset(tmp_path_factory.mktemp("home"), dataset)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return home_of_dataset(tmp_path_factory.mktemp("home"), Pampas(Amounts(fields=80), SEASON))


def assert_same_outlines(found: Sequence[shapely.Geometry], snapshot: Iterable[shapely.Geometry]) -> None:
    """The same vertices in the same order, outer rings counterclockwise; one part or several of one."""
    for one, other in zip(found, snapshot, strict=True):
        expected = shapely.orient_polygons(other)
        assert ring_sizes(one) == ring_sizes(expected)
        assert np.abs(shapely.get_coordinates(one) - shapely.get_coordinates(expected)).max() <= DEGREES


def ring_sizes(shape: shapely.Geometry) -> list[list[int]]:
    """How many vertices each ring of each part has; none for a point."""
    return [shapely.get_num_coordinates(shapely.get_rings(part)).tolist() for part in shapely.get_parts(shape)]


@pytest.mark.parametrize("product", list(Product))
def test_f20_every_real_field_is_in_each_product_with_its_outline(real: tuple[Path, Path], product: Product) -> None:
    home, snapshot = real
    fields = geopandas.read_parquet(snapshot / "lotes.parquet").set_index("id")
    paths = [product_folder(home, product) / name for name in names_in(home, product)]
    for path in paths:
        assert_valid(path)
    assert sum(map(gdal_count, paths)) == len(fields)
    rows, again = (
        {key: row["geometry"] for path in paths for key, row in read(path).items()}
        for read in (gdal_rows, fastkml_rows)
    )
    assert rows.keys() == again.keys() == set(fields.index)
    assert_same_outlines([rows[key] for key in fields.index], fields.geometry)
    # fastkml leaves out a vertex that is equal to the one before, as some are to a centimetre.
    for key, outline in rows.items():
        assert shapely.remove_repeated_points(outline).equals_exact(shapely.remove_repeated_points(again[key]), 0)


@pytest.mark.parametrize("product", list(Product))
def test_f20_the_demo_portal_too_with_zones_and_markers(demo: tuple[Path, Path], product: Product) -> None:
    home, snapshot = demo
    layers = ["lotes", *(("ambientes", "marcadores") if product in (Product.BY_FARM, Product.BY_FIELD) else ())]
    rows = {}
    for name in names_in(home, product):
        path = product_folder(home, product) / name
        assert_valid(path)
        rows |= gdal_rows(path)
    expected = {layer: geopandas.read_parquet(snapshot / f"{layer}.parquet").set_index("id") for layer in layers}
    assert len(rows) == sum(map(len, expected.values()))
    for frame in expected.values():
        assert_same_outlines([rows[key]["geometry"] for key in frame.index], frame.geometry)
