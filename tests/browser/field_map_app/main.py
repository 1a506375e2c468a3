"""A page with the map and nothing else. The address tells what it shows; the state of the map is written below it."""

import json
from dataclasses import asdict

import streamlit as st

from app.components.field_map import (
    Basemap,
    ByClass,
    ByValue,
    ClassStop,
    Fact,
    Focus,
    Layer,
    MapSpec,
    Overlay,
    Single,
    ValueStop,
    field_map,
)
from modules.i18n import use_language
from tests.browser.field_map_app import farm

CROPS = ByValue(
    "cultivo",
    (
        ValueStop("Soja", "#009E73", "Soja"),
        ValueStop("Maíz", "#F0E442", "Maíz"),
        ValueStop("Trigo", "#E69F00", "Trigo"),
        ValueStop(None, "#FFFFFF", "Sin cultivo"),
    ),
    other_label="Otros",
)
HECTARES = ByClass(
    "superficie_geodesica_ha",
    (
        ClassStop(0, "#FDE0C5", "< 120 ha"),
        ClassStop(120, "#EB7F54", "120 a 160 ha"),
        ClassStop(160, "#8C2981", "> 160 ha"),
    ),
)
FACTS = (Fact("cultivo"), Fact("superficie_geodesica_ha", digits=1, unit="ha"))

st.set_page_config(layout="wide", page_title="Mapa")
asked = st.query_params
compare = asked.get("compare", "none")
farms = ("La Escondida",) if st.session_state.get("one-farm") else ()


def fields(name: str, title: str, source: str, side: str = "both") -> Layer:
    return Layer(
        name,
        "fields",
        title,
        source,
        HECTARES if asked.get("colour") == "hectares" else CROPS,
        side=side,
        opacity=float(asked.get("opacity", "0.6")),
        label=True,
        filter={"campo": farms},
        facts=FACTS,
    )


if compare == "none":
    layers = [fields("lotes", "Lotes", f"test/{asked.get('snapshot', 'today')}/lotes")]
else:
    layers = [
        fields("lotes-a", "Lotes", "test/today/lotes", "a"),
        fields("lotes-b", "Lotes", "test/yesterday/lotes", "b"),
    ]
if asked.get("more"):
    overlay = Overlay("/previews/t/image/0", ((-62.2, -34.5), (-62.15, -34.5), (-62.15, -34.55), (-62.2, -34.55)))
    layers = [
        Layer("marcadores", "markers", "Muestreos", "test/today/marcadores", Single("#D55E00"), opacity=1, label=True),
        *layers,
        Layer(
            "ambientes", "zones", "Ambientes de productividad", "test/today/ambientes", Single("#0072B2"), visible=False
        ),
        Layer("kmz", "kmz", "Plano", "t/kmz", Single("#0072B2"), overlays=(overlay,)),
    ]

spec = MapSpec(
    layers=tuple(layers),
    title="Lotes · campaña 25/26",
    bounds=farm.BOUNDS if asked.get("snapshot") != "empty" else None,
    basemaps=(
        Basemap(
            "near",
            "Imagen",
            ("/base/{z}/{x}/{y}.png",),
            "© Cercano",
            dark=True,
        ),
        Basemap("gone", "Satélite", ("http://127.0.0.1:9/{z}/{x}/{y}.png",), "© Lejano", dark=True),
    ),
    basemap=asked.get("basemap", "none"),
    selection=tuple(st.session_state.get("chosen", ())),
    focus=Focus("f40", st.session_state["serial"]) if st.session_state.get("serial") else None,
    compare=compare,
    titles=("hoy 03:00", "ayer 03:00"),
    height=int(asked.get("height", "640")),
)
with use_language(st.session_state.get("language", asked.get("lang", "es"))):
    state = field_map(spec, key="map")

columns = st.columns(6)
if columns[0].button("Python writes the address"):
    st.query_params["wrote"] = str(int(asked.get("wrote", "0")) + 1)
if columns[1].button("One farm"):
    st.session_state["one-farm"] = not st.session_state.get("one-farm")
    st.rerun()
if columns[2].button("Focus"):
    st.session_state["serial"] = st.session_state.get("serial", 0) + 1
    st.rerun()
if columns[3].button("Select two"):
    st.session_state["chosen"] = ["f1", "f2"]
    st.rerun()
if columns[4].button("English"):
    st.session_state["language"] = "en"
    st.rerun()
columns[5].link_button("After", "#after")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.text(f"runs {st.session_state['runs']}")
st.text("state " + json.dumps(asdict(state), ensure_ascii=False))
if state.event:
    st.session_state["event"] = f"{state.event.name} {state.event.id}"
st.text(f"event {st.session_state.get('event', '-')}")
st.text(f"server sees {sorted(st.query_params.to_dict())}")
