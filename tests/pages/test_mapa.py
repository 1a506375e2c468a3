"""The map's page: which backup, filter, colours, comparison, selection and table, as the address tells them.

What the map draws is in the browser (tests/browser/test_map.py); here is what it is told to draw.
"""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from app.components.map_kmz import MOST
from app.services import maps
from app.services.changes import comparison
from modules.domain.crop_colours import crop_colour
from modules.domain.layers import Layer
from modules.environments import Environment
from modules.errors import SnapshotHeldBack
from modules.i18n.formats import number
from modules.kmz_preview.drawing import DRAWN_IMAGES
from modules.snapshots.decisions import accept
from modules.storage.roots import Folder, root_of
from tests.faults.backups import back_up, settings_of, store_of
from tests.pages.conftest import words_of
from tests.pages.grids import write_grid
from tests.unit.changes.evolved import FIRST, SECOND, evolved_home
from tests.unit.kmz_preview.made_up import image, overlay
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon
from tests.unit.snapshots.invented import fields, source_of

Open = Callable[..., AppTest]
KMZ_PATH = f"{Folder.KMZ_BY_FARM}/La Escondida 25-26.kmz"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two backups that differ, made once."""
    return evolved_home(tmp_path_factory.mktemp("two"))


@pytest.fixture
def backed_up(home: Path, twelve: Path) -> Path:
    shutil.copytree(twelve, home, dirs_exist_ok=True)
    return home


@pytest.fixture
def evolved(home: Path, two: Path) -> Path:
    shutil.copytree(two, home, dirs_exist_ok=True)
    return home


def spec(page: AppTest) -> dict[str, Any]:
    """What the map was told to show."""
    assert not page.exception
    (component,) = page.get("bidi_component")
    told: dict[str, Any] = json.loads(component.proto.json)
    return told


def layers(page: AppTest) -> dict[str, dict[str, Any]]:
    return {layer["id"]: layer for layer in spec(page)["layers"]}


def stops(page: AppTest, layer: str = "lotes") -> dict[str, str]:
    return {str(stop["label"]).split(" · ")[0]: stop["colour"] for stop in layers(page)[layer]["colour"]["stops"]}


def table(page: AppTest) -> list[str]:
    """The ids' places cannot be seen: what fields stand in the table, `campo lote`."""
    (frame,) = page.dataframe
    return [f"{row['campo']} {row['lote']}" for row in frame.value.to_dict("records")]


def written(page: AppTest, name: str) -> list[str]:
    """What stands in the address under a name."""
    found = page.query_params[name]
    return [found] if isinstance(found, str) else list(found)


def put_kmz(home: Path) -> None:
    """Put a KMZ of one field among the products."""
    file = root_of(home, Environment.TEST) / KMZ_PATH
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(kmz({"doc.kml": kml(placemark(polygon("-63,-35 -62,-35 -62,-34 -63,-34 -63,-35")))}))


def said(page: AppTest) -> str:
    return words_of(page).replace("\u00a0", " ")


def test_without_a_backup_the_page_says_how_to_get_one(open_page: Open):
    page = open_page("mapa")
    assert not page.exception
    assert "Todavía no hay respaldos." in words_of(page)
    assert not page.get("bidi_component")


def test_production_that_is_not_connected_is_said(open_page: Open):
    page = open_page("mapa", env="production")
    assert not page.exception
    assert "Las carpetas de producción no están conectadas" in words_of(page)


def test_the_newest_backup_of_all_farms_is_shown(open_page: Open, backed_up: Path):
    whole = store_of(backed_up).published()[0].id
    back_up(settings_of(backed_up), source_of(4), run_id=SECOND, farms=["C0"])
    page = open_page("mapa")
    shown = spec(page)
    assert [layer["source"] for layer in shown["layers"]] == [
        f"test/{whole}/{layer}" for layer in ("marcadores", "lotes", "ambientes", "zonas")
    ]
    assert [layer["visible"] for layer in shown["layers"]] == [False, True, False, False]
    assert shown["basemap"] == "none"
    assert shown["compare"] == "none"
    assert shown["selection"] == []
    assert shown["bounds"]
    assert "12 lotes" in shown["title"]
    assert stops(page)["soja"] == crop_colour("soja")
    assert "**12 lotes · " in said(page)
    assert len(table(page)) == 12


