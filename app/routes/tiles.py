"""The map's sources: `/tiles/{source}/{z}/{x}/{y}.mvt` and what is told of a source and of its rows (docs/map.md)."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app.routes.answers import SETTINGS, is_passing, not_now, nothing_else, sentence, told
from app.services import previews
from app.services.tiles.kinds import KMZ
from app.services.tiles.preload import preload as preload_sources
from app.services.tiles.serving import TileService
from app.services.tiles.version import tiles_version
from modules.errors import RequestError, TranqueraError
from modules.i18n import LANGUAGES, N_, Language, use_language
from modules.i18n import gettext as _
from modules.tiles.request import TileAddress, Wanted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from app.services.tiles.kinds import Loaded

T = TypeVar("T")

_log = logging.getLogger(__name__)

SERVICE: Final = TileService(SETTINGS.home, SETTINGS.map_memory_mb)

_TYPE: Final = "application/vnd.mapbox-vector-tile"
#: What a source holds never changes, and it is of nobody but who may see the pages …
_IMMUTABLE: Final = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
#: … but another version of the program makes other tiles of it, which an address without the version does not tell.
_OF_ANY_VERSION: Final = _IMMUTABLE | {"Cache-Control": "private, no-cache"}
#: What a card says also depends on other snapshots, and on the reader's language.
_FRESH: Final = {"Cache-Control": "private, no-cache", "Cross-Origin-Resource-Policy": "same-origin"}
_DOWNLOAD: Final = _FRESH | {"Content-Security-Policy": "sandbox; default-src 'none'"}
#: More than this nobody chose by hand.
_MOST_CHOSEN: Final = 1000


def preload() -> None:
    """Load what people look at first; for a thread."""
    preload_sources(SERVICE)


def close() -> None:
    """Stop making tiles."""
    SERVICE.close()


def _answering(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Answer errors with their sentences: 400 for what cannot be asked so, 404 for what is not there, 503 for now."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except RequestError as error:
            return told(HTTPStatus.BAD_REQUEST, error, _language(request))
        except (TranqueraError, OSError) as error:
            return _not_there(error, _language(request))

    return answered


async def _tile(request: Request) -> Response:
    path = request.path_params["source"]
    at = TileAddress.parse(*(request.path_params[name] for name in ("z", "x", "y")))
    wanted = _wanted(request.query_params)
    made = SERVICE.kept(path, at, wanted)
    if made is None:
        made = await _waited(SERVICE.tile(path, await _source(path), at, wanted))
    headers = _lasting(request) | {"ETag": made.etag}
    if _is_known(request, made.etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if not made.body:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(made.body, headers=headers | {"Content-Encoding": "gzip"}, media_type=_TYPE)
    return Response(gzip.decompress(made.body), headers=headers, media_type=_TYPE)


async def _info(request: Request) -> Response:
    loaded = await _source(request.path_params["source"])
    return _json(request, await _waited(SERVICE.run(loaded.rows.info, SETTINGS.language)), _lasting(request))


async def _feature(request: Request) -> Response:
    from app.services.tiles.facts import feature

    path, identity, language = request.path_params["source"], _required(request, "id"), _language(request)
    loaded = await _source(path)
    made = await _waited(SERVICE.run(lambda: feature(SETTINGS.home, path, loaded, identity), language))
    if made is None:
        return _no_row(_language(request))
    return _json(request, made, _FRESH)


async def _search(request: Request) -> Response:
    from app.services.tiles.facts import found

    loaded = await _source(request.path_params["source"])
    text, language, wanted = request.query_params.get("q", "")[:200], _language(request), _wanted(request.query_params)
    rows = await _waited(SERVICE.run(lambda: found(loaded, text, wanted), language))
    return _json(request, {"rows": rows}, _FRESH)


async def _feature_kmz(request: Request) -> Response:
    from app.services.tiles.field_kmz import field_kmz

    identity = _required(request, "id")
    loaded = await _source(request.path_params["source"])
    snapshot, record = (
        loaded.snapshot,
        await _waited(SERVICE.run(lambda: loaded.rows.record(identity), SETTINGS.language)),
    )
    if record is None or snapshot is None or loaded.layer != "lotes":
        return _no_row(_language(request))
    path = await _waited(
        SERVICE.run(lambda: field_kmz(SETTINGS.home, snapshot, identity, record["name"]), SETTINGS.language)
    )
    return FileResponse(path, filename=path.name, media_type="application/vnd.google-earth.kmz", headers=_DOWNLOAD)


async def _source(path: str) -> Loaded:
    """Give a source. Raises _NotThere with a sentence for every path that is none, and for one that cannot be read."""
    try:
        return await _waited(SERVICE.source(path))
    except RequestError as error:  # of an address that names nothing: not the request is wrong, nothing is there
        raise _NotThere(error.template, **error.values) from error


class _NotThere(TranqueraError):
    """Nothing is where the address leads."""


async def _waited(future: Future[T]) -> T:
    """Wait for a thread; a browser that goes away meanwhile does not stop what others wait for too."""
    return await asyncio.shield(asyncio.wrap_future(future))


def _wanted(query: QueryParams) -> Wanted:
    farms, crops = query.getlist("campo"), query.getlist("cultivo")
    if len(farms) + len(crops) > _MOST_CHOSEN:
        raise RequestError(
            N_("Too many farms and crops are chosen for one address: {most} at most."), most=_MOST_CHOSEN
        )
    columns = {name for text in query.getlist("columns") for name in text.split(",") if name}
    return Wanted(tuple(sorted(columns)), frozenset(farms), frozenset(crops))


def _lasting(request: Request) -> dict[str, str]:
    return _IMMUTABLE if request.query_params.get("v") == tiles_version() else _OF_ANY_VERSION


def _required(request: Request, name: str) -> str:
    text = request.query_params.get(name, "")
    if not text:
        raise RequestError(N_("“{name}” is missing in this address."), name=name)
    return text


def _language(request: Request) -> Language:
    asked = request.query_params.get("lang")
    return next((code for code in LANGUAGES if code == asked), SETTINGS.language)


def _is_known(request: Request, etag: str) -> bool:
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


def _json(request: Request, thing: object, headers: dict[str, str]) -> Response:
    body = json.dumps(thing, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    etag = f'"{blake2b(body, digest_size=9).hexdigest()}"'
    if _is_known(request, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers | {"ETag": etag})
    return Response(body, headers=headers | {"ETag": etag}, media_type="application/json")


def _not_there(error: Exception, language: Language) -> Response:
    if isinstance(error, TranqueraError) and not is_passing(error):
        return told(HTTPStatus.NOT_FOUND, error, language)
    _log.warning("a source cannot be read", exc_info=error)
    return not_now(language)


def _no_row(language: Language) -> Response:
    with use_language(language):
        return sentence(HTTPStatus.NOT_FOUND, _("There is no such thing in this source. Reload the page."))


def _require_preview(token: str) -> None:
    """Raise _NotThere for a file that is gone: what is still in memory of it is not shown."""
    try:
        previews.shared(SETTINGS).require(token)
    except RequestError as error:
        raise _NotThere(error.template, **error.values) from error


def _route(end: str, answer: Callable[[Request], Awaitable[Response]], below: str = "tiles") -> Route:
    """Give a route of one prefix. Each has kinds of its own: what of `/previews` is private is not below `/tiles`."""

    async def of_prefix(request: Request) -> Response:
        token, _slash, kind = request.path_params["source"].rpartition("/")
        if (kind == KMZ) != (below == "previews"):
            raise _NotThere(N_("There is no such source. It may be gone: reload the page."))
        if kind == KMZ:
            await anyio.to_thread.run_sync(_require_preview, token)
        return await answer(request)

    return Route(f"/{below}/{{source:path}}/{end}", _answering(of_prefix), methods=["GET", "HEAD"])


ROUTES: Final = [
    _route("{z}/{x}/{y}.mvt", _tile),
    _route("info.json", _info),
    _route("feature.json", _feature),
    _route("feature.kmz", _feature_kmz),
    _route("search.json", _search),
    _route("{z}/{x}/{y}.mvt", _tile, below="previews"),
    _route("info.json", _info, below="previews"),
    _route("feature.json", _feature, below="previews"),
    _route("search.json", _search, below="previews"),
    nothing_else("tiles"),
]
