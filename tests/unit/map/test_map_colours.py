"""Colours and legends of the map, from the rows that are looked at."""

from __future__ import annotations

import pytest

from app.components.field_map import ByClass, ByValue, Single
from app.components.map_colours import CHANGE_COLOURS, cell_colours, change_colours, field_colours, layer_colours
from modules.changes.result import Kind
from modules.domain.columns import HECTARES
from modules.domain.crop_colours import NO_CROP_COLOUR, crop_colour
from modules.domain.layers import Layer
from modules.i18n import use_language
from tests.unit.map.rows import fields


def by_value(colour: object) -> ByValue:
    assert isinstance(colour, ByValue)
    return colour


def test_crops_have_the_colour_that_they_have_everywhere_the_most_hectares_first() -> None:
    rows = fields({}, {"cultivo": "maíz", HECTARES: 25.0}, {"cultivo": None}, {"cultivo": "soja"})
    with use_language("es"):
        found = by_value(field_colours(rows, "cultivo"))
    assert [(each.value, each.colour) for each in found.stops] == [
        ("maíz", crop_colour("maíz")),
        ("soja", crop_colour("soja")),
        (None, NO_CROP_COLOUR),
    ]
    assert [each.label.replace("\u00a0", " ") for each in found.stops] == [
        "maíz · 1 · 25,0 ha",
        "soja · 2 · 20,0 ha",
        "sin cultivo · 1 · 10,0 ha",
    ]
    assert found.other_label == ""


def test_many_farms_are_told_as_one_and_their_hectares_add_up() -> None:
    rows = fields(*({"campo": f"Campo {n}", HECTARES: float(100 - n)} for n in range(20)))
    with use_language("es"):
        found = by_value(field_colours(rows, "campo"))
    assert len(found.stops) == len({each.colour for each in found.stops}) == 12
    assert found.other_label.replace("\u00a0", " ") == f"Otros 8 · 8 · {sum(100 - n for n in range(12, 20))} ha"


def test_what_is_alike_on_two_sides_has_one_colour_and_each_side_its_own_sums() -> None:
    before = fields({"campo": "A", HECTARES: 10.0}, {"campo": "B", HECTARES: 9.0})
    now = fields({"campo": "A", HECTARES: 8.0}, {"campo": "B", HECTARES: 9.0}, {"campo": "C", HECTARES: 1.0})
    sides = [by_value(field_colours(*pair)) for pair in ((before, "campo", now), (now, "campo", before))]
    one, other = ({each.value: each.colour for each in side.stops} for side in sides)
    assert one == {value: other[value] for value in ("A", "B")}
    assert len(set(other.values())) == 3
    assert [each.label.split(" · ")[1] for each in sides[0].stops] == ["1", "1"]
    classes = [field_colours(*pair) for pair in ((before, HECTARES, now), (now, HECTARES, before))]
    assert [[each.start for each in side.stops] for side in classes if isinstance(side, ByClass)][0:1] * 2 == [
        [each.start for each in side.stops] for side in classes if isinstance(side, ByClass)
    ]
    assert isinstance(field_colours(now.drop_columns(["campo"]), "campo", before), Single)


def test_numbers_are_told_in_classes_with_their_unit() -> None:
    rows = fields(*({HECTARES: float(n)} for n in range(1, 61)))
    with use_language("es"):
        found = field_colours(rows, HECTARES)
    assert isinstance(found, ByClass)
    assert [each.start for each in found.stops] == sorted(each.start for each in found.stops)
    assert len(found.stops) == 6
    assert all(" ha · " in each.label for each in found.stops)
    assert sum(int(each.label.split(" · ")[-1]) for each in found.stops) == 60
    assert found.other_label == ""


def test_a_number_that_is_missing_has_its_word() -> None:
    with use_language("es"):
        found = field_colours(fields({HECTARES: None}, {HECTARES: 2.0}), HECTARES)
        none_at_all = field_colours(fields({HECTARES: None}), HECTARES)
    assert isinstance(found, ByClass)
    assert found.other_label == "Sin dato"
    assert isinstance(none_at_all, ByClass)
    assert none_at_all.stops == ()


def test_cells_have_the_colours_of_the_fields_without_their_sums() -> None:
    rows = fields({}, {"cultivo": "maíz", HECTARES: 25.0}, {"cultivo": None})
    with use_language("es"):
        found = by_value(cell_colours(rows, "cultivo"))
        assert [(each.value, each.colour, each.label) for each in found.stops] == [
            ("maíz", crop_colour("maíz"), "maíz"),
            ("soja", crop_colour("soja"), "soja"),
            (None, NO_CROP_COLOUR, "sin cultivo"),
        ]
        assert found.other_label == "Otros"
        assert isinstance(cell_colours(rows, HECTARES), Single)


@pytest.mark.parametrize("by", ["cultivo", "campo", HECTARES])
def test_no_rows_make_an_empty_legend(by: str) -> None:
    assert field_colours(fields(), by).to_json()["stops"] == []


def test_every_kind_of_change_has_its_own_colour_and_word() -> None:
    assert set(CHANGE_COLOURS) == set(Kind)
    for language in ("es", "en"):
        with use_language(language):
            stops = change_colours().stops
        assert len({each.colour for each in stops}) == len({each.label for each in stops}) == len(CHANGE_COLOURS)


def test_areas_have_one_colour_and_zones_one_a_class() -> None:
    areas = fields({})
    assert isinstance(layer_colours(Layer.AREAS, areas), Single)
    zones = areas.append_column("clase", [["alta"]])
    (stop,) = by_value(layer_colours(Layer.ZONES, zones)).stops
    assert stop.value == "alta"
    assert stop.colour.startswith("#")