def test_the_page_and_the_map_speak_english_too(open_page: Open, backed_up: Path):
    page = open_page("mapa", lang="en")
    assert spec(page)["language"] == "en"
    assert "**12 fields · " in said(page)
    assert layers(page)["lotes"]["title"] == "Fields"


def test_a_backup_whose_files_cannot_be_read_is_a_sentence(open_page: Open, backed_up: Path):
    (snapshot,) = store_of(backed_up).published()
    (snapshot.path / "lotes.parquet").write_bytes(b"PAR1 no Parquet at all")
    page = open_page("mapa")
    assert not page.exception
    assert "no se pueden leer" in page.error[0].value
    assert page.selectbox(key="map-choice-snap")


def test_another_layer_that_cannot_be_read_does_not_take_the_choices_along(open_page: Open, backed_up: Path):
    (snapshot,) = store_of(backed_up).published()
    (snapshot.path / "ambientes.parquet").unlink()
    page = open_page("mapa")
    assert not page.exception
    assert "no se pueden leer" in page.error[0].value


def test_an_empty_backup_is_an_empty_map(open_page: Open, home: Path):
    with pytest.raises(SnapshotHeldBack):
        back_up(settings_of(home), source_of(0), run_id=FIRST)
    accept(store_of(home), FIRST[:8], typed_season="25/26")
    page = open_page("mapa")
    shown = spec(page)
    assert (shown["layers"], shown["bounds"]) == ([], None)
    assert not page.dataframe
    assert "Acá no hay lotes" in page.info[0].value
    assert "**0 lotes · 0" in said(page)


UNKNOWN = [
    {
        "snap": "2020-01-01T000000Z_00000000",
        "farm": "C99",
        "crop": "<b>quinoa</b>",
        "by": "geometry",
        "vs": "gone",
        "mode": "sideways",
        "layers": "lotes~40,nothing~5,-x:y~999,,~,lotes~~",
        "sel": "gone,,L000001",
        "base": "https://example.com/{z}",
        "at": "here",
    },
    {"snap": "../../etc", "by": "actualizado", "layers": "ambientes~50,ambientes~20", "sel": ",,", "base": "satelite"},
]


def test_an_address_that_tells_something_unknown_shows_the_rest(open_page: Open, backed_up: Path):
    for address in UNKNOWN:
        page = open_page("mapa", **address)
        shown = spec(page)
        assert len(shown["layers"]) == 4, address
        assert shown["basemap"] == "none", address
        assert len(table(page)) == 12, address


def test_a_backup_of_a_link_that_is_gone_is_said(open_page: Open, backed_up: Path):
    page = open_page("mapa", snap="2020-01-01T000000Z_00000000")
    assert "El respaldo de este enlace ya no está." in page.warning[0].value


def test_a_filter_holds_for_map_table_and_legend_and_stands_in_the_address(open_page: Open, backed_up: Path):
    page = open_page("mapa")
    page.multiselect(key="map-choice-farm").select("C1").run()
    page.multiselect(key="map-choice-crop").select("maíz").run()
    assert written(page, "farm") == ["C1"]
    assert written(page, "crop") == ["maíz"]
    for each in (page, open_page("mapa", farm="C1", crop="maíz")):
        assert table(each) == ["El Ñandú 1"]
        assert layers(each)["lotes"]["filter"] == {"campo": ["C1"], "cultivo": ["maíz"]}
        assert layers(each)["lotes"]["colour"]["stops"][0]["label"].startswith("maíz · 1 · ")
        assert len(stops(each)) == 1
    page.multiselect(key="map-choice-crop").unselect("maíz").run()
    assert "crop" not in page.query_params
    assert len(table(page)) == 4


