"""The cells of a grid as pydeck's H3 columns.

No map lies below them, so nothing is asked of the network. A class of the scale is a layer with one colour, so a cell
brings nothing but its index, its height and the words of its tooltip.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import inert
from app.components.grid_scale import Figure, channels
from app.components.grid_words import count_of_fields, count_of_samples
from app.services import grids
from modules.i18n import gettext as _
from modules.i18n import language

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pyarrow as pa
    import pydeck
    from numpy.typing import NDArray

    from app.components.grid_choice import Choice
    from app.components.grid_scale import Scale

_HEIGHT_PX: Final = 520
#: What a page is wide, of which some is left free around the cells.
_WIDTH_PX: Final = 1000
_TILE_PX: Final = 512
_FREE: Final = 1.15
_CLOSEST: Final = 15.0
_METRES_PER_DEGREE: Final = 111_320.0
#: The highest column, as a share of how far the cells reach, and of the edge of a cell at most: farms that lie far from
#: each other would else be bundles of needles.
_HIGHEST: Final = 0.03
_HIGHEST_EDGES: Final = 8
_PITCH_DEG: Final = 45
_OPACITY: Final = 0.9
_TOOLTIP: Final = {"whiteSpace": "pre-line", "borderRadius": "4px", "fontSize": "0.85rem"}
_VALUES: Final = {Figure.HECTARES: "superficie_ha", Figure.SAMPLES: "muestreos", Figure.SHARE: "parte_cultivo"}


def column_of(figure: Figure) -> str:
    """Name the column of `PARENTS` that a figure stands in."""
    return _VALUES[figure]


def grid_map(table: pa.Table, choice: Choice, scale: Scale) -> None:
    """Draw the cells of a table (`PARENTS`)."""
    from modules.h3_grid.cells import middles

    places = middles(table["h3"].to_numpy())
    layers = list(_layers(table, choice, scale, _reach_m(places)))
    shown = places if choice.farm is None else places[_is(table["campo"], choice.farm)]
    view = _view(shown if len(shown) else places, pitch=_PITCH_DEG if choice.columns else 0)
    with st.container(border=True, key="analysis-frame"):
        st.pydeck_chart(
            _deck(layers, view),
            height=_HEIGHT_PX,
            alt=_("Map of the cells; the same figures stand in the table below"),
            key="analysis-map",
        )


def _layers(table: pa.Table, choice: Choice, scale: Scale, reach_m: float) -> Iterator[dict[str, Any]]:
    """Make a layer of each class that has cells."""
    highest = float(table[column_of(choice.figure)].to_numpy().max(initial=0))
    height_m = min(_HIGHEST * reach_m, _HIGHEST_EDGES * grids.mean_edge_m(choice.resolution))
    for place, rows in _rows_by_class(table, choice.figure, scale):
        yield {
            "@@type": "H3HexagonLayer",
            "id": f"class-{place}",
            "data": rows,
            "getHexagon": "@@=h",
            "getElevation": "@@=v",
            "elevationScale": height_m / highest if highest else 1,
            "getFillColor": channels(scale.classes[place].colour),
            "extruded": choice.columns,
            "stroked": False,
            "opacity": _OPACITY,
            "pickable": True,
            "autoHighlight": True,
        }


def _rows_by_class(table: pa.Table, figure: Figure, scale: Scale) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    class_of = scale.class_of(table[_VALUES[figure]].to_numpy().astype(float)).tolist()
    rows: dict[int, list[dict[str, Any]]] = {}
    values = table[_VALUES[figure]].to_pylist()
    for place, cell, value, told in zip(class_of, table["h3_texto"].to_pylist(), values, _tooltips(table), strict=True):
        rows.setdefault(place, []).append({"h": cell, "v": round(value, 4), "t": told})
    yield from sorted(rows.items())


def _tooltips(table: pa.Table) -> Iterator[str]:
    """Say of each cell its hectares and fields, its farm, its crop and its samples, a line each."""
    spanish = language() == "es"
    fields_words, samples_words = cache(count_of_fields), cache(count_of_samples)
    names = ("superficie_ha", "lotes", "campo", "cultivo", "parte_cultivo", "muestreos")
    for row in zip(*(table[name].to_pylist() for name in names), strict=True):
        area, fields, farm, crop, share, samples = row
        # Babel takes as long for one number as Python for fifty.
        written = f"{area:.2f}".replace(".", ",") if spanish else f"{area:.2f}"
        of_crop = f"{inert.plain(crop)} {share * 100:.0f} %" if crop else ""
        of_samples = samples_words(samples) if samples else ""
        lines = (f"{written} ha · {fields_words(fields)}", inert.plain(farm or ""), of_crop, of_samples)
        # deck.gl shows it as text, never as HTML.
        yield "\n".join(filter(None, lines))


def _reach_m(places: NDArray[np.float64]) -> float:
    """Tell how far places (lon/lat) lie from each other, in metres, roughly."""
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    wide = (east - west) * math.cos(math.radians((south + north) / 2))
    return float(max(wide, north - south)) * _METRES_PER_DEGREE


def _view(places: NDArray[np.float64], *, pitch: int) -> dict[str, float]:
    """Look at places (lon/lat) so near that they fill the page (web mercator, tiles of 512 pixels)."""
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    upper, lower = (math.log(math.tan(math.pi / 4 + math.radians(each) / 2)) for each in (north, south))
    least = 1e-6
    wide = max((east - west) / 360, least) * _FREE * _TILE_PX / _WIDTH_PX
    high = max((upper - lower) / (2 * math.pi), least) * _FREE * _TILE_PX / _HEIGHT_PX
    return {
        "longitude": float(west + east) / 2,
        "latitude": float(south + north) / 2,
        "zoom": round(min(-math.log2(max(wide, high)), _CLOSEST), 3),
        "pitch": pitch,
        "bearing": 0,
    }


def _is(column: pa.ChunkedArray, value: str) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    found: NDArray[np.bool_] = pc.fill_null(pc.equal(column, value), False).to_numpy()
    return found


def _deck(layers: list[dict[str, Any]], view: dict[str, float]) -> pydeck.Deck:
    """Make a deck whose JSON has no blanks: pydeck's own is twice as long and takes forty times as long to make."""
    import msgspec
    import pydeck

    class Compact(pydeck.Deck):  # type: ignore[misc]  # pydeck has no types
        def to_json(self) -> str:
            spec = msgspec.json.decode(super().to_json())
            return msgspec.json.encode(spec | {"layers": layers}).decode()

    return Compact(
        map_provider=None, initial_view_state=pydeck.ViewState(**view), tooltip={"text": "{t}", "style": _TOOLTIP}
    )
