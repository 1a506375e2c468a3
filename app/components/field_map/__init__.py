"""The map: MapLibre GL on our own vector tiles, as a component of Streamlit's.

    state = field_map(MapSpec(layers=(Layer("lotes", "fields", _("Fields"), source, Single("#1F5D3A")),)), key="map")

The browser loads the bundle from `/map/{version}/` and everything else from `/tiles` and `/previews`; Python sends a
description of a few kilobytes and gets back what the reader did. `docs/field-map.md` tells how it behaves.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components.field_map.spec import (
    Basemap,
    ByClass,
    ByValue,
    ClassStop,
    Fact,
    Focus,
    Layer,
    MapSpec,
    Overlay,
    Own,
    Single,
    ValueStop,
)
from app.components.field_map.state import LayerState, MapEvent, MapState, read_state
from app.components.field_map.words import words
from app.services import map_bundle
from app.services.tiles.version import tiles_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.components.v2.types import ComponentRenderer

__all__ = [
    "Basemap",
    "ByClass",
    "ByValue",
    "ClassStop",
    "Fact",
    "Focus",
    "Layer",
    "LayerState",
    "MapEvent",
    "MapSpec",
    "MapState",
    "Overlay",
    "Own",
    "Single",
    "ValueStop",
    "field_map",
]

#: Loads the bundle of the page's own origin; Streamlit runs this text from a blob, which has no addresses of its own.
_LOADER: Final = """
const loaded = import(new URL("{address}", window.location.origin).href);
loaded.catch(() => undefined);
export default async function (component) {{
  try {{
    return (await loaded).default(component);
  }} catch (error) {{
    console.error(error);
    const sentence = document.createElement("p");
    sentence.setAttribute("role", "alert");
    sentence.textContent = component.data.words.failed;
    component.parentElement.replaceChildren(sentence);
  }}
}}
"""


def field_map(spec: MapSpec, *, key: str, heard: Callable[[MapState], None] | None = None) -> MapState:
    """Show the map and tell what the reader did on it, once: the next run tells nothing of it any more.

    With the same key a changed spec changes the map that is there: nothing is reset, what stays the same is not drawn
    again. Panning and zooming run nothing; the view stands in the address (`?at=`). `heard` is called before the page
    runs, so that the spec of that run can be of what the reader did.
    """

    def hear() -> None:
        if heard is not None:
            heard(read_state(st.session_state[key]))

    data = spec.to_json(words(), map_bundle.version(), tiles_version())
    told = _component()(
        key=key,
        data=data,
        height="content",
        on_selection_change=hear,
        on_layers_change=hear,
        on_basemap_change=hear,
        on_event_change=hear,
    )
    return read_state(told)


@cache
def _component() -> ComponentRenderer:
    loader = _LOADER.format(address=map_bundle.address("field_map.js"))
    renderer: ComponentRenderer = st.components.v2.component("tranquera_field_map", js=loader)
    return renderer