def test_two_backups_that_are_told_alike_are_not_taken_for_one_another(open_page: Open, home: Path):
    for run in (FIRST, SECOND):
        back_up(settings_of(home), source_of(12), run_id=run)
    now, _before = store_of(home).published()
    page = open_page("mapa")
    options = page.selectbox(key="map-choice-snap").options
    assert len(set(options)) == 2
    page.selectbox(key="map-choice-by").select_index(1).run()
    assert layers(page)["lotes"]["source"] == f"test/{now.id}/lotes"
    assert "snap" not in page.query_params


def test_two_farms_of_one_name_are_told_apart(open_page: Open, home: Path):
    source = source_of(6, fields=fields(6, campo="La Escondida"))
    back_up(settings_of(home), source, run_id=FIRST)
    page = open_page("mapa")
    options = page.multiselect(key="map-choice-farm").options
    assert len(options) == len(set(options)) == 3
    page.multiselect(key="map-choice-farm").select("C1").run()
    assert layers(page)["lotes"]["filter"] == {"campo": ["C1"]}


def test_a_filter_that_leaves_nothing_is_said(open_page: Open, evolved: Path):
    page = open_page("mapa", farm="C0", crop="trigo")
    assert "lotes" not in layers(page)
    assert not page.dataframe
    assert "Acá no hay lotes" in page.info[0].value
    assert "**0 lotes" in said(page)


@pytest.mark.slow
def test_fields_are_coloured_by_each_column_that_is_offered(open_page: Open, backed_up: Path):
    page = open_page("mapa")
    offered = page.selectbox(key="map-choice-by").options
    assert offered[:2] == ["Cultivo", "Campo"]
    assert "Hectáreas" in offered
    for place, word in enumerate(offered):
        page.selectbox(key="map-choice-by").select_index(place).run()
        colour = layers(page)["lotes"]["colour"]
        assert colour["kind"] in {"values", "classes"}, word
        assert colour["stops"], word
        again = open_page("mapa", by=written(page, "by")[0] if place else "cultivo")
        assert layers(again)["lotes"]["colour"] == colour


def test_differences_with_another_backup_are_a_layer_on_top(open_page: Open, evolved: Path):
    now, before = store_of(evolved).published()
    page = open_page("mapa", vs=before.id)
    changes, *_others = spec(page)["layers"]
    assert changes["source"] == f"test/{now.id}/cambios-{before.id}"
    assert changes["visible"]
    assert stops(page, "cambios")["Nuevo"] == "#009E73"
    assert spec(page)["compare"] == "none"


@pytest.mark.parametrize("mode", ["swipe", "blink"])
def test_two_backups_are_two_sides_of_one_map(open_page: Open, evolved: Path, mode: str):
    now, before = store_of(evolved).published()
    page = open_page("mapa", snap=now.id, vs=before.id, mode=mode)
    assert spec(page)["compare"] == mode
    assert "cambios" not in layers(page)
    sides = {layer["id"]: (layer["side"], layer["source"]) for layer in spec(page)["layers"]}
    assert sides["lotes"] == ("a", f"test/{now.id}/lotes")
    assert sides["lotes:b"] == ("b", f"test/{before.id}/lotes")
    assert spec(page)["titles"]["a"] != ""
    # The table tells of the backup that was chosen.
    assert len(table(page)) == 14


def test_a_comparison_is_chosen_changed_and_left_again(open_page: Open, evolved: Path):
    before = store_of(evolved).published()[1].id
    page = open_page("mapa")
    page.selectbox(key="map-choice-vs").select(before).run()
    assert written(page, "vs") == [before]
    page.segmented_control(key="map-choice-mode").set_value("swipe").run()
    assert written(page, "mode") == ["swipe"]
    assert spec(page)["compare"] == "swipe"
    page.selectbox(key="map-choice-vs").select("").run()
    assert "vs" not in page.query_params
    assert spec(page)["compare"] == "none"


def test_another_backup_keeps_no_comparison_with_itself(open_page: Open, evolved: Path):
    before = store_of(evolved).published()[1]
    page = open_page("mapa", vs=before.id)
    page.selectbox(key="map-choice-snap").select(before.id).run()
    assert written(page, "snap") == [before.id]
    assert "vs" not in page.query_params
    assert spec(page)["layers"][1]["source"] == f"test/{before.id}/lotes"
    assert page.selectbox(key="map-choice-vs").value == ""


