"""The web server: Streamlit's pages beside our own routes, all behind one guard."""

from __future__ import annotations

import mimetypes
import stat
import threading
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Final

import anyio.to_thread
import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.components.faults import report_fault
from app.services import runs
from app.services.catalog import find_download
from app.services.guard import Guard
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n import use_language
from modules.settings import load_settings

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SETTINGS: Final = load_settings()

#: A file of ours is never a page: no script, no form, no frame, no origin.
_DOWNLOAD_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


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
        if scope["type"] == "http" and scope["path"].startswith("/files/"):
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
    return FileResponse(
        path,
        filename=path.name,
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        stat_result=status,
        headers=_DOWNLOAD_HEADERS,
    )


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
    runs.server_answers()


def _refused() -> str:
    with use_language(SETTINGS.language):
        return _("This dashboard answers only on the machine it runs on. Open it as http://127.0.0.1.")


def _missing() -> str:
    with use_language(SETTINGS.language):
        return _("This file is not here. It may have been replaced by a newer one: look again in Files.")


def _sentence(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(text, status, {"X-Content-Type-Options": "nosniff"})


app = st.App(
    "main.py",
    routes=[Route("/files/{environment}/{path:path}", download, methods=["GET", "HEAD"])],
    middleware=[Middleware(Guard, sentence=_refused), Middleware(Hardened), Middleware(Uncompressed)],
    lifespan=lifespan,
    on_script_error=report_fault,
)
