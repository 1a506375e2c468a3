"""A web server for the map alone: the component's bundle and made-up tiles over real HTTP."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import streamlit as st
from PIL import Image
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.routes import bundle
from tests.browser.field_map_app import farm

if TYPE_CHECKING:
    from starlette.requests import Request

SOURCES = {
    "test/today/lotes": farm.fields(),
    "test/merged/lotes": farm.merged(),
    "test/yesterday/lotes": farm.fields(shift=1),
    "test/today/ambientes": farm.zones(),
    "test/today/marcadores": farm.markers(),
    "test/empty/lotes": [],
}
GONE = "There is no <b>such</b> backup."


async def tile(request: Request) -> Response:
    z, x, y = (int(request.path_params[name]) for name in "zxy")
    columns = [name for name in request.query_params.get("columns", "").split(",") if name]
    kept = {name: request.query_params.getlist(name) for name in ("campo", "cultivo") if name in request.query_params}
    if request.path_params["source"] not in SOURCES:
        return PlainTextResponse(GONE, 404)
    body = farm.tile(SOURCES[request.path_params["source"]], z, x, y, columns, kept)
    return Response(body, media_type="application/vnd.mapbox-vector-tile") if body else Response(status_code=204)


def _named(row: farm.Row) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "centre": [row.shape.centroid.x, row.shape.centroid.y],
        "bounds": list(row.shape.bounds),
    }


async def feature(request: Request) -> Response:
    asked = request.query_params["id"]
    row = next((each for each in SOURCES[request.path_params["source"]] if each.id == asked), None)
    if row is None or asked == "f13":
        return PlainTextResponse("no such row", 404)
    facts = [
        {"label": "Campo", "value": str(row.values.get("campo", ""))},
        {"label": "Cultivo", "value": str(row.values.get("cultivo") or "sin cultivo")},
        {"label": "Superficie", "value": "131,0 ha"},
        {"label": "Observación", "value": "<b>texto</b>, no HTML"},
    ]
    history = [
        {"season": "25/26", "crop": "Soja", "hectares": "131,0 ha", "since": "ayer 03:00"},
        {"season": "24/25", "crop": "Maíz", "hectares": "130,2 ha", "since": ""},
    ]
    actions = [
        {"label": "Bajar KMZ", "href": f"/tiles/test/today/lotes/feature.kmz?id={asked}"},
        {"label": "Mal", "href": "javascript:alert(1)"},
    ]
    return JSONResponse(_named(row) | {"facts": facts, "history": history, "actions": actions})


async def search(request: Request) -> Response:
    text = request.query_params["q"].lower()
    rows = [row for row in SOURCES[request.path_params["source"]] if text in row.name.lower()][:20]
    found = [_named(row) | {"detail": f"{row.values.get('campo')} · {row.values.get('cultivo')}"} for row in rows]
    return JSONResponse({"rows": found})


async def info(request: Request) -> Response:
    source = request.path_params["source"]
    return JSONResponse({"rows": len(SOURCES[source])}) if source in SOURCES else PlainTextResponse(GONE, 404)


async def picture(_request: Request) -> Response:
    content = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(content, "PNG")
    return Response(content.getvalue(), media_type="image/png")


app = st.App(
    "main.py",
    routes=[
        *bundle.ROUTES,
        Route("/tiles/{source:path}/{z:int}/{x:int}/{y:int}.mvt", tile),
        Route("/tiles/{source:path}/info.json", info),
        Route("/tiles/{source:path}/feature.json", feature),
        Route("/tiles/{source:path}/search.json", search),
        Route("/previews/{token}/image/{number:int}", picture),
        Route("/base/{z:int}/{x:int}/{y:int}.png", picture),
    ],
)
