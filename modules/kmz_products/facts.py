"""What the balloon of a row says, layer by layer. Files people open are Spanish, whatever the screens speak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.kmz.writing.balloons import Fact
from modules.kmz.writing.text import balloon_text, decimal_text


def facts(layer: Layer, table: pa.Table) -> list[Fact]:
    """Tell the facts of n rows of a layer, ready for `balloon`."""
    return _FACTS[layer](table)


def _of_fields(table: pa.Table) -> list[Fact]:
    return [
        ("Campo", balloon_text(table["campo"])),
        ("Campaña", balloon_text(table["campania"])),
        ("Cultivo", balloon_text(table["cultivo"])),
        ("Superficie (ha)", decimal_text(table[HECTARES], 1)),
        ("Superficie según el portal (ha)", decimal_text(table["superficie_ha"], 1)),
    ]


def _of_zones(table: pa.Table) -> list[Fact]:
    return [
        ("Lote", balloon_text(table["lote"])),
        ("Clase", balloon_text(table["clase"])),
        ("Productividad", decimal_text(table["productividad"], 1)),
        ("Superficie (ha)", decimal_text(table[HECTARES], 1)),
    ]


def _of_markers(table: pa.Table) -> list[Fact]:
    return [
        ("Tipo", balloon_text(table["tipo"])),
        ("Lote", balloon_text(table["lote"])),
        ("Fecha", pc.strftime(table["fecha"].combine_chunks(), "%d/%m/%Y")),
        ("Profundidad (cm)", decimal_text(table["profundidad_cm"], 0)),
        ("Observaciones", balloon_text(table["observaciones"])),
    ]


def _of_areas(table: pa.Table) -> list[Fact]:
    return [
        ("Tipo", balloon_text(table["tipo"])),
        ("Campo", balloon_text(table["campo"])),
        ("Superficie (ha)", decimal_text(table[HECTARES], 1)),
    ]


_FACTS: Final[Mapping[Layer, Callable[[pa.Table], list[Fact]]]] = {
    Layer.FIELDS: _of_fields,
    Layer.ZONES: _of_zones,
    Layer.MARKERS: _of_markers,
    Layer.AREAS: _of_areas,
}
