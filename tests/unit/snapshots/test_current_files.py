import json
from pathlib import Path

import pyogrio
import pytest
import shapely

from modules.backup import BackupHeldBack
from modules.errors import StorageError
from modules.snapshots import publication
from modules.snapshots.check import verify
from modules.storage import retries
from tests.faults.backups import assert_sentence, back_up, content_of, settings_of, store_of, temporaries_of
from tests.kmz_readers import assert_valid, gdal_rows
from tests.unit.snapshots.invented import field_row, fields, layer_of, markers, outline, source_of

CROPS = {f"{crop} 25-26.{end}" for crop in ("soja", "maíz", "trigo", "sin cultivo") for end in ("gpkg", "kmz")}
FARMS = ("La Escondida", "El Ñandú", "San José")


def names_in(home: Path, folder: str) -> set[str]:
    return {path.name for path in (home / "test_outputs" / folder).iterdir() if not path.name.startswith(".")}


def fields_of_crops(*crops: str | None) -> dict[str, object]:
    rows = [field_row(number, cultivo=crop) for number, crop in enumerate(crops)]
    layer = fields(0).layer
    return {"fields": layer_of(layer, rows, [outline(number) for number in range(len(rows))])}


def test_the_folders_hold_the_names_that_people_know(tmp_path):
    result = back_up(settings_of(tmp_path), source_of())
    assert names_in(tmp_path, "cultivos") == CROPS
    assert names_in(tmp_path, "muestreos") == {f"{farm} 25-26.{end}" for farm in FARMS for end in ("gpkg", "csv")}
    assert names_in(tmp_path, "sustentabilidad") == {f"lotes 25-26.{end}" for end in ("gpkg", "geojson", "xlsx")}
    assert result.current_files == {"cultivos": 8, "muestreos": 6, "sustentabilidad": 3}


def test_a_crop_that_is_gone_goes_away_and_foreign_files_stay(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="first")
    folder = tmp_path / "test_outputs" / "cultivos"
    (folder / "trigo 24-25.gpkg").write_text("of another season")
    (folder / "notas.txt").write_text("mine")
    (folder / "maíz 25-26 copia.gpkg").write_text("mine too")
    back_up(settings, source_of(**fields_of_crops(*["soja"] * 12)), run_id="second")
    assert names_in(tmp_path, "cultivos") == {
        "soja 25-26.gpkg", "soja 25-26.kmz", "trigo 24-25.gpkg", "notas.txt", "maíz 25-26 copia.gpkg",
    }  # fmt: skip
    assert temporaries_of(tmp_path) == []


def test_files_that_hold_the_same_rows_are_left_alone(tmp_path):
    settings = settings_of(tmp_path)
    folder = tmp_path / "test_outputs" / "cultivos"
    back_up(settings, source_of(), run_id="first")
    first = {path.name: path.stat().st_ino for path in folder.glob("*25-26.*")}
    changed = ["soja", "maíz", "trigo", None] * 3
    changed[0] = "maíz"
    back_up(settings, source_of(**fields_of_crops(*changed)), run_id="second")
    second = {path.name: path.stat().st_ino for path in folder.glob("*25-26.*")}
    assert {name for name in CROPS if first[name] != second[name]} == {
        f"{crop} 25-26.{end}" for crop in ("soja", "maíz") for end in ("gpkg", "kmz")
    }


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"edited"), Path.unlink], ids=["edited", "deleted"])
def test_a_file_that_somebody_touched_is_written_again(tmp_path, harm):
    settings = settings_of(tmp_path)
    path = tmp_path / "test_outputs" / "cultivos" / "soja 25-26.gpkg"
    back_up(settings, source_of(), run_id="first")
    harm(path)
    back_up(settings, source_of(), run_id="second")
    assert pyogrio.read_info(path)["features"] == 3


def test_a_damaged_index_makes_files_stay_never_go(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="first")
    (tmp_path / "test_outputs" / "cultivos" / ".tranquera-respaldo-25-26.json").write_text("{")
    back_up(settings, source_of(**fields_of_crops(*["soja"] * 12)), run_id="second")
    assert names_in(tmp_path, "cultivos") == CROPS


def test_f32_an_index_cannot_name_files_elsewhere(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="first")
    index = tmp_path / "test_outputs" / "cultivos" / ".tranquera-respaldo-25-26.json"
    told = json.loads(index.read_text())
    told["files"]["../../precious.txt"] = {"title": "x"}
    index.write_text(json.dumps(told))
    (tmp_path / "precious.txt").write_text("precious")
    back_up(settings, source_of(), run_id="second")
    assert (tmp_path / "precious.txt").exists()


def test_f29_awkward_crops_have_safe_files_and_the_index_keeps_their_names(tmp_path):
    crops = ["CON", "a/b", "a:b", "Soja", "soja", "x."]
    back_up(settings_of(tmp_path), source_of(6, **fields_of_crops(*crops)))
    index = json.loads((tmp_path / "test_outputs" / "cultivos" / ".tranquera-respaldo-25-26.json").read_text())
    assert sorted(entry["title"] for entry in index["files"].values()) == sorted(2 * crops)
    assert names_in(tmp_path, "cultivos") == set(index["files"])
    for name, entry in index["files"].items():
        frame = pyogrio.read_dataframe(tmp_path / "test_outputs" / "cultivos" / name, layer=0)
        assert set(frame["cultivo"]) == {entry["title"]}


