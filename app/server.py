"""The web server: Streamlit's pages beside our own routes, all behind one guard."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Final

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware

from app.components.faults import report_fault
from app.routes import bundle, files, previews, tiles
from app.routes.answers import SETTINGS
from app.services import changes, maps, runs
from app.services import previews as read_previews
from app.services.access import refuse_beyond_loopback
from app.services.guard import Guard
from app.services.packed import Packed
from app.services.sockets import send_at_once
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n import use_language
from modules.storage.pickup import sweep_places
from modules.storage.uploads import sweep_uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SWEPT_S: Final = 3600

refuse_beyond_loopback(st.get_option("server.address"), SETTINGS)


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
        if scope["type"] == "http" and scope["path"].startswith(files.SENT):
            del MutableHeaders(scope=scope)["accept-encoding"]
        await self.app(scope, receive, send)


def _hardened(send: Send) -> Send:
    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["X-Frame-Options"] = "SAMEORIGIN"
            # Servers of map tiles answer only who says where they come from; the path is nobody's business.
            headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        await send(message)

    return hardened


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Import what takes seconds (Prefect, pyarrow) and load the map while the first visitor still types the address."""
    send_at_once()
    threading.Thread(target=_prepare_pages, daemon=True).start()
    threading.Thread(target=tiles.preload, daemon=True).start()
    sweeping = asyncio.create_task(_sweep_each_hour())
    yield
    sweeping.cancel()
    tiles.close()
    changes.close()
    read_previews.shared(SETTINGS).close()


def _prepare_pages() -> None:
    """One after the other, first what the largest page takes: side by side they would hold up one another."""
    import_module("app.components.map_page")
    maps.warm(SETTINGS.home)
    import_module("app.components.run_page")
    import_module("app.components.file_browser")
    _sweep()
    with suppress(TranqueraError):  # what Prefect's client needs is imported, whether or not the server is there yet
        runs.active()


def _sweep() -> None:
    sweep_places(SETTINGS.home)
    sweep_uploads(SETTINGS.home)


async def _sweep_each_hour() -> None:
    """Keep what the pages promise of files that were handed over: they are gone in a day, however long we run."""
    while True:
        await asyncio.sleep(_SWEPT_S)
        await asyncio.to_thread(_sweep)


def _refused() -> str:
    with use_language(SETTINGS.language):
        if SETTINGS.host_names:
            return _(
                "This dashboard does not know the name by which it was asked. Add it to TRANQUERA_HOSTS in .env, then "
                "start it again."
            )
        return _("This dashboard answers only on the machine it runs on. Open it as http://127.0.0.1.")


app = st.App(
    "main.py",
    routes=[*files.ROUTES, *tiles.ROUTES, *previews.preview_routes(SETTINGS), *bundle.ROUTES],
    middleware=[
        Middleware(Guard, sentence=_refused, names=SETTINGS.host_names),
        Middleware(Hardened),
        Middleware(Uncompressed),
        Middleware(Packed),
    ],
    lifespan=lifespan,
    on_script_error=report_fault,
)
