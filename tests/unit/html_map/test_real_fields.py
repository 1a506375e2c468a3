"""Maps of real field boundaries, which nobody on this project drew."""

from pathlib import Path

import pytest
import shapely

from modules.domain.layers import Layer
from modules.html_map import HtmlMapRequest, write_html_map
from modules.snapshots.reading import read_layer
from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.running import running_portal
from tests.faults.backups import SEASON, back_up, settings_of, store_of
from tests.unit.html_map.reading import parsed


@pytest.mark.filterwarnings("ignore:Measured .M. geometry types are not supported")  # GDAL drops them
@pytest.mark.parametrize("name", ["br_ba_lem.shp.zip", "nl_brp_2023.gpkg", "us_ca_scm.gdb.zip"])
def test_real_fields_are_drawn_where_they_are(real_data: Path, tmp_path: Path, name: str) -> None:
    with running_portal(FileDataset((real_data / "fields" / name,), {}, (SEASON,))) as portal:
        back_up(settings_of(tmp_path, portal.settings()))
    (snapshot,) = store_of(tmp_path).published()
    layer = read_layer(snapshot, Layer.FIELDS)
    result = write_html_map(snapshot, HtmlMapRequest(), tmp_path)
    page = parsed(result.path)
    assert page.names("lotes") == layer.table["lote"].to_pylist()
    assert result.hectares == pytest.approx(layer.hectares)
    assert result.bytes < 5_000_000
    assert result.simplified_m == 0
    for feature, before in zip(page.data["lotes"]["features"], layer.geometry, strict=True):
        after = shapely.geometry.shape(feature["geometry"])
        assert shapely.hausdorff_distance(before, after) < 1.2e-6
        assert len(shapely.get_parts(after)) == len(shapely.get_parts(before))
