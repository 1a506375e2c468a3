"""The columns a source delivers for each layer of a snapshot; `columns` names those that a backup adds."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from modules.domain.layers import Layer

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