def test_layers_are_shown_as_the_address_left_them(open_page: Open, backed_up: Path):
    page = open_page("mapa", layers="ambientes~30,-lotes~80")
    order = [layer["id"] for layer in spec(page)["layers"]]
    assert order.index("ambientes") < order.index("lotes")
    assert (layers(page)["ambientes"]["visible"], layers(page)["ambientes"]["opacity"]) == (True, 0.3)
    assert (layers(page)["lotes"]["visible"], layers(page)["lotes"]["opacity"]) == (False, 0.8)


def test_a_grid_of_the_environment_is_a_layer(open_page: Open, backed_up: Path):
    write_grid(backed_up, farms=["La Escondida"], resolution=9)
    page = open_page("mapa")
    grid = layers(page)["celdas"]
    assert grid["kind"] == "h3"
    assert grid["source"].startswith("test/h3-")
    assert grid["visible"] is False
    assert (grid["colour"]["by"], grid["colour"]["kind"]) == ("cultivo", "values")
    assert "resolución 9 · hoy" in grid["title"]


def test_a_filter_holds_for_what_is_printed_and_for_the_maps_own_sums(open_page: Open, backed_up: Path):
    shown = spec(open_page("mapa", farm="C0", sel="L000001,L000000"))
    assert "4 lotes" in shown["title"]
    assert "hoy" not in shown["title"], "it is read on another day"
    known = dict(zip(shown["selection"], shown["selection_hectares"], strict=True))
    assert known["L000001"] is None
    assert known["L000000"] > 0


def test_a_selection_too_long_for_a_link_stays_and_says_so(open_page: Open, backed_up: Path):
    page = open_page("mapa")
    said = "Esta selección es demasiado larga para un enlace"
    assert said not in told_in(page)
    page.session_state["map-selection"] = [f"L{number:06}" for number in range(60)]
    page.run()
    assert len(spec(page)["selection"]) == 60
    assert "sel" not in page.query_params
    assert said in told_in(page)


def told_in(page: AppTest) -> str:
    return " ".join(each.value for each in page.caption)


def test_a_selection_in_the_address_is_ticked_summed_and_cleared(open_page: Open, backed_up: Path):
    page = open_page("mapa", sel="L000004,L000001")
    assert spec(page)["selection"] == ["L000004", "L000001"]
    assert "Selección: 2 lotes · " in said(page)
    page.toggle(key="map-table-only").set_value(True).run()
    assert table(page) == ["El Ñandú 1", "El Ñandú 4"]
    page.button(key="map-clear").click().run()
    assert "sel" not in page.query_params
    assert spec(page)["selection"] == []
    assert len(table(page)) == 12


def test_a_selected_field_that_the_filter_hides_is_not_counted(open_page: Open, backed_up: Path):
    page = open_page("mapa", sel="L000001", farm="C0")
    assert "Selección" not in said(page)
    assert len(table(page)) == 4


def test_more_rows_than_a_page_can_carry_are_said_and_the_chosen_one_stands_there(open_page: Open, home: Path):
    back_up(settings_of(home), source_of(1, fields=fields(2_100)), run_id=FIRST)
    page = open_page("mapa", sel="L002099")
    names = table(page)
    assert len(names) == 2_001
    assert names[-1] == "San José 2099"
    assert "En la tabla hay 2.001 de 2.100 lotes." in said(page)
    page.toggle(key="map-table-only").set_value(True).run()
    assert table(page) == ["San José 2099"]
    assert "En la tabla hay" not in said(page)


def test_a_selection_that_is_too_large_for_the_address_is_kept_without_it(open_page: Open, home: Path):
    back_up(settings_of(home), source_of(60), run_id=FIRST)
    page = open_page("mapa")
    chosen = [f"L{n:06}" for n in range(50)]
    page.session_state["map-selection"] = chosen
    page.run()
    assert spec(page)["selection"] == chosen
    assert "sel" not in page.query_params
    assert "Selección: 50 lotes" in said(page)
    page.button(key="map-clear").click().run()
    assert spec(page)["selection"] == []


