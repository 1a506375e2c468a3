"""The Python side of the map: what it sends, what it reads, and the texts that both sides know."""

from __future__ import annotations

import json
import re

from app.components.field_map import (
    Basemap,
    ByClass,
    ByValue,
    ClassStop,
    Fact,
    Focus,
    Layer,
    LayerState,
    MapEvent,
    MapSpec,
    MapState,
    Overlay,
    Own,
    Single,
    ValueStop,
)
from app.components.field_map.state import read_state
from app.components.field_map.words import words
from modules.i18n import use_language
from modules.settings import PROJECT

SOURCE = PROJECT / "app" / "components" / "field_map" / "frontend" / "src"


def test_both_sides_know_the_same_texts():
    listed = re.search(r"WORDS = \[(.*?)\]", (SOURCE / "words.ts").read_text(), re.DOTALL)
    assert listed
    # `failed` is said where the bundle did not come.
    assert set(re.findall(r'"(\w+)"', listed[1])) == set(words()) - {"failed"}


def test_every_text_is_used():
    code = "".join(path.read_text() for path in SOURCE.glob("*.ts") if path.name != "words.ts")
    assert [name for name in words() if name != "failed" and f"words.{name}" not in code] == []


def test_the_component_has_no_texts_of_its_own():
    with use_language("es"):
        spanish = words()
    with use_language("en"):
        english = words()
    same = {name for name in spanish if spanish[name] == english[name]}
    assert same == {"north", "selected_hectares"} - {"selected_hectares"}


def test_a_spec_becomes_the_json_of_the_contract():
    corners = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))
    colour = ByValue("cultivo", (ValueStop("Soja", "#009E73", "Soja"), ValueStop(None, "#FFFFFF", "—")))
    spec = MapSpec(
        layers=(
            Layer(
                "lotes",
                "fields",
                "Lotes",
                "test/x/lotes",
                colour,
                filter={"campo": ("A",), "cultivo": ()},
                facts=(Fact("ph"),),
            ),
            Layer("ha", "fields", "Ha", "test/x/lotes", ByClass("superficie_ha", (ClassStop(0, "#1", "< 1"),))),
            Layer("kmz", "kmz", "Plano", "t/kmz", Own(), overlays=(Overlay("/previews/t/image/0", corners),)),
            Layer("zonas", "areas", "Zonas", "test/x/zonas", Single("#2")),
        ),
        bounds=(-62, -35, -61, -34),
        basemaps=(Basemap("osm", "OSM", ("https://tiles.example/{z}/{x}/{y}.png",), "© OSM"),),
        focus=Focus("f1", 3),
        titles=("hoy", "ayer"),
    )
    with use_language("es"):
        made = json.loads(json.dumps(spec.to_json({"map": "Mapa"}, "v", "tiles-7")))
    assert made["language"] == "es"
    assert made["titles"] == {"a": "hoy", "b": "ayer"}
    assert made["focus"] == {"id": "f1", "serial": 3}
    assert made["bounds"] == [-62, -35, -61, -34]
    fields, classes, kmz, areas = made["layers"]
    assert {each["version"] for each in made["layers"]} == {"tiles-7"}
    assert fields["filter"] == {"campo": ["A"]}
    assert fields["facts"] == [{"column": "ph", "label": "", "digits": None, "unit": ""}]
    assert fields["colour"]["stops"][1] == {"value": None, "colour": "#FFFFFF", "label": "—"}
    assert classes["colour"]["stops"] == [{"from": 0, "colour": "#1", "label": "< 1"}]
    assert kmz["colour"] == {"kind": "own"}
    assert kmz["overlays"][0]["corners"] == [[0, 1], [1, 1], [1, 0], [0, 0]]
    assert areas["colour"] == {"kind": "single", "colour": "#2"}


def test_what_a_browser_tells_is_read():
    told = {
        "selection": ["f1", "f2"],
        "layers": [{"id": "a", "visible": False, "opacity": 1.7}, {"id": 3}, "x"],
        "basemap": "osm",
        "event": {"name": "show-in-table", "id": "f1", "at": "1,2,3"},
    }
    assert read_state(told) == MapState(
        selection=("f1", "f2"),
        layers=(LayerState("a", False, 1.0),),
        basemap="osm",
        event=MapEvent("show-in-table", "f1", "1,2,3"),
    )


def test_nothing_and_nonsense_count_as_not_said():
    assert read_state({}) == MapState()
    assert read_state({"selection": "f1", "layers": 3, "basemap": [], "event": {"name": 1}}) == MapState()