def test_two_farms_of_one_name_have_a_file_each(tmp_path):
    samples = markers(6, campo="San José")
    back_up(settings_of(tmp_path), source_of(6, markers=samples))
    packages = [name for name in names_in(tmp_path, "muestreos") if name.endswith(".gpkg")]
    assert len(packages) == 3
    assert all(name.startswith("San José") for name in packages)


def test_markers_of_no_farm_have_a_file_too(tmp_path):
    back_up(settings_of(tmp_path), source_of(6, markers=markers(6, campo_id=None, campo=None)))
    assert "sin campo 25-26.gpkg" in names_in(tmp_path, "muestreos")


def test_a_backup_of_some_farms_leaves_the_current_files_alone(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="all")
    before = content_of(tmp_path)
    back_up(settings, source_of(4), run_id="some", farms=["C1"])
    assert content_of(tmp_path).items() >= before.items()
    assert not any("cultivos" in path for path in content_of(tmp_path).keys() - before.keys())


def test_a_held_back_backup_leaves_the_current_files_alone(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="all")
    before = {name: (tmp_path / name).stat().st_ino for name in content_of(tmp_path)}
    with pytest.raises(BackupHeldBack):
        back_up(settings, source_of(4), run_id="held")
    assert {name: (tmp_path / name).stat().st_ino for name in before} == before


def test_a_crop_written_otherwise_has_one_file(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(3, **fields_of_crops(*["Maíz"] * 3)), run_id="first")
    back_up(settings, source_of(3, **fields_of_crops(*["MAÍZ"] * 3)), run_id="second")
    assert names_in(tmp_path, "cultivos") == {"MAÍZ 25-26.gpkg", "MAÍZ 25-26.kmz"}


def test_f30_a_crop_written_otherwise_keeps_its_file_where_case_makes_no_difference(tmp_path, monkeypatch):
    """W: as Windows has it, both names mean one file; here a second name is linked to it."""
    settings = settings_of(tmp_path)
    back_up(settings, source_of(3, **fields_of_crops(*["Maíz"] * 3)), run_id="first")
    replace = Path.replace

    def replacing(path: Path, target: Path) -> Path:
        replaced = replace(path, target)
        if target.name == "MAÍZ 25-26.gpkg":
            twin = target.with_name("Maíz 25-26.gpkg")
            twin.unlink()
            twin.hardlink_to(target)
        return replaced

    removed: list[str] = []
    monkeypatch.setattr(Path, "replace", replacing)
    monkeypatch.setattr(publication, "remove", lambda path: removed.append(path.name))
    back_up(settings, source_of(3, **fields_of_crops(*["MAÍZ"] * 3)), run_id="second")
    assert "Maíz 25-26.gpkg" not in removed


def test_the_kmz_of_a_crop_says_what_its_geopackage_says(tmp_path):
    back_up(settings_of(tmp_path), source_of())
    folder = tmp_path / "test_outputs" / "cultivos"
    assert_valid(folder / "soja 25-26.kmz")
    placemarks = gdal_rows(folder / "soja 25-26.kmz")
    package = pyogrio.read_dataframe(folder / "soja 25-26.gpkg").set_index("id")
    assert set(placemarks) == set(package.index)
    for id_, placemark in placemarks.items():
        assert (placemark["Name"], placemark["layer"]) == (package.lote[id_], package.campo[id_])
        assert shapely.equals_exact(shapely.force_2d(placemark["geometry"]), package.geometry[id_].geoms[0], 1e-7)


@pytest.mark.parametrize("failure", [PermissionError(13, "in use"), OSError(5, "no answer")], ids=["open", "disk"])
@pytest.mark.parametrize("stuck", ["soja 25-26.gpkg", ".tranquera-respaldo-25-26.json"])
def test_f24_a_file_that_cannot_be_replaced_after_publishing_is_named(tmp_path, monkeypatch, failure, stuck):
    settings = settings_of(tmp_path)
    first = back_up(settings, source_of(), run_id="first").snapshot_id
    replace = Path.replace

    def refusing(path: Path, target: Path) -> Path:
        if target.name == stuck and target.parent.name == "cultivos":
            raise failure
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(retries.time, "sleep", lambda _seconds: None)
        patched.setattr(Path, "replace", refusing)
        with pytest.raises(StorageError, match=r"saved|guardó") as caught:
            back_up(settings, source_of(**fields_of_crops(*["soja", "trigo"] * 6)), run_id="second")
    assert_sentence(caught.value)
    assert caught.value.values["files"] == stuck
    (current, last) = store_of(tmp_path).published()
    assert last.id == first
    assert verify(current) == []
    assert temporaries_of(tmp_path) == []
    back_up(settings, source_of(**fields_of_crops(*["soja"] * 12)), run_id="third")
    assert names_in(tmp_path, "cultivos") == {"soja 25-26.gpkg", "soja 25-26.kmz"}
    assert pyogrio.read_info(tmp_path / "test_outputs" / "cultivos" / "soja 25-26.gpkg")["features"] == 12