def test_names_from_outside_are_text(open_page: Open, home: Path):
    name = "**Lote** :smile: [a](http://x) <script>" + "x" * 60
    back_up(settings_of(home), source_of(3, fields=fields(3, lote=name, campo=name, cultivo=name)), run_id=FIRST)
    page = open_page("mapa", crop=name)
    assert table(page) == [f"{name} {name}"] * 3
    assert page.multiselect(key="map-choice-crop").value == [name]
    assert layers(page)["lotes"]["filter"] == {"cultivo": [name]}


def map_links(page: AppTest) -> dict[str, dict[str, list[str]]]:
    """Where the links to the map lead, by their words."""
    assert not page.exception
    return {
        link.proto.label: parse_qs(link.proto.query_string)
        for link in page.get("page_link")
        if "mapa" in link.proto.label
    }


def test_home_and_the_changes_lead_to_the_map(open_page: Open, evolved: Path):
    now, before = store_of(evolved).published()
    wait([comparison(before, now)])
    links = map_links(open_page())
    assert links["Ver en el mapa"] == {"snap": [now.id]}
    assert links["Diferencias en el mapa"] == {"snap": [now.id], "vs": [before.id]}
    page = open_page("mapa", snap=now.id, vs=before.id)
    assert spec(page)["layers"][0]["source"] == f"test/{now.id}/cambios-{before.id}"


@pytest.mark.parametrize("layer", [Layer.ZONES, Layer.MARKERS])
def test_a_filter_by_crop_holds_for_the_legend_of_what_belongs_to_fields(
    open_page: Open, backed_up: Path, layer: Layer
):
    def counted(page: AppTest) -> int:
        return sum(int(stop["label"].split(" · ")[1]) for stop in layers(page)[layer]["colour"]["stops"])

    (snapshot,) = store_of(backed_up).published()
    rows = maps.rows(snapshot, layer)
    crops = maps.rows(snapshot, Layer.FIELDS)
    of_field = dict(zip(crops["id"].to_pylist(), crops["cultivo"].to_pylist(), strict=True))
    crop = of_field[rows["lote_id"][0].as_py()]
    expected = sum(of_field.get(each) == crop for each in rows["lote_id"].to_pylist())
    assert 0 < expected < len(rows)
    assert counted(open_page("mapa")) == len(rows)
    assert counted(open_page("mapa", crop=crop)) == expected


def touched(kmz: str, coming: str) -> None:
    """A page whose map tells that its layers were touched while a file is still read."""
    import streamlit as st

    from app.components import map_page
    from app.components.field_map.state import LayerState, MapState

    if "layers" not in st.query_params:
        st.query_params.from_dict({"kmz": kmz, "layers": f"-{coming}~40,gone~10,lotes~50"})
        map_page._remember(MapState(layers=[LayerState("lotes", True, 0.7)]))


def test_layers_that_are_touched_while_a_file_is_read_leave_it_as_it_was(open_page: Open, backed_up: Path):
    put_kmz(backed_up)
    coming = spec(open_page("mapa", kmz=KMZ_PATH))["layers"][0]["id"]
    page = AppTest.from_function(touched, args=(KMZ_PATH, coming), default_timeout=30).run()
    assert not page.exception
    assert written(page, "layers") == [f"-{coming}~40,lotes~70"]


def test_the_analysis_leads_to_its_grid_on_the_map(open_page: Open, backed_up: Path):
    write_grid(backed_up, farms=["La Escondida"], resolution=9)
    links = map_links(open_page("analisis"))
    (shown,) = links["Ver la grilla en el mapa"]["layers"]
    page = open_page("mapa", layers=shown)
    assert {name for name, layer in layers(page).items() if layer["visible"]} == {"celdas"}


def kmz_dialog() -> None:
    """What the dialog holds, as a page of its own: AppTest runs a page from the top, where no dialog is open."""
    from app.components.map_kmz import kmz_panel
    from modules.i18n import use_language

    with use_language("es"):
        kmz_panel()


