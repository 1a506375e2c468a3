"""Compaction and parents: what they sum up is what was there."""

import h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from modules.errors import RequestError, StorageError
from modules.h3_grid.cells import resolutions_of
from modules.h3_grid.compaction import COMPACT_GRID, compacted, expanded
from modules.h3_grid.figures import read_figures, read_levels, read_sums
from modules.h3_grid.grid import Grid
from modules.h3_grid.parents import PARENTS, parents
from tests.faults.backups import assert_sentence
from tests.unit.h3.grids import fields_of, grid_of, hectares_by, markers_of, plain_grid
from tests.unit.snapshots.invented import outline


def fine_grid() -> Grid:
    shapes = [shapely.box(-62, -34, -61.985, -33.985), outline(7)]
    return grid_of(fields_of(shapes), 11, markers=markers_of([shapely.Point(-61.9925, -33.9925)], [0]))


def test_a_short_grid_says_the_same_and_comes_back():
    cells = fine_grid().cells
    short = compacted(cells)
    assert short.schema.equals(COMPACT_GRID)
    assert len(short) < 0.6 * len(cells)
    assert set(short["resolucion"].to_pylist()) == {9, 10, 11}
    assert short["resolucion"].to_pylist() == resolutions_of(short["h3"].to_numpy()).tolist()
    assert hectares_by(short, "lote_id") == pytest.approx(hectares_by(cells, "lote_id"), rel=1e-12)
    back = expanded(short, 11)
    names = back.column_names
    assert names == [name for name in cells.column_names if name in names]
    for name in names:
        if pa.types.is_floating(cells[name].type):
            np.testing.assert_allclose(back[name].to_numpy(), cells[name].to_numpy(), rtol=1e-9)
        else:
            assert back[name].equals(cells[name]), name


def test_what_is_short_is_what_h3_compacts():
    """Without markers, the whole cells of a field are those that H3's own compaction gives."""
    cells = grid_of(fields_of([outline(7)]), 12).cells
    whole = cells.filter(np.equal(cells["parte_lote"].to_numpy(), 1))
    expected = set(h3.compact_cells(whole["h3_texto"].to_pylist()))
    short = compacted(cells)
    of_whole = short.filter(np.equal(short["parte_lote"].to_numpy(), 1))
    assert {h3.int_to_str(cell) for cell in of_whole["h3"].to_pylist()} == expected


def test_cells_with_markers_stay_as_they_are():
    cells = fine_grid().cells
    sample = next(row for row in cells.to_pylist() if row["muestreos"])
    kept = {row["h3"]: row for row in compacted(cells).to_pylist()}[sample["h3"]]
    assert (kept["muestreos"], kept["resolucion"]) == (1, 11)


def test_a_grid_with_nothing_to_shorten_stays_long():
    cells = plain_grid(3, 8).cells
    assert len(compacted(cells)) == len(cells)
    assert len(compacted(cells.slice(0, 0))) == 0
    assert expanded(compacted(cells), 8)["h3"].equals(cells["h3"])


@pytest.mark.parametrize("resolution", [5, 7, 8, 10])
def test_parents_sum_up_their_cells(resolution: int):
    cells = plain_grid(24).cells
    found = parents(cells, resolution)
    assert found.schema.equals(PARENTS)
    expected: dict[str, dict] = {}
    for row in cells.to_pylist():
        cell = h3.cell_to_parent(row["h3_texto"], resolution)
        sums = expected.setdefault(cell, {"ha": 0.0, "samples": 0, "fields": set(), "crops": {}})
        sums["ha"] += row["superficie_ha"]
        sums["samples"] += row["muestreos"]
        sums["fields"].add(row["lote_id"])
        sums["crops"][row["cultivo"]] = sums["crops"].get(row["cultivo"], 0.0) + row["superficie_ha"]
    assert set(found["h3_texto"].to_pylist()) == set(expected)
    assert found["h3"].to_pylist() == sorted(found["h3"].to_pylist())
    for row in found.to_pylist():
        sums = expected[row["h3_texto"]]
        assert row["superficie_ha"] == pytest.approx(sums["ha"])
        assert (row["muestreos"], row["lotes"]) == (sums["samples"], len(sums["fields"]))
        assert sums["crops"][row["cultivo"]] == pytest.approx(max(sums["crops"].values()))
        assert row["parte_cultivo"] == pytest.approx(max(sums["crops"].values()) / sums["ha"])


