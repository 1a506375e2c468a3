"""Fields with folium as its documentation says, in a frame of the page; the page of the map is made once."""

from __future__ import annotations

import os
from pathlib import Path

import folium
import streamlit as st

from tests.benchmarks.map_pages.features import box_of, feature_collection


@st.cache_data
def page() -> str:
    """Make the map's page; on a canvas, which draws many polygons faster than SVG does, and without a basemap."""
    collection = feature_collection(Path(os.environ["TRANQUERA_HOME"]))
    west, south, east, north = box_of(collection)
    drawn = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(
        collection,
        style_function=lambda feature: {
            "fillColor": feature["properties"]["fill"],
            "color": "#505050",
            "weight": 1,
            "fillOpacity": 0.55,
        },
        tooltip=folium.GeoJsonTooltip(["name", "cultivo"]),
    ).add_to(drawn)
    drawn.fit_bounds([[south, west], [north, east]])
    return str(drawn.get_root().render())


st.set_page_config(layout="wide")
st.title("folium")
st.iframe(page(), height=600)