def test_a_kmz_of_ours_is_laid_over_the_map_and_taken_off(open_page: Open, backed_up: Path):
    put_kmz(backed_up)
    opened = open_page("mapa").button(key="map-kmz").click().run()
    assert opened.get("dialog")[0].proto.dialog.title == "Poner un KMZ o KML sobre el mapa"
    dialog = AppTest.from_function(kmz_dialog, default_timeout=30).run()
    assert dialog.button(key="map-kmz-lay").disabled
    dialog.selectbox(key="map-kmz-file").set_value(PurePosixPath(KMZ_PATH).name).run()
    dialog.button(key="map-kmz-lay").click().run()
    assert written(dialog, "kmz") == [KMZ_PATH]
    page = open_page("mapa", kmz=KMZ_PATH)
    laid, *others = spec(page)["layers"]
    assert (laid["kind"], laid["title"], laid["colour"]) == ("kmz", "La Escondida 25-26.kmz", {"kind": "own"})
    assert laid["bounds"] == pytest.approx([-63, -35, -62, -34])
    assert [others, spec(page)["bounds"]] == [spec(opened)["layers"], spec(opened)["bounds"]]
    assert page.button(key="map-kmz").label == "KMZ (1)"
    dialog.button(key=f"map-kmz-off-{KMZ_PATH}").click().run()
    assert "kmz" not in dialog.query_params


def test_a_kmz_that_is_dropped_is_laid_over_the_map(open_page: Open, backed_up: Path):
    dialog = AppTest.from_function(kmz_dialog, default_timeout=30).run()
    dialog.file_uploader[0].set_value(("vecino.kml", kml(placemark(polygon(SQUARE))), "application/octet-stream")).run()
    (token,) = written(dialog, "kmz")
    laid = spec(open_page("mapa", kmz=token))["layers"][0]
    assert (laid["title"], laid["source"]) == ("vecino.kml", f"{token}/kmz")
    assert laid["bounds"] is not None


def test_a_dropped_file_that_is_no_kmz_is_a_sentence_in_the_dialog(backed_up: Path):
    dialog = AppTest.from_function(kmz_dialog, default_timeout=30).run()
    dialog.file_uploader[0].set_value(("notas.txt", b"hola", "application/octet-stream")).run()
    assert "“notas.txt” no es un KMZ ni un KML" in words_of(dialog).replace("\\", "")
    assert "kmz" not in dialog.query_params


def test_without_any_kmz_the_dialog_says_how_to_get_one(home: Path):
    dialog = AppTest.from_function(kmz_dialog, default_timeout=30).run()
    assert "Todavía no hay KMZ: generalos en el inicio." in words_of(dialog)


def test_more_files_than_anybody_sees_through_are_refused(backed_up: Path):
    dialog = AppTest.from_function(kmz_dialog, default_timeout=30)
    dialog.query_params["kmz"] = [f"{Folder.KMZ_BY_FARM}/{each}.kmz" for each in range(MOST)]
    dialog.run()
    assert not dialog.file_uploader
    assert f"No se muestran más de {MOST} archivos a la vez." in words_of(dialog)


def test_a_kmz_of_a_link_that_is_gone_is_said_and_can_be_left_out(open_page: Open, backed_up: Path):
    page = open_page("mapa", kmz=KMZ_PATH)
    assert not page.exception
    assert "lotes" in layers(page)
    (button,) = [each for each in page.button if each.label == "Quitarlo"]
    button.click().run()
    assert "kmz" not in page.query_params


def test_a_kmz_without_anything_to_draw_is_said(open_page: Open, backed_up: Path):
    file = root_of(backed_up, Environment.TEST) / KMZ_PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(kmz({"doc.kml": kml("<Folder><name>vacía</name></Folder>")}))
    page = open_page("mapa", kmz=KMZ_PATH)
    assert "no tiene nada que un mapa pueda dibujar" in " ".join(each.value for each in page.warning)
    assert "kmz" not in {layer["kind"] for layer in spec(page)["layers"]}


