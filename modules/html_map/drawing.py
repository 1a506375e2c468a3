"""The data of the map, as the script reads it: one GeoJSON a layer, each thing with its name, look and facts.

{"layers": {"lotes": {"type": "FeatureCollection", "labels": ["Campo", …], "colours": ["#009E73", …], "features": [
    {"type": "Feature", "properties": {"name": "1", "look": 0, "facts": ["La Escondida", …]}, "geometry": …}, …]}},
 "places": [[-63.1, -34.2, -62.9, -34.0], …]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from modules.domain.layers import Layer
from modules.geometry.labels import label_points
from modules.html_map.content import DrawnLayer
from modules.html_map.embedding import script_json
from modules.html_map.outlines import DECIMALS, fitting_outlines

_FEATURE: Final = b'{"type":"Feature","properties":%b,"geometry":%b}'


Bounds: TypeAlias = NDArray[np.float64]


class _Properties(msgspec.Struct, omit_defaults=True):
    name: str
    look: int
    facts: list[str | None]
    #: Where the name stands, lon/lat.
    at: list[float] | None = None


class _Collection(msgspec.Struct, tag_field="type", tag="FeatureCollection"):
    labels: list[str]
    colours: list[str]
    features: list[msgspec.Raw]


def drawing_data(layers: Sequence[DrawnLayer], places: Sequence[Bounds], room: int) -> tuple[str, float]:
    """Write the data of some layers as JSON for a script element, of at most `room` bytes where that can be.

    places: boxes to which a button goes: west, south, east, north in degrees. Gives the metres by which outlines were
    simplified, too.
    """
    properties = [[script_json(each).encode() for each in _properties(layer)] for layer in layers]
    taken = sum(len(text) + len(_FEATURE) for layer in properties for text in layer)
    outlines, tolerance_m = fitting_outlines([layer.rows.geometry for layer in layers], room - taken)
    collections = {
        layer.layer.value: _collection(layer, each, shapes)
        for layer, each, shapes in zip(layers, properties, outlines, strict=True)
    }
    boxes = [place.round(DECIMALS).tolist() for place in places]
    return script_json({"layers": collections, "places": boxes}), tolerance_m


def _collection(layer: DrawnLayer, properties: list[bytes], outlines: list[str]) -> _Collection:
    return _Collection(
        labels=[label for label, _texts in layer.facts],
        colours=[look.colour for look in layer.styles],
        features=[
            msgspec.Raw(_FEATURE % (each, outline.encode())) for each, outline in zip(properties, outlines, strict=True)
        ],
    )


def _properties(layer: DrawnLayer) -> list[_Properties]:
    facts = zip(*(texts for _label, texts in layer.facts), strict=True)
    places: list[Any] = [None] * len(layer.titles)
    if layer.layer is Layer.FIELDS:
        places = label_points(layer.rows.geometry).round(DECIMALS).tolist()
    return [
        _Properties(name, look, list(told), place)
        for name, look, told, place in zip(layer.titles, layer.looks.tolist(), facts, places, strict=True)
    ]
