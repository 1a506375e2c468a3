"""Forms know a flow by its schema alone: the real flows' and every way in which pydantic writes a choice."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from babel.numbers import parse_decimal
from prefect import flow
from prefect.utilities.callables import parameter_schema
from pydantic import Field

from app.services.parameters import parameter_fields
from app.services.run import ParameterField
from flows.backup_lotes import backup_lotes
from flows.generar_kmz import generar_kmz
from flows.grilla_h3 import grilla_h3
from modules.h3_grid.resolution import COARSEST, FINEST, Place, cell_hectares
from modules.i18n import LANGUAGES
from modules.kmz_products.request import Label, Product
from modules.storage.roots import Folder


def fields_of(function: Any) -> dict[str, ParameterField]:
    schema = parameter_schema(function).model_dump()
    return {field.name: field for field in parameter_fields(schema, {})}


@pytest.mark.parametrize("function", [backup_lotes, generar_kmz, grilla_h3])
def test_every_parameter_and_every_value_has_its_words_in_both_languages(function: Any):
    for field in fields_of(function).values():
        assert field.label.keys() == field.help.keys() == set(LANGUAGES)
        for value in field.values:
            assert field.value_words[str(value)].keys() == set(LANGUAGES)


def test_kmz_offers_the_products_and_the_labels_that_there_are():
    fields = fields_of(generar_kmz)
    products, labels = fields["productos"], fields["etiquetas"]
    assert products.default == [each.value for each in Product]
    assert list(products.values) == [*products.default, Folder.HTML_MAP.value]
    assert (products.kind, products.least) == ("array", 1)
    assert set(labels.values) == {each.value for each in Label}
    assert labels.default in labels.values


@pytest.mark.parametrize("function", [generar_kmz, grilla_h3])
def test_what_is_made_from_a_backup_offers_what_backups_hold(function: Any):
    fields = fields_of(function)
    offered = [fields[name].choices for name in ("campania", "campos", "cultivos")]
    assert offered == ["backup-seasons", "backup-farms", "crops"]


def test_the_backup_offers_what_the_portal_has():
    fields = fields_of(backup_lotes)
    assert [fields[name].choices for name in ("campania", "campos")] == ["seasons", "farms"]


#: Farm land from end to end: Anta, Rosario, Pergamino, Tandil, Bahía Blanca, Córdoba, Chaco.
PLACES = [
    Place(-63.5, -25.0), Place(-61.0, -33.0), Place(-60.6, -33.9), Place(-59.1, -37.3), Place(-62.3, -38.7),
    Place(-63.0, -32.5), Place(-61.0, -27.0),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", PLACES)
def test_resolutions_read_as_the_size_of_their_cells_where_the_fields_are(language: Any, place: Place):
    field = fields_of(grilla_h3)["resolucion"]
    assert list(field.values) == [0, *range(COARSEST, FINEST + 1)]
    for resolution in field.values[1:]:
        words = field.value_words[str(resolution)][language]
        assert words.startswith(f"{resolution} · ")
        (written,) = re.findall(r" ([\d.,]+) ha$", words)
        size = parse_decimal(written, locale={"es": "es_AR", "en": "en_GB"}[language])
        assert float(size) == pytest.approx(cell_hectares(int(resolution), place), rel=0.25)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@flow
def every_way(
    bounded: Annotated[int, Field(ge=1, le=9)] = 3,
    optional: Literal["a", "b"] | None = None,
    single: Literal["only"] = "only",
    referred: Colour = Colour.RED,
    several: Annotated[list[Colour], Field(json_schema_extra={"x-values": {"red": {"en": "Red"}}})] = [Colour.BLUE],  # noqa: B006
    free: str = "",
) -> None:
    """A flow of a company, with whatever pydantic allows."""


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("bounded", "integer", ()),
        ("optional", "string", ["a", "b"]),
        ("single", "string", ["only"]),
        ("referred", "string", ["red", "blue"]),
        ("several", "array", ["red", "blue"]),
        ("free", "string", ()),
    ],
)
def test_a_choice_is_found_however_it_is_written(name: str, kind: str, values: Any):
    field = fields_of(every_way)[name]
    assert (field.kind, field.values) == (kind, values)


def test_bounds_and_names_of_values_are_kept():
    fields = fields_of(every_way)
    assert (fields["bounded"].minimum, fields["bounded"].maximum, fields["bounded"].default) == (1, 9, 3)
    assert fields["several"].value_words == {"red": {"en": "Red"}}
    assert list(fields) == ["bounded", "optional", "single", "referred", "several", "free"]


def test_a_schema_that_goes_around_in_circles_ends():
    circle = {"properties": {"a": {"$ref": "#/definitions/A"}}, "definitions": {"A": {"$ref": "#/definitions/A"}}}
    assert [field.name for field in parameter_fields(circle, {})] == ["a"]


def test_defaults_of_the_deployment_go_before_those_of_the_flow():
    schema = parameter_schema(grilla_h3).model_dump()
    fields = {field.name: field for field in parameter_fields(schema, {"resolucion": 9})}
    assert (fields["resolucion"].default, fields["campos"].default) == (9, [])