def test_a_kmz_that_is_switched_off_in_itself_is_drawn_all_the_same(open_page: Open, backed_up: Path):
    file = root_of(backed_up, Environment.TEST) / KMZ_PATH
    file.parent.mkdir(parents=True)
    off = f"<Folder><name>Norte</name><visibility>0</visibility>{placemark(polygon(SQUARE))}</Folder>"
    file.write_bytes(kmz({"doc.kml": kml(off)}))
    assert spec(open_page("mapa", kmz=KMZ_PATH))["layers"][0]["hidden_folders"] == []


def test_what_was_switched_in_the_preview_is_so_on_the_map(open_page: Open, backed_up: Path):
    file = root_of(backed_up, Environment.TEST) / KMZ_PATH
    file.parent.mkdir(parents=True)
    folders = "".join(f"<Folder><name>{each}</name>{placemark(polygon(SQUARE))}</Folder>" for each in ("N", "S"))
    file.write_bytes(kmz({"doc.kml": kml(folders)}))
    preview = open_page("vista_previa", path=KMZ_PATH, switch="-1")
    (link,) = [each.proto for each in preview.get("page_link") if "kmz=" in each.proto.query_string]
    (named,) = parse_qs(link.query_string)["kmz"]
    (layer,) = [each for each in spec(open_page("mapa", kmz=named))["layers"] if each["kind"] == "kmz"]
    assert len(layer["hidden_folders"]) == 1
    assert spec(open_page("mapa", kmz=f"{KMZ_PATH}|nonsense"))["layers"][0]["hidden_folders"] == []
    assert (
        len(spec(open_page("mapa", kmz=f"{KMZ_PATH}|-0"))["layers"][0]["hidden_folders"]) == 3
    )  # all, as it was asked


def test_a_kmz_of_thousands_of_images_is_drawn_as_far_as_a_map_bears(open_page: Open, backed_up: Path):
    file = root_of(backed_up, Environment.TEST) / KMZ_PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(kmz({"doc.kml": kml(overlay() * 3000), "a.png": image()}))
    assert len(spec(open_page("mapa", kmz=KMZ_PATH))["layers"][0]["overlays"]) == DRAWN_IMAGES
    told = words_of(open_page("vista_previa", path=KMZ_PATH)).replace("\\", "")
    assert f"que están en la lista y no se dibujan: {number(3000 - DRAWN_IMAGES)}" in told


def test_a_long_folder_of_kmz_is_searched_by_a_part_of_the_name(backed_up: Path):
    folder = root_of(backed_up, Environment.TEST) / Folder.KMZ_BY_FIELD
    folder.mkdir(parents=True)
    for lot in range(300):
        (folder / f"Lote {lot}.kmz").touch()
    dialog = AppTest.from_function(kmz_dialog, default_timeout=30).run()
    dialog.selectbox(key="map-kmz-folder").set_value(Folder.KMZ_BY_FIELD.value).run()
    assert len(dialog.selectbox(key="map-kmz-file").options) == 200
    dialog.text_input(key="map-kmz-find").set_value("LOTE 29").run()
    assert len(dialog.selectbox(key="map-kmz-file").options) == 11


def test_what_is_printed_says_what_the_filter_left(open_page: Open, backed_up: Path):
    title = spec(open_page("mapa", farm="C0", crop="soja"))["title"]
    assert "La Escondida" in title
    assert "soja" in title


def test_layers_keep_their_places_beneath_a_kmz(open_page: Open, backed_up: Path):
    put_kmz(backed_up)
    page = open_page("mapa", kmz=KMZ_PATH, layers="lotes~80,marcadores~100")
    assert [layer["kind"] for layer in spec(page)["layers"]][:3] == ["kmz", "fields", "markers"]


def test_what_colours_fields_is_greyed_out_where_differences_have_their_own(open_page: Open, evolved: Path):
    now, before = store_of(evolved).published()
    page = open_page("mapa", snap=now.id, vs=before.id)
    assert page.selectbox(key="map-choice-by").disabled
    page.segmented_control(key="map-choice-mode").set_value("swipe").run()
    assert not page.selectbox(key="map-choice-by").disabled
