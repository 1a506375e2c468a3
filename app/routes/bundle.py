"""The map's component: `/map/{version}/{file}`, immutable, compressed once."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.responses import Response
from starlette.routing import Route

from app.routes.answers import nothing_else, told
from app.services import map_bundle
from modules.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

_HEADERS: Final = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
#: What the system's own table of types may lack or call otherwise: a browser runs a module only under this one.
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".pbf": "application/x-protobuf"}


async def bundle_file(request: Request) -> Response:
    """Send a file of the component."""
    version, name = request.path_params["version"], request.path_params["name"]
    etag = f'"{version}"'
    try:
        path = await anyio.to_thread.run_sync(map_bundle.find, version, name)
    except RequestError as error:
        return told(HTTPStatus.NOT_FOUND, error)
    headers = _HEADERS | {"ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = await anyio.to_thread.run_sync(_compressed, path)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body, headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
    return Response(gzip.decompress(body), headers=headers, media_type=kind)


@lru_cache(maxsize=256)
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


ROUTES: Final = [Route("/map/{version}/{name:path}", bundle_file, methods=["GET", "HEAD"]), nothing_else("map")]