def test_parents_tell_the_share_of_a_chosen_crop():
    cells = plain_grid(24).cells
    rows = cells.to_pylist()
    expected = sum(row["superficie_ha"] for row in rows if row["cultivo"] == "soja")
    found = parents(cells, 7, "soja")
    assert set(found["cultivo"].to_pylist()) == {"soja"}
    assert np.dot(found["parte_cultivo"].to_numpy(), found["superficie_ha"].to_numpy()) == pytest.approx(expected)
    assert set(parents(cells, 7, "quinoa")["parte_cultivo"].to_pylist()) == {0.0}


def test_parents_of_nothing_are_none():
    assert len(parents(plain_grid(1).cells.slice(0, 0), 7)) == 0


def test_a_grid_has_no_parents_finer_than_itself():
    with pytest.raises(RequestError) as caught:
        parents(plain_grid(2, 9).cells, 10)
    assert_sentence(caught.value)


def test_figures_come_straight_from_a_file_long_or_short(tmp_path):
    cells = fine_grid().cells
    long, short = tmp_path / "long.parquet", tmp_path / "short.parquet"
    pq.write_table(cells, long)
    pq.write_table(compacted(cells), short)
    expected = parents(cells, 7)
    assert read_figures(long, 7).equals(expected)
    np.testing.assert_allclose(
        read_figures(short, 7)["superficie_ha"].to_numpy(), expected["superficie_ha"].to_numpy(), rtol=1e-12
    )
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    for name in ("broken.parquet", "absent.parquet"):
        with pytest.raises(StorageError) as caught:
            read_figures(tmp_path / name, 7)
        assert_sentence(caught.value)


def test_the_farm_of_a_cell_is_the_one_with_most_hectares():
    cells = plain_grid(24).cells
    of_farm: dict[str, dict[str, float]] = {}
    for row in cells.to_pylist():
        sums = of_farm.setdefault(h3.cell_to_parent(row["h3_texto"], 6), {})
        sums[row["campo"]] = sums.get(row["campo"], 0.0) + row["superficie_ha"]
    for row in parents(cells, 6).to_pylist():
        sums = of_farm[row["h3_texto"]]
        assert sums[row["campo"]] == pytest.approx(max(sums.values()))


def test_cells_are_counted_at_each_resolution(tmp_path):
    path = tmp_path / "a.parquet"
    cells = plain_grid(12, 9).cells
    pq.write_table(cells, path)
    texts = set(cells["h3_texto"].to_pylist())
    expected = {res: len({h3.cell_to_parent(text, res) for text in texts}) for res in range(9, 4, -1)}
    levels = read_levels(path)
    assert list(levels) == list(expected)
    assert {resolution: level.cells for resolution, level in levels.items()} == expected
    assert levels[9].cell_ha == pytest.approx(np.mean(cells["celda_ha"].to_numpy()), rel=0.05)
    pq.write_table(cells.slice(0, 0), path)
    assert read_levels(path) == {}


@pytest.mark.parametrize("by", ["campo", "cultivo"])
def test_sums_by_farm_and_crop_add_up(tmp_path, by: str):
    path = tmp_path / "a.parquet"
    cells = plain_grid(12).cells
    pq.write_table(cells, path)
    found = read_sums(path, by)
    rows = cells.to_pylist()
    told = dict(zip(found[by].to_pylist(), found["superficie_ha"].to_pylist(), strict=True))
    assert told == pytest.approx(hectares_by(cells, by))
    assert list(told.values()) == sorted(told.values(), reverse=True)
    for row in found.to_pylist():
        ours = [each for each in rows if each[by] == row[by]]
        assert row["lotes"] == len({each["lote_id"] for each in ours})
        assert row["celdas"] == len({each["h3"] for each in ours})
        assert row["muestreos"] == sum(each["muestreos"] for each in ours)


def test_a_file_with_other_columns_is_said_to_be_no_grid(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"h3": pa.array([1], pa.uint64())}), path)
    for read in (lambda: read_figures(path, 7), lambda: read_sums(path, "campo")):
        with pytest.raises(StorageError) as caught:
            read()
        assert_sentence(caught.value)
