import json
from datetime import UTC, datetime

import pytest

from modules.errors import RequestError, SnapshotError, StorageError
from modules.i18n import use_language
from modules.kmz_products.request import Product
from modules.kmz_products.result import KmzResult, summary
from modules.kmz_products.run import run_kmz
from modules.progress import Step
from modules.storage.lock import writer_lock
from tests.faults.backups import back_up, content_of, settings_of, temporaries_of
from tests.kmz_readers import assert_valid, found, gdal_rows
from tests.unit.kmz_products.snapshots import (
    home_with_snapshot,
    make_kmz,
    names_in,
    product_folder,
    request_of,
)
from tests.unit.snapshots.invented import fields, source_of


def index_of(home, product):
    return json.loads((product_folder(home, product) / "index.json").read_text())


def places_of(home):
    """Every KMZ by its path, with the place on the disk that tells a new file from the old one."""
    root = home / "test_outputs"
    return {(path.relative_to(root).as_posix(), path.stat().st_ino) for path in root.glob("KMZ*/*.kmz")}


def test_a_run_makes_all_four_products_and_tells_what_it_did(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    told = []
    result = run_kmz(request_of(who="Ana"), settings_of(home), progress=lambda *each: told.append(each))
    assert {name: made.files for name, made in result.products.items()} == {
        "KMZ POR CAMPO": 3, "KMZ POR CULTIVO CAMPO": 12, "KMZ POR CULTIVO LOTE": 4, "KMZ POR LOTE": 12,
    }  # fmt: skip
    assert result.products["KMZ POR CAMPO"].features == {"lotes": 12, "ambientes": 36, "marcadores": 12}
    assert result.seconds_by_step.keys() == {"read", "write", "publish"}
    assert (told[0], told[-1]) == ((Step.READ, 0, 1), (Step.PUBLISH, 4, 4))
    assert (Step.WRITE, 31, 31) in told
    assert KmzResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result
    with use_language("es"):
        said = summary(result)
    assert said.startswith("KMZ listos: 31 archivos, de 12 lotes, 318 ha. Por carpeta: KMZ POR CAMPO 3, ")
    assert temporaries_of(home) == []


def test_the_html_map_is_one_of_the_products_when_it_is_asked_for(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    result = make_kmz(home, products=[Product.BY_FARM], html_map=True, farms=["La Escondida"])
    made = result.products["MAPA HTML"]
    (file,) = (home / "test_outputs" / "MAPA HTML").glob("[!.]*.html")
    assert (file.name, file.stat().st_size, made.files) == ("mapa 25-26 La Escondida.html", made.bytes, 1)
    assert made.features == {"lotes": 4, "ambientes": 12, "marcadores": 4}
    assert "La Escondida" in file.read_text()
    again = make_kmz(home, products=[], html_map=True)
    assert list(again.products) == ["MAPA HTML"]
    assert {path.name for path in file.parent.glob("[!.]*")} == {file.name, "mapa 25-26.html", "index.json"}


@pytest.mark.parametrize("asked", [{}, {"html_map": True}, {"products": [], "html_map": True}])
def test_a_choice_without_a_field_is_refused_and_changes_no_folder(tmp_path, asked):
    home = home_with_snapshot(tmp_path / "home", count=3)
    with pytest.raises(RequestError) as caught, use_language("es"):
        make_kmz(home, farms=["C1", "C0"], crops=["trigo"], **asked)
    with use_language("es"):
        assert caught.value.sentence() == (
            "El último respaldo no tiene lotes de El Ñandú, La Escondida con trigo. No se cambió nada. Elegir otros "
            "campos o cultivos."
        )
    assert not list((home / "test_outputs").glob("KMZ*/*.kmz"))
    assert not list((home / "test_outputs").glob("MAPA HTML/*.html"))
    assert temporaries_of(home) == []


def test_a_chosen_run_counts_what_was_chosen(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    result = make_kmz(home, farms=["C0"], html_map=True)
    assert result.fields == 4
    assert result.hectares == pytest.approx(105.97, abs=0.01)
    with use_language("es"):
        said = summary(result)
    assert said.startswith("KMZ listos: 13 archivos, de 4 lotes, 106 ha. Por carpeta: KMZ POR CAMPO 1, ")
    assert "KMZ POR LOTE 4. Los archivos de KMZ POR CULTIVO LOTE tienen los lotes de todos los campos " in said
    assert "con su cultivo. Mapa HTML listo. Respaldo" in said


def test_one_chosen_field_is_told_in_the_singular(tmp_path):
    home = home_with_snapshot(tmp_path / "home", 1)
    with use_language("es"):
        assert summary(make_kmz(home)).startswith("KMZ listos: 6 archivos, de 1 lote, ")


def test_a_map_alone_is_not_called_a_kmz(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    result = make_kmz(home, farms=["C0"], products=[], html_map=True)
    with use_language("es"):
        said = summary(result)
    assert said.startswith("Mapa HTML listo: 4 lotes, 106 ha. Respaldo")


def test_a_record_without_warnings_stays_readable():
    older = KmzResult(run_id="a").to_dict()
    del older["warnings"]
    assert KmzResult.from_dict(older) == KmzResult(run_id="a")


def test_the_index_tells_what_is_in_each_file(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    result = make_kmz(home)
    files = index_of(home, Product.BY_FARM)["files"]
    assert set(files) == names_in(home, Product.BY_FARM)
    entry = files["La Escondida 25-26.kmz"]
    assert (entry["title"], entry["season"], entry["farms"]) == ("La Escondida", "25/26", ["C0"])
    assert (entry["fields"], entry["zones"], entry["markers"]) == (4, 12, 4)
    assert entry["hectares"] == pytest.approx(105.97, abs=0.01)
    assert entry["snapshot"] == result.snapshot
    assert datetime.fromisoformat(entry["date"]).tzinfo == UTC


def test_a_folder_with_many_files_has_an_index_of_links_to_them(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    links = product_folder(home, Product.BY_FIELD) / "index.kmz"
    assert_valid(links)
    targets = found(links, "//k:NetworkLink/k:Link/k:href/text()")
    assert len(targets) == 12
    assert "../El%20%C3%91and%C3%BA%20-%201%2025-26.kmz" in targets
    assert found(links, "//k:Folder/k:Folder/k:name/text()") == ["El Ñandú", "La Escondida", "San José"]
    assert set(found(links, "//k:NetworkLink/k:visibility/text()")) == {"0"}
    assert not (product_folder(home, Product.BY_FARM) / "index.kmz").exists()


def test_what_is_no_longer_produced_goes_away_and_files_of_people_stay(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    folder = product_folder(home, Product.BY_CROP)
    (folder / "mío.kmz").write_text("mine")
    (folder / "soja 24-25.kmz").write_text("of another season")
    back_up(settings_of(home), source_of(12, fields=fields(12, cultivo="soja")), run_id="second")
    result = make_kmz(home)
    assert names_in(home, Product.BY_CROP) == {"soja 25-26.kmz", "mío.kmz", "soja 24-25.kmz"}
    assert result.products["KMZ POR CULTIVO LOTE"].removed == 3
    assert set(index_of(home, Product.BY_CROP)["files"]) == {"soja 25-26.kmz"}
    assert not (product_folder(home, Product.BY_CROP) / "index.kmz").exists()


def test_a_choice_makes_whole_files_anew_and_leaves_the_others(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    before = places_of(home)
    back_up(settings_of(home), source_of(12), run_id="second")
    result = make_kmz(home, farms=["San José"], crops=["soja"])
    assert {path for path, _place in places_of(home) - before if "index" not in path} == {
        "KMZ POR CAMPO/San José 25-26.kmz", "KMZ POR CULTIVO CAMPO/soja - San José 25-26.kmz",
        "KMZ POR CULTIVO LOTE/soja 25-26.kmz", "KMZ POR LOTE/San José - 8 25-26.kmz",
    }  # fmt: skip
    assert len(gdal_rows(product_folder(home, Product.BY_CROP) / "soja 25-26.kmz")) == 3
    assert {name: made.kept for name, made in result.products.items()} == {
        "KMZ POR CAMPO": 2, "KMZ POR CULTIVO CAMPO": 11, "KMZ POR CULTIVO LOTE": 3, "KMZ POR LOTE": 11,
    }  # fmt: skip
    assert set(index_of(home, Product.BY_FARM)["files"]) == names_in(home, Product.BY_FARM)


def test_only_the_products_asked_for_are_touched(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home, products=[Product.BY_CROP])
    assert names_in(home, Product.BY_CROP)
    assert not product_folder(home, Product.BY_FARM).exists()


@pytest.mark.parametrize("asked", [{"farms": ["El Nuevo"]}, {"crops": ["quinoa"]}, {"products": []}])
def test_what_the_backup_does_not_have_is_refused(tmp_path, asked):
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    before = content_of(home)
    with pytest.raises(RequestError):
        make_kmz(home, **asked)
    assert content_of(home) == before
    assert temporaries_of(home) == []


def test_without_a_backup_of_all_farms_there_is_nothing_to_make(tmp_path):
    with pytest.raises(SnapshotError, match=r"25/26"):
        make_kmz(tmp_path)
    back_up(settings_of(tmp_path), source_of(4), farms=["C1"])
    with pytest.raises(SnapshotError, match=r"25/26"):
        make_kmz(tmp_path)


def test_a_damaged_backup_is_named(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    [fields_file] = home.glob("test_outputs/Backup_Databaler/*/*/lotes.parquet")
    fields_file.write_bytes(b"no parquet")
    with pytest.raises(SnapshotError, match=fields_file.parent.name):
        make_kmz(home)


def test_one_run_at_a_time(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    with writer_lock(home / "data" / "locks" / "test-kmz.lock"), pytest.raises(StorageError, match="KMZ"):
        make_kmz(home)


def test_an_index_cannot_name_files_elsewhere(tmp_path):
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    index = product_folder(home, Product.BY_FARM) / "index.json"
    told = json.loads(index.read_text())
    for name in ("../../precious.kmz", "notas.txt"):
        told["files"][name] = told["files"]["San José 25-26.kmz"]
    index.write_text(json.dumps(told))
    (home / "precious.kmz").write_text("precious")
    (index.parent / "notas.txt").write_text("mine")
    make_kmz(home)
    assert (home / "precious.kmz").exists()
    assert (index.parent / "notas.txt").exists()
