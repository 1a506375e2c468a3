"""Fields with pydeck as its documentation and Streamlit's say; what can be kept for the next visitor is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pydeck
import streamlit as st

from tests.benchmarks.map_pages.features import box_of, feature_collection


@st.cache_resource
def deck() -> pydeck.Deck:
    """Make the chart once; no basemap, as ours has none."""
    collection = feature_collection(Path(os.environ["TRANQUERA_HOME"]))
    for feature in collection["features"]:
        colour = bytes.fromhex(feature["properties"].pop("fill")[1:])
        feature["properties"]["fill"] = [*colour, 140]
    west, south, east, north = box_of(collection)
    view = pydeck.data_utils.compute_view([[west, south], [east, north]])
    layer = pydeck.Layer(
        "GeoJsonLayer",
        collection,
        get_fill_color="properties.fill",
        get_line_color=[80, 80, 80],
        line_width_min_pixels=1,
        pickable=True,
    )
    return pydeck.Deck([layer], initial_view_state=view, map_provider=None, tooltip={"text": "{name} · {cultivo}"})


st.set_page_config(layout="wide")
st.title("pydeck")
st.pydeck_chart(deck(), height=600)
