"""The HTML map: what stands in it, how large it is, and what it refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from modules.domain.columns import HECTARES
from modules.domain.crop_colours import CROP_COLOURS
from modules.domain.layers import Layer
from modules.errors import RequestError, SnapshotError, StorageError
from modules.export import warning_sentences
from modules.html_map import HtmlMapRequest, write_html_map
from modules.i18n import use_language
from modules.i18n.formats import file_size
from modules.snapshots.layers import CheckedLayer, check_layer
from modules.snapshots.store import Snapshot
from modules.storage.atomic import TEMPORARY_PREFIX
from tests.faults.backups import assert_sentence
from tests.faults.disks import mounted_disk
from tests.unit.export.kept import HOLED, checked_fields, keep, keep_usual
from tests.unit.html_map.reading import NASTY, parsed
from tests.unit.snapshots.invented import fields, layer_of, markers, outline, zones

MOST_BYTES = 5_000_000
#: 0.1 m, to which coordinates are rounded, and a little for the rounding itself.
ROUNDED_DEG = 0.6e-6


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """12 fields on three farms, with soja, maíz, trigo and no crop in turn; thrice as many zones, 12 markers."""
    return keep_usual(tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """1,000 fields with 60 vertices, four zones and three markers each."""
    return keep(tmp_path_factory.mktemp("thousand"), *many(vertices=60))


def many(vertices: int) -> list[CheckedLayer]:
    count = 1000
    shapes = [outline(number, vertices) for number in range(count)]
    zone_rows = zones(4 * count).attributes.to_pylist()
    for number, row in enumerate(zone_rows):
        row["lote_id"], row["clase"] = f"L{number // 4:06}", ("baja", "media", "alta")[number % 3]
    layers = [
        layer_of(Layer.FIELDS, fields(count).attributes.to_pylist(), shapes),
        layer_of(Layer.ZONES, zone_rows, [shapes[number // 4] for number in range(4 * count)]),
        markers(3 * count),
    ]
    return [check_layer(each, None) for each in layers]


def test_the_map_holds_every_row_with_its_facts(usual: Snapshot, tmp_path: Path) -> None:
    result = write_html_map(usual, HtmlMapRequest(), tmp_path)
    page = parsed(result.path)
    assert result.path.name == "mapa 25-26.html"
    assert result.rows == {"lotes": 12, "ambientes": 36, "marcadores": 12}
    assert result.bytes == result.path.stat().st_size
    assert page.names("lotes") == [str(number) for number in range(12)]
    assert len(page.names("ambientes")) == 36
    assert page.names("marcadores") == [f"=1+{number}" for number in range(12)]
    assert page.facts("lotes", 1) == {
        "Campo": "El Ñandú",
        "Cultivo": "maíz",
        "Superficie": page.facts("lotes", 1)["Superficie"],
        "Superficie según el portal": "40,0 ha",
    }
    assert page.facts("marcadores")["Fecha"] == "03/02/2026"
    assert "Productividad" in page.facts("ambientes")


def test_legend_and_popups_tell_geodesic_hectares(tmp_path: Path) -> None:
    layer = checked_fields([outline(0), HOLED, outline(2)], [{"cultivo": crop} for crop in ("soja", "maíz", "soja")])
    path = write_html_map(
        keep(tmp_path, layer), HtmlMapRequest(zones=False, markers=False), tmp_path / "mapa.html"
    ).path
    measured = layer.table[HECTARES].to_pylist()
    page = parsed(path)
    told = [page.facts("lotes", row)["Superficie"] for row in range(3)]
    assert told == [spanish(value) + " ha" for value in measured]
    start = page.texts.index("Cultivo")
    rows = [["soja", "2", spanish(measured[0] + measured[2])], ["maíz", "1", spanish(measured[1])]]
    rows.sort(key=lambda row: -float(row[2].replace(".", "").replace(",", ".")))
    expected = ["Cultivo", "Lotes", "Hectáreas", *rows[0], *rows[1], "Total", "3", spanish(sum(measured))]
    assert page.texts[start : start + len(expected)] == expected


def spanish(value: float) -> str:
    text = f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))


def test_a_crop_has_its_colour_and_fields_without_one_come_last(usual: Snapshot, tmp_path: Path) -> None:
    whole = parsed(write_html_map(usual, HtmlMapRequest(), tmp_path / "a.html").path)
    some = parsed(write_html_map(usual, HtmlMapRequest(crops=["maiz", "sin cultivo"]), tmp_path / "b.html").path)
    for page in (whole, some):
        found = page.data["lotes"]
        crops = [page.facts("lotes", row).get("Cultivo") for row in range(len(found["features"]))]
        colours = {
            crop: found["colours"][each["properties"]["look"]]
            for crop, each in zip(crops, found["features"], strict=True)
        }
        assert colours["maíz"] == CROP_COLOURS["maiz"]
        assert found["colours"][-1] == colours[None] == "#FFFFFF"


def test_outlines_are_those_of_the_snapshot_to_ten_centimetres(tmp_path: Path) -> None:
    shapes = [outline(0), HOLED, shapely.MultiPolygon([outline(7), HOLED])]
    kept = keep(tmp_path, checked_fields(shapes))
    page = parsed(write_html_map(kept, HtmlMapRequest(zones=False, markers=False), tmp_path).path)
    drawn = [shapely.geometry.shape(each["geometry"]) for each in page.data["lotes"]["features"]]
    for before, after in zip(shapes, drawn, strict=True):
        assert before.geom_type == after.geom_type
        assert shapely.hausdorff_distance(before, after) < ROUNDED_DEG * 2
    for each, shape in zip(page.data["lotes"]["features"], shapes, strict=True):
        assert shape.contains(shapely.Point(each["properties"]["at"]))


@pytest.mark.slow
def test_a_thousand_fields_with_zones_and_markers_stay_under_five_megabytes(thousand: Snapshot, tmp_path: Path) -> None:
    result = write_html_map(thousand, HtmlMapRequest(), tmp_path)
    assert result.rows == {"lotes": 1000, "ambientes": 4000, "marcadores": 3000}
    assert result.path.stat().st_size < MOST_BYTES


@pytest.mark.slow
def test_large_outlines_are_simplified_until_they_fit_and_the_page_says_so(tmp_path: Path) -> None:
    layers = many(vertices=240)
    result = write_html_map(keep(tmp_path, *layers), HtmlMapRequest(), tmp_path)
    assert result.simplified_m > 0
    assert result.path.stat().st_size < MOST_BYTES
    page = parsed(result.path)
    (sentence,) = warning_sentences(result.warnings)
    assert "simplificados" in sentence
    assert sentence in page.texts
    after = shapely.geometry.shape(page.data["lotes"]["features"][7]["geometry"])
    limit = result.simplified_m / 111_000 + 2 * ROUNDED_DEG
    assert 0 < shapely.hausdorff_distance(layers[0].geometry[7], after) < limit


def test_a_map_that_is_too_large_all_the_same_says_so(tmp_path: Path) -> None:
    rows = [{"lote": "x" * 9000} for _ in range(700)]
    kept = keep(tmp_path, checked_fields([outline(number) for number in range(700)], rows))
    result = write_html_map(kept, HtmlMapRequest(zones=False, markers=False), tmp_path)
    assert result.bytes > MOST_BYTES
    assert file_size(result.bytes) in warning_sentences(result.warnings)[-1]


def test_title_season_day_and_source_are_told_in_both_languages(usual: Snapshot, tmp_path: Path) -> None:
    request = HtmlMapRequest(farms=["El Ñandú"])
    spanish_page = parsed(write_html_map(usual, request, tmp_path).path)
    assert (tmp_path / "mapa 25-26 El Ñandú.html").exists()
    for text in ("Mapa de lotes 25/26 · El Ñandú", "Mapa de lotes", "El Ñandú", "Campaña 25/26", "invented"):
        assert text in spanish_page.texts
    assert "://" in usual.manifest.source
    assert usual.manifest.source not in (tmp_path / "mapa 25-26 El Ñandú.html").read_text()
    assert "Datos del 01/03/2026 09:00" in spanish_page.texts  # 12:00 UTC in Buenos Aires
    assert ("html", "lang", "es") in spanish_page.attributes
    with use_language("en"):
        english = parsed(write_html_map(usual, request, tmp_path / "map.html").path)
    for text in ("Map of fields", "Season 25/26", "Data of 01/03/2026 09:00", "Crop", "Total"):
        assert text in english.texts
    assert ("html", "lang", "en") in english.attributes


def test_zones_and_markers_are_layers_that_may_be_left_out(usual: Snapshot, tmp_path: Path) -> None:
    page = parsed(write_html_map(usual, HtmlMapRequest(zones=False), tmp_path).path)
    assert page.data.keys() == {"lotes", "marcadores"}


def test_fields_without_zones_and_markers_are_a_map_too(tmp_path: Path) -> None:
    layers = [check_layer(each, None) for each in (fields(3), zones(0), markers(0))]
    result = write_html_map(keep(tmp_path, *layers), HtmlMapRequest(), tmp_path)
    assert result.rows == {"lotes": 3, "ambientes": 0, "marcadores": 0}
    page = parsed(result.path)
    assert page.data.keys() == {"lotes"}
    assert "Ambientes" not in page.texts
    assert "Ambientes (0)" not in result.path.read_text(encoding="utf-8")


def test_zones_and_markers_are_those_of_the_chosen_fields(usual: Snapshot, tmp_path: Path) -> None:
    result = write_html_map(usual, HtmlMapRequest(fields=["L000002"]), tmp_path)
    assert result.rows == {"lotes": 1, "ambientes": 3, "marcadores": 1}


def test_the_same_map_is_the_same_file(usual: Snapshot, tmp_path: Path) -> None:
    paths = [write_html_map(usual, HtmlMapRequest(), tmp_path / name).path for name in ("a.html", "b.html")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_nothing_in_the_page_names_a_file_elsewhere(usual: Snapshot, tmp_path: Path) -> None:
    path = write_html_map(usual, HtmlMapRequest(), tmp_path).path
    page = parsed(path)
    addresses = [value for _tag, name, value in page.attributes if name in {"src", "href", "action", "data", "srcset"}]
    assert addresses == ["data:,"]
    content = path.read_text(encoding="utf-8")
    assert "sourceMappingURL" not in content
    assert [each for each in content.split("url(")[1:] if not each.startswith(("data:image/png;base64,", "#"))] == []
    for library in ("jquery", "bootstrap", "jsdelivr", "cloudflare", "awesome"):
        assert library not in content.casefold()
    assert "Vladimir Agafonkin" in content  # Leaflet's licence asks for it
    assert "Redistribution and use in source and binary forms" in content


@pytest.mark.parametrize("name", NASTY)
def test_f33_a_name_stays_text_wherever_it_stands(tmp_path: Path, name: str) -> None:
    def elements(called: str) -> list[tuple[str, tuple[str, ...]]]:
        page = parsed(write_html_map(snapshot_called(tmp_path, called), request_for(called), file, replace=True).path)
        assert page.names("lotes") == page.names("ambientes") == page.names("marcadores") == [called]
        assert page.facts("lotes")["Campo"] == page.facts("lotes")["Cultivo"] == called
        assert called in page.texts
        return page.elements

    file = tmp_path / "mapa.html"
    assert elements(name) == elements("La Escondida")


def snapshot_called(folder: Path, name: str) -> Snapshot:
    """A snapshot of a field, its zone and its marker, in which everything that has a name has this one."""
    changes: dict[str, Any] = {"lote": name, "campo": name, "cultivo": name}
    zone_row = zones(1).attributes.to_pylist()[0] | {"ambiente": name, "campo": name, "lote": name, "clase": name}
    layers = [
        fields(1, **changes),
        layer_of(Layer.ZONES, [zone_row], [outline(0)]),
        markers(1, marcador=name, tipo=name, observaciones=name, lote=name, campo=name),
    ]
    return keep(folder, *(check_layer(each, None) for each in layers))


def request_for(name: str) -> HtmlMapRequest:
    return HtmlMapRequest(farms=[name], crops=[name], fields=[name])


@pytest.mark.parametrize(
    "request_", [HtmlMapRequest(farms=["No hay"]), HtmlMapRequest(crops=["soja"], fields=["1"])], ids=["farm", "none"]
)
def test_a_choice_without_fields_is_refused(usual: Snapshot, tmp_path: Path, request_: HtmlMapRequest) -> None:
    with pytest.raises(RequestError) as caught:
        write_html_map(usual, request_, tmp_path)
    assert_sentence(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_backup_gives_no_map(tmp_path: Path) -> None:
    kept = keep(tmp_path, *(check_layer(each, None) for each in (fields(0), zones(0), markers(0))))
    with pytest.raises(RequestError, match="lotes") as caught:
        write_html_map(kept, HtmlMapRequest(), tmp_path)
    assert_sentence(caught.value)


def test_a_file_that_is_there_stays_unless_it_shall_go(usual: Snapshot, tmp_path: Path) -> None:
    target = tmp_path / "mine.html"
    target.write_bytes(b"mine")
    with pytest.raises(RequestError):
        write_html_map(usual, HtmlMapRequest(), target)
    assert target.read_bytes() == b"mine"
    write_html_map(usual, HtmlMapRequest(), target, replace=True)
    assert parsed(target).names("lotes")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]


@pytest.mark.parametrize("target", ["map.txt", "gone/map.html"])
def test_a_place_that_is_none_is_refused(usual: Snapshot, tmp_path: Path, target: str) -> None:
    with pytest.raises(RequestError) as caught:
        write_html_map(usual, HtmlMapRequest(), tmp_path / target)
    assert_sentence(caught.value)


def test_f21_a_full_disk_leaves_the_old_map(usual: Snapshot, tmp_path: Path) -> None:
    with mounted_disk(tmp_path / "small", 64) as disk:
        target = disk / "mapa.html"
        target.write_bytes(b"mine")
        with pytest.raises(StorageError) as caught:
            write_html_map(usual, HtmlMapRequest(), target, replace=True)
        assert target.read_bytes() == b"mine"
        assert not [path for path in disk.iterdir() if path.name.startswith(TEMPORARY_PREFIX)]
    assert_sentence(caught.value)


def test_f26_a_flipped_byte_gives_no_map(tmp_path: Path) -> None:
    kept = keep_usual(tmp_path)
    path = tmp_path / "ambientes.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match=r"ambientes\.parquet"):
        write_html_map(kept, HtmlMapRequest(), tmp_path / "mapa.html")
    assert not (tmp_path / "mapa.html").exists()


def test_a_backup_in_quarantine_says_so_on_the_page(tmp_path: Path) -> None:
    result = write_html_map(keep_usual(tmp_path, held_back=True), HtmlMapRequest(), tmp_path)
    (sentence,) = warning_sentences(result.warnings)
    assert sentence in parsed(result.path).texts


def test_farms_are_listed_with_their_fields_hectares_and_place(usual: Snapshot, tmp_path: Path) -> None:
    path = write_html_map(usual, HtmlMapRequest(), tmp_path).path
    page = parsed(path)
    start = page.texts.index("Todos los campos")
    rows = [page.texts[start + step : start + step + 3] for step in range(0, 12, 3)]
    assert [row[:2] for row in rows] == [
        ["Todos los campos", "12"], ["El Ñandú", "4"], ["La Escondida", "4"], ["San José", "4"],
    ]  # fmt: skip
    hectares = [float(row[2].replace(",", ".")) for row in rows]
    assert hectares[0] == pytest.approx(sum(hectares[1:]), abs=1)
    buttons = [value for tag, name, value in page.attributes if (tag, name) == ("button", "data-place")]
    assert buttons == ["0", "1", "2", "3"]
    features = page.data["lotes"]["features"]
    shapes = [shapely.geometry.shape(each["geometry"]) for each in features]
    farms = [page.facts("lotes", row)["Campo"] for row in range(12)]
    for (name, *_rest), place in zip(rows, page.places, strict=True):
        among = [shape for shape, farm in zip(shapes, farms, strict=True) if name in (farm, "Todos los campos")]
        assert place == pytest.approx(shapely.total_bounds(among).tolist(), abs=2 * ROUNDED_DEG)


def test_one_farm_is_no_list(usual: Snapshot, tmp_path: Path) -> None:
    page = parsed(write_html_map(usual, HtmlMapRequest(farms=["C1"]), tmp_path).path)
    assert "Todos los campos" not in page.texts
    assert page.places == []
    assert not [tag for tag, _names in page.elements if tag == "button"]


def test_farms_of_one_name_are_listed_apart(tmp_path: Path) -> None:
    rows = [{"campo_id": f"C{number}", "campo": "La Loma"} for number in range(2)]
    page = parsed(write_html_map(keep(tmp_path, checked_fields([outline(0), outline(1)], rows)),
                                 HtmlMapRequest(zones=False, markers=False), tmp_path).path)  # fmt: skip
    start = page.texts.index("Todos los campos")
    assert [page.texts[start + 3], page.texts[start + 6]] == ["La Loma C0", "La Loma C1"]


@pytest.mark.parametrize("name", NASTY)
def test_f33_the_name_of_a_farm_stays_text_in_the_list(tmp_path: Path, name: str) -> None:
    def elements(called: str) -> list[tuple[str, tuple[str, ...]]]:
        rows = [{"campo_id": "C0", "campo": called}, {"campo_id": "C1", "campo": "Otro"}]
        kept = keep(tmp_path, checked_fields([outline(0), outline(1)], rows))
        request = HtmlMapRequest(zones=False, markers=False)
        page = parsed(write_html_map(kept, request, tmp_path / "mapa.html", replace=True).path)
        assert called in page.texts
        return page.elements

    assert elements(name) == elements("La Escondida")


def test_classes_go_from_low_to_high(tmp_path: Path) -> None:
    rows = [row | {"clase": name} for row, name in zip(zones(4).attributes.to_pylist(), CLASSES, strict=True)]
    layers = [fields(4), layer_of(Layer.ZONES, rows, [outline(number) for number in range(4)])]
    kept = keep(tmp_path, *(check_layer(each, None) for each in layers))
    page = parsed(write_html_map(kept, HtmlMapRequest(markers=False), tmp_path).path)
    places = [page.texts.index(name) for name in ("Baja", "media", "alta", "otra")]
    assert places == sorted(places)
    assert len(np.unique(page.data["ambientes"]["colours"])) == 4


CLASSES = ("otra", "alta", "media", "Baja")
