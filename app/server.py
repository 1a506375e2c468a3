"""The web server: Streamlit's pages beside our own routes, all behind one guard."""

from __future__ import annotations

import mimetypes
import stat
import threading
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import anyio.to_thread
import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.components.faults import report_fault
from app.services import runs
from app.services.access import refuse_beyond_loopback
from app.services.bundles import find_bundle, members
from app.services.catalog import find_download
from app.services.guard import Guard
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n import use_language
from modules.settings import load_settings
from modules.storage.pickup import find_file, sweep_places
from modules.storage.zip_stream import zip_stream

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SETTINGS: Final = load_settings()
refuse_beyond_loopback(st.get_option("server.address"), SETTINGS)

#: A file of ours is never a page: no script, no form, no frame, no origin.
_DOWNLOAD_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


#: Where files are sent from, rather than pages.
_SENT: Final = ("/files/", "/zip/", "/exports/")


class Hardened:
    """Adds the headers that keep a browser from taking an answer for something else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer with the headers."""
        await self.app(scope, receive, _hardened(send))


class Uncompressed:
    """Serves files as they are: compressing them again costs more than it saves, and ranges would not fit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hide from the compression that follows that the browser would take it."""
        if scope["type"] == "http" and scope["path"].startswith(_SENT):
            del MutableHeaders(scope=scope)["accept-encoding"]
        await self.app(scope, receive, send)


def _hardened(send: Send) -> Send:
    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["X-Frame-Options"] = "SAMEORIGIN"
            headers["Referrer-Policy"] = "same-origin"
        await send(message)

    return hardened


async def download(request: Request) -> Response:
    """Send a file below an output root, whole or in ranges, never as a page.

    `/files/{environment}/{path}`; `?held=1` lets in what waits in quarantine, as its run's page asks.
    """
    environment, relative = request.path_params["environment"], request.path_params["path"]
    try:
        path, status = await anyio.to_thread.run_sync(
            _regular_file, environment, relative, request.query_params.get("held") == "1"
        )
    except (TranqueraError, ValueError, OSError):
        return _sentence(HTTPStatus.NOT_FOUND, _missing())
    return _file(path, status)


async def download_export(request: Request) -> Response:
    """Send an export that somebody asked for: `/exports/{token}`."""
    try:
        path, status = await anyio.to_thread.run_sync(_export, request.path_params["token"])
    except (TranqueraError, ValueError, OSError) as error:
        return _sentence(HTTPStatus.NOT_FOUND, _told(error))
    return _file(path, status)


async def download_zip(request: Request) -> Response:
    """Send files of a folder as a zip that is made meanwhile: `/zip/{environment}/{folder}`, `?only=` marks of some."""
    environment, folder = request.path_params["environment"], request.path_params["path"]
    only = request.query_params.get("only")
    chosen = None if only is None else set(only.split(","))
    try:
        kind = Environment(environment)
        bundle = await anyio.to_thread.run_sync(find_bundle, SETTINGS.home, kind, folder, chosen)
        bundle.name.encode()
    except (TranqueraError, ValueError, OSError) as error:
        return _sentence(HTTPStatus.NOT_FOUND, _told(error))
    headers = _DOWNLOAD_HEADERS | {"Content-Disposition": f"attachment; filename*=utf-8''{quote(bundle.name)}"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type="application/zip")
    pieces = zip_stream(members(SETTINGS.home, kind, bundle))
    return StreamingResponse(pieces, headers=headers, media_type="application/zip")


def _file(path: Path, status: os.stat_result) -> FileResponse:
    return FileResponse(
        path,
        filename=path.name,
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        stat_result=status,
        headers=_DOWNLOAD_HEADERS,
    )


def _export(token: str) -> tuple[Path, os.stat_result]:
    path = find_file(SETTINGS.home, token)
    return path, path.stat()


def _regular_file(environment: str, relative: str, held: bool) -> tuple[Path, os.stat_result]:
    path = find_download(SETTINGS.home, Environment(environment), relative, held=held)
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError
    path.name.encode()  # a name that is no text cannot stand in a header
    return path, status


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Import what takes seconds (Prefect, pyarrow) while the first visitor still types the address."""
    threading.Thread(target=_import_late_parts, daemon=True).start()
    yield


def _import_late_parts() -> None:
    import_module("app.components.run_page")
    import_module("app.components.file_browser")
    sweep_places(SETTINGS.home)
    runs.server_answers()


def _refused() -> str:
    with use_language(SETTINGS.language):
        return _("This dashboard answers only on the machine it runs on. Open it as http://127.0.0.1.")


def _missing() -> str:
    with use_language(SETTINGS.language):
        return _("This file is not here. It may have been replaced by a newer one: look again in Files.")


def _told(error: Exception) -> str:
    """Say an error that is a sentence; of others, that the file is not here."""
    if not isinstance(error, TranqueraError):
        return _missing()
    with use_language(SETTINGS.language):
        return error.sentence()


def _sentence(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(text, status, {"X-Content-Type-Options": "nosniff"})


app = st.App(
    "main.py",
    routes=[
        Route("/files/{environment}/{path:path}", download, methods=["GET", "HEAD"]),
        Route("/zip/{environment}/{path:path}", download_zip, methods=["GET", "HEAD"]),
        Route("/exports/{token}", download_export, methods=["GET", "HEAD"]),
    ],
    middleware=[
        Middleware(Guard, sentence=_refused, names=SETTINGS.host_names),
        Middleware(Hardened),
        Middleware(Uncompressed),
    ],
    lifespan=lifespan,
    on_script_error=report_fault,
)
