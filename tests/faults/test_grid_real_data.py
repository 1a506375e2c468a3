"""Grids over real field boundaries, which nobody on this project drew."""

from pathlib import Path

import h3
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from modules.domain.layers import Layer
from modules.environments import Environment
from modules.h3_grid.cells import outlines
from modules.h3_grid.request import GridRequest
from modules.h3_grid.run import run_grid
from modules.snapshots.reading import read_layer
from modules.sources.databaler.simulator.files import FileDataset
from modules.sources.databaler.simulator.running import running_portal
from tests.faults.backups import SEASON, back_up, settings_of, store_of
from tests.faults.test_snapshot_real_data import FILES
from tests.unit.h3.grids import hectares_by


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Measured .M. geometry types are not supported")  # GDAL drops them
@pytest.mark.parametrize("name", FILES)
def test_real_fields_have_all_of_their_hectares_in_cells(real_data: Path, tmp_path: Path, name: str):
    settings = settings_of(tmp_path)
    with running_portal(FileDataset((real_data / "fields" / name,), {}, (SEASON,))) as portal:
        back_up(settings_of(tmp_path, portal.settings()))
    (snapshot,) = store_of(tmp_path).published()
    fields = read_layer(snapshot, Layer.FIELDS)

    result = run_grid(GridRequest(Environment.TEST, "run", SEASON), settings)

    assert result.proposed
    assert 5 <= result.resolution <= 12
    assert result.fields == len(fields.table)
    assert result.hectares == pytest.approx(fields.hectares, rel=1e-6)
    assert result.largest_error < 1e-4
    files = {Path(each["name"]).suffix: tmp_path / "test_outputs" / each["path"] for each in reversed(result.files)}
    table = pq.read_table(files[".parquet"])
    hectares = fields.table["superficie_geodesica_ha"].to_pylist()
    expected = dict(zip(fields.table["id"].to_pylist(), hectares, strict=True))
    assert hectares_by(table, "lote_id") == pytest.approx(expected, rel=1e-3)
    assert pyogrio.read_info(files[".gpkg"])["features"] == len(table) == result.rows
    assert h3.get_resolution(table["h3_texto"][0].as_py()) == result.resolution
    _every_cell_of_some(table, fields.geometry, fields.table["id"].to_pylist())


def _every_cell_of_some(table, geometry: np.ndarray, ids: list[str]) -> None:
    """Look for cells that are missing around every twentieth field: neighbours of its cells that share area with it."""
    cells_of = {}
    for cell, field in zip(table["h3_texto"].to_pylist(), table["lote_id"].to_pylist(), strict=True):
        cells_of.setdefault(field, set()).add(cell)
    for row in range(0, len(ids), 20):
        mine = cells_of[ids[row]]
        near = {other for cell in mine for other in h3.grid_disk(cell, 1)} - mine
        drawn = outlines(np.array([h3.str_to_int(cell) for cell in sorted(near)], dtype=np.uint64))
        assert shapely.area(shapely.intersection(drawn, geometry[row])).max() < 1e-16
