"""A whole grid run, from a snapshot to the files, read back by readers that are not ours."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import GeometryError, ProductionNotReady, RequestError, SnapshotError, StorageError
from modules.h3_grid.figures import read_figures
from modules.h3_grid.request import GridRequest
from modules.h3_grid.result import GridResult, summary
from modules.h3_grid.run import run_grid
from modules.i18n import use_language
from modules.progress import Step
from modules.settings import Settings
from modules.storage import retries
from modules.storage.atomic import TEMPORARY_PREFIX
from modules.storage.lock import writer_lock
from modules.storage.roots import Folder
from modules.storage.sentinels import SENTINEL, mark_production
from tests.faults.backups import SEASON, assert_sentence, back_up, content_of, settings_of, store_of, temporaries_of
from tests.faults.disks import mounted_disk
from tests.unit.h3.grids import hectares_by
from tests.unit.snapshots.invented import field_row, fields, layer_of, outline, source_of

WHOLE = ("lotes 25-26 res 9.parquet", "lotes 25-26 res 9 compacta.parquet", "ambientes 25-26 res 9.parquet",
         "lotes 25-26 res 9.gpkg", "lotes 25-26 res 9.kmz")  # fmt: skip


def make(settings: Settings, **request: Any) -> GridResult:
    asked = {"environment": Environment.TEST, "run_id": "run", "season": SEASON, "resolution": 9} | request
    return run_grid(GridRequest(**asked), settings)


@pytest.fixture
def settings(twelve: Path, tmp_path: Path) -> Settings:
    """Settings of a home with a backup of twelve fields."""
    return settings_of(shutil.copytree(twelve, tmp_path, dirs_exist_ok=True))


def folder_of(settings: Settings) -> Path:
    return settings.home / "test_outputs" / Folder.H3


def test_a_grid_of_all_fields_has_all_hectares(settings: Settings):
    result = make(settings, who="Ana")
    (snapshot,) = store_of(settings.home).published()
    assert (result.snapshot_id, result.who, result.season) == (snapshot.id, "Ana", "25/26")
    assert (result.fields, result.resolution, result.proposed) == (12, 9, False)
    assert result.hectares == pytest.approx(snapshot.manifest.hectares, abs=1e-3)
    assert (result.samples, result.markers, result.points_outside) == (12, 0, 0)
    assert result.largest_error < 1e-4
    written = pq.read_table(folder_of(settings) / WHOLE[0])["celda_ha"].to_numpy()
    assert result.mean_cell_ha == pytest.approx(written.mean(), rel=1e-5)
    assert [each["name"] for each in result.files] == list(WHOLE)
    for each in result.files:
        assert (settings.home / "test_outputs" / each["path"]).stat().st_size == each["bytes"]


def test_the_files_say_the_same_to_readers_that_are_not_ours(settings: Settings):
    result = make(settings)
    table = pq.read_table(folder_of(settings) / WHOLE[0])
    about = json.loads(table.schema.metadata[b"tranquera"])
    assert about == {
        "respaldo": result.snapshot_id,
        "campania": "25/26",
        "campos": [],
        "cultivos": [],
        "resolucion": 9,
        "lotes": result.fields,
        "celdas": result.cells,
    }
    assert str(table.schema.field("h3").type) == "uint64"
    assert [h3.str_to_int(text) for text in table["h3_texto"].to_pylist()] == table["h3"].to_pylist()
    assert all(h3.get_resolution(text) == 9 for text in table["h3_texto"].to_pylist())
    assert table["h3"].to_pylist() == sorted(table["h3"].to_pylist())
    backup = pq.read_table(store_of(settings.home).published()[0].path / "lotes.parquet")
    expected = dict(zip(backup["id"].to_pylist(), backup["superficie_geodesica_ha"].to_pylist(), strict=True))
    assert hectares_by(table, "lote_id") == pytest.approx(expected, rel=1e-9)
    column = pq.ParquetFile(folder_of(settings) / WHOLE[0]).metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"

    meta, _fids, wkb, columns = pyogrio.raw.read(folder_of(settings) / WHOLE[3])
    assert meta["crs"] == "EPSG:4326"
    found = dict(zip(meta["fields"], columns, strict=True))
    assert found["h3"].astype(np.uint64).tolist() == table["h3"].to_pylist()
    for name in table.column_names[1:]:
        assert found[name].tolist() == pytest.approx(table[name].to_pylist(), nan_ok=True) or (
            found[name].tolist() == table[name].to_pylist()
        ), name
    drawn = shapely.get_parts(shapely.from_wkb(wkb))
    by_h3 = [shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(text)]) for text in table["h3_texto"].to_pylist()]
    assert shapely.equals_exact(shapely.normalize(drawn), shapely.normalize(by_h3), 1e-9).all()


def test_without_a_resolution_one_is_proposed(settings: Settings):
    result = make(settings, resolution=0)
    assert (result.resolution, result.proposed) == (10, True)


def test_a_grid_again_is_the_same_to_the_byte(settings: Settings):
    def digests() -> dict[str, str]:
        paths = folder_of(settings).iterdir()
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.suffix != ".gpkg"}

    make(settings)
    before = digests()
    make(settings)
    assert digests() == before
    assert len(list(folder_of(settings).iterdir())) == len(WHOLE)


def test_farms_and_crops_as_people_write_them(settings: Settings):
    chosen = make(settings, farms=["la escondida", "C1"], crops=["MAIZ"])
    assert (chosen.farms, chosen.crops) == (["La Escondida", "El Ñandú"], ["maíz"])
    names = [each["name"] for each in chosen.files]
    assert names[0] == "lotes 25-26 campo El Ñandú, La Escondida cultivo maíz res 9.parquet"
    table = pq.read_table(folder_of(settings) / names[0])
    assert set(table["campo"].to_pylist()) == {"La Escondida", "El Ñandú"}
    assert set(table["cultivo"].to_pylist()) == {"maíz"}
    assert make(settings, crops=["sin cultivo"]).fields == 3
    again = make(settings, farms=["El Ñandú", "C0", "C0"], crops=["maíz"])
    assert [each["name"] for each in again.files] == names


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"farms": ["Las Brujas"]}, "La Escondida"),
        ({"crops": ["quinoa"]}, "soja"),
        ({"crops": ["soja"], "farms": []}, None),
        ({"resolution": 4}, "5"),
        ({"resolution": 13}, "12"),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(settings: Settings, asked: dict[str, Any], told: str | None):
    if told is None:
        assert make(settings, **asked).fields == 3
        return
    with pytest.raises(RequestError) as caught:
        make(settings, **asked)
    assert_sentence(caught.value)
    assert told in str(caught.value)
    assert list(folder_of(settings).iterdir()) == []


def test_farms_of_one_name_are_told_apart(tmp_path: Path):
    settings = settings_of(tmp_path)
    rows = [field_row(n, campo="San José", cultivo=None) for n in range(3)]
    back_up(settings, source_of(3, fields=layer_of(Layer.FIELDS, rows, [outline(n) for n in range(3)])))
    with pytest.raises(RequestError, match="C0, C1, C2") as caught:
        make(settings, farms=["San José"])
    assert_sentence(caught.value)
    first, second = make(settings, farms=["C0"]), make(settings, farms=["C1"])
    assert not {each["name"] for each in first.files} & {each["name"] for each in second.files}


def test_f29_names_of_farms_become_safe_names_of_files(tmp_path: Path):
    settings = settings_of(tmp_path)
    rows = [field_row(0, campo="a/b:c*\u202e" + "x" * 300, campo_id="C0")]
    back_up(settings, source_of(1, fields=layer_of(Layer.FIELDS, rows, [outline(0)])))
    for each in make(settings, farms=["C0"]).files:
        assert not set('/:*?"<>|\\\u202e') & set(each["name"])
        assert len(str(folder_of(settings) / each["name"])) < 260
        assert (folder_of(settings) / each["name"]).is_file()


def test_the_newest_backup_that_holds_the_farms_is_taken(settings: Settings):
    whole = store_of(settings.home).published()[0].id
    some = back_up(settings, source_of(12, fields=fields(7)), run_id="some", farms=["C0", "C1"]).snapshot_id
    assert make(settings).snapshot_id == whole
    assert make(settings, farms=["C0"]).snapshot_id == some
    newest = back_up(settings, source_of(12), run_id="newest").snapshot_id
    assert make(settings, farms=["C0"]).snapshot_id == newest


def test_without_a_backup_there_is_no_grid(tmp_path: Path):
    with pytest.raises(SnapshotError) as caught:
        make(settings_of(tmp_path))
    assert_sentence(caught.value)


def test_a_damaged_backup_is_named(settings: Settings):
    (snapshot,) = store_of(settings.home).published()
    (snapshot.path / "ambientes.parquet").write_bytes(b"damaged")
    with pytest.raises(SnapshotError, match=snapshot.id):
        make(settings)
    (snapshot.path / "lotes.parquet").unlink()
    with pytest.raises(SnapshotError, match=snapshot.id):
        make(settings)


def test_f17_a_field_at_a_pole_leaves_the_grid_of_before(settings: Settings):
    make(settings)
    rows = [field_row(0, lote="Polo")]
    back_up(settings, source_of(1, fields=layer_of(Layer.FIELDS, rows, [shapely.box(0, 88, 1, 89)])), run_id="pole",
            season=SEASON, farms=["C0"])  # fmt: skip
    before = content_of(settings.home)
    with pytest.raises(GeometryError, match="Polo") as caught:
        make(settings, farms=["C0"])
    assert_sentence(caught.value)
    assert content_of(settings.home) == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # GDAL warns inside a callback
def test_f21_a_full_disk_leaves_the_grid_of_before_whichever_write_it_hits(tmp_path: Path):
    with mounted_disk(tmp_path / "home", size_kb=16_384) as home:
        settings = settings_of(home)
        back_up(settings, source_of(8))
        make(settings)
        back_up(settings, source_of(12), run_id="more")
        before, failures, filler = content_of(home), 0, home / "filler"
        for room_kb in range(0, 2048, 16):
            filler.unlink(missing_ok=True)
            room = max(shutil.disk_usage(home).free - room_kb * 1024, 0)
            filler.write_bytes(bytes(room))
            try:
                make(settings)
            except StorageError as error:
                failures += 1
                assert_sentence(error)
                assert content_of(home) == before
                assert temporaries_of(home) == []
            else:
                break
        assert failures > 3
        assert content_of(home) != before


def test_f22_production_without_its_mark_gets_no_grid(settings: Settings):
    with pytest.raises(ProductionNotReady):
        make(settings, environment=Environment.PRODUCTION)
    assert not (settings.home / "outputs" / Folder.H3).exists()
    mark_production(settings.home, Folder.H3)
    with pytest.raises(SnapshotError):  # the backup of the test environment is none of production's
        make(settings, environment=Environment.PRODUCTION)
    assert [path.name for path in (settings.home / "outputs" / Folder.H3).iterdir()] == [SENTINEL]


def test_f24_a_file_that_is_open_elsewhere_keeps_all_of_them(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """Windows refuses to replace an open file with PermissionError; here the rule itself is tested."""
    make(settings)
    back_up(settings, source_of(11), run_id="other")
    before = content_of(settings.home)
    monkeypatch.setattr(retries, "PAUSES_S", (0.01,))
    usual = Path.open

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == WHOLE[1]:
            raise PermissionError(13, "in use")
        return usual(path, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        with pytest.raises(StorageError, match=WHOLE[1]) as caught:
            make(settings)
    assert_sentence(caught.value)
    assert content_of(settings.home) == before
    assert temporaries_of(settings.home) == []


def test_f25_what_a_crash_left_is_gone_after_the_next_grid(settings: Settings):
    make(settings)
    left = folder_of(settings) / f"{TEMPORARY_PREFIX}h3-12345678"
    left.mkdir()
    (left / "0.parquet").write_bytes(b"half")
    make(settings)
    assert not left.exists()


def test_f27_two_grids_at_once_are_one(settings: Settings):
    with writer_lock(settings.home / "data" / "locks" / "test-h3.lock"), pytest.raises(StorageError) as caught:
        make(settings)
    assert_sentence(caught.value)
    assert make(settings).fields == 12


def test_progress_ends_each_step_in_order(settings: Settings):
    told: list[tuple[Step, int, int]] = []
    request = GridRequest(Environment.TEST, "run", SEASON)
    run_grid(request, settings, progress=lambda *step: told.append(step))
    ended = [step for step, done, total in told if total and done == total]
    assert ended == [Step.READ, Step.CELLS, Step.WRITE, Step.PUBLISH]
    assert (Step.WRITE, 2, 5) in told


def test_a_grid_too_large_for_a_geopackage_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("modules.h3_grid.files.MOST_GEOPACKAGE_ROWS", 10)
    result = make(settings)
    assert [each["name"] for each in result.files] == [*WHOLE[:3], WHOLE[4]]
    with use_language("es"):
        assert "No se escribió el GeoPackage" in summary(result)


def test_a_grid_too_large_for_google_earth_has_no_kmz_and_leaves_none_of_before(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    before = make(settings)
    monkeypatch.setattr("modules.h3_grid.files.MOST_KMZ_ROWS", before.rows - 1)
    result = make(settings)
    assert [each["name"] for each in result.files] == list(WHOLE[:4])
    assert sorted(path.name for path in folder_of(settings).iterdir()) == sorted(WHOLE[:4])
    with use_language("es"):
        assert "No se escribió el KMZ" in summary(result)
    monkeypatch.setattr("modules.h3_grid.files.MOST_KMZ_ROWS", before.rows)
    assert (folder_of(settings) / WHOLE[4]).exists() is False
    assert make(settings).warnings == []


def test_a_summary_in_plain_words_and_a_result_that_fits_into_json(settings: Settings):
    result = make(settings)
    with use_language("es"):
        assert summary(result) == (
            f"Grilla terminada: 12 lotes en {result.cells} celdas de resolución 9, 318 ha. Muestreos: 12."
        )
    with use_language("en"):
        assert summary(result).startswith(f"Grid finished: 12 fields in {result.cells} cells of resolution 9, 318 ha.")
    told = json.loads(json.dumps(result.to_dict()))
    assert GridResult.from_dict(told) == result
    assert GridResult.from_dict(told | {"added_later": 1}) == result
    assert summary(GridResult.from_dict({}))


def test_figures_of_a_written_grid(settings: Settings):
    result = make(settings)
    figures = read_figures(folder_of(settings) / WHOLE[0], 7, "soja")
    assert sum(figures["superficie_ha"].to_pylist()) == pytest.approx(result.hectares, abs=1e-3)
    assert sum(figures["muestreos"].to_pylist()) == 12
