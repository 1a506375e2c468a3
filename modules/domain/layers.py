"""The four layers of a snapshot and the columns a source delivers for each.

Columns of files that people open are Spanish (the README has the glossary); the code around them is English.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa


class Layer(StrEnum):
    """A layer; its value is the name of its files and of its route at the portal."""

    FIELDS = "lotes"
    ZONES = "ambientes"
    MARKERS = "marcadores"
    AREAS = "zonas"


_TEXT: Final = pa.string()
_NUMBER: Final = pa.float64()
_INSTANT: Final = pa.timestamp("us", tz="UTC")


def _required(name: str) -> pa.Field:
    return pa.field(name, _TEXT, nullable=False)


#: Attribute columns of each layer as a source delivers them: order, type, and whether a value must be there.
#: Hectares are those the portal states; ours (geodesic) are added when a snapshot is checked.
COLUMNS: Final[dict[Layer, pa.Schema]] = {
    Layer.FIELDS: pa.schema(
        [
            _required("id"),
            _required("lote"),
            _required("campo_id"),
            _required("campo"),
            _required("campania"),
            pa.field("cultivo", _TEXT),
            pa.field("superficie_ha", _NUMBER),
            pa.field("actualizado", _INSTANT),
        ]
    ),
    Layer.ZONES: pa.schema(
        [
            _required("id"),
            _required("ambiente"),
            _required("lote_id"),
            pa.field("lote", _TEXT),
            _required("campo_id"),
            pa.field("campo", _TEXT),
            _required("campania"),
            pa.field("clase", _TEXT),
            pa.field("productividad", _NUMBER),
            pa.field("superficie_ha", _NUMBER),
            pa.field("actualizado", _INSTANT),
        ]
    ),
    Layer.MARKERS: pa.schema(
        [
            _required("id"),
            _required("marcador"),
            _required("tipo"),
            pa.field("lote_id", _TEXT),
            pa.field("lote", _TEXT),
            pa.field("campo_id", _TEXT),
            pa.field("campo", _TEXT),
            _required("campania"),
            pa.field("fecha", pa.date32()),
            pa.field("profundidad_cm", _NUMBER),
            pa.field("observaciones", _TEXT),
            pa.field("actualizado", _INSTANT),
        ]
    ),
    Layer.AREAS: pa.schema(
        [
            _required("id"),
            _required("zona"),
            pa.field("tipo", _TEXT),
            pa.field("campo_id", _TEXT),
            pa.field("campo", _TEXT),
            _required("campania"),
            pa.field("superficie_ha", _NUMBER),
            pa.field("actualizado", _INSTANT),
        ]
    ),
}

#: The column that holds the name people use for a row.
NAME_COLUMN: Final[dict[Layer, str]] = {
    Layer.FIELDS: "lote",
    Layer.ZONES: "ambiente",
    Layer.MARKERS: "marcador",
    Layer.AREAS: "zona",
}

#: Kinds of markers.
MARKER = "marcador"
SAMPLE_POINT = "muestreo"
