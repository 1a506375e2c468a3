"""What somebody who opens a map waits for: a page of a headless Chromium that draws in software.

Times are the browser's own, from the moment it was told to go there; what it loads, workers included, passes a relay.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, Route, sync_playwright

from modules.settings import PROJECT
from tests.benchmarks.map_servers import Server
from tests.chromium import QUIET, find_chromium

PATIENCE_MS = 300_000
#: Below this Streamlit's server has its programs and fonts.
_STREAMLIT = "/static/"
_DROPPED = "net::ERR_NETWORK_CHANGED"
_LOOK_S = 0.1
_WORKERS_S = 30
_COLLECT, _HEAP = 1, 2
_WATCH = Path(__file__).parent / "map_pages" / "watch.js"
_LEAFLET = PROJECT / "modules" / "html_map" / "leaflet"
#: As Leaflet's own server has them.
_KINDS = {".js": "text/javascript", ".css": "text/css"}


class Disturbed(Exception):
    """The machine's network was changed meanwhile, at which Chromium drops all that it is loading: no figure counts."""


@dataclass(frozen=True)
class Visit:
    """What one visit took.

    s:        from the navigation until all is drawn; mount_s: from when the page had a place for the map
    mb:       on the wire, both ways; own_mb: the same without Streamlit's programs, which pages of all kinds load
    heap_mb:  JavaScript's heap, of the page and its workers, after a collection
    features: how many the peers' maps hold, None for ours; asked: the requests that reached the server
    """

    s: float
    mount_s: float
    mb: float
    own_mb: float
    heap_mb: float
    features: int | None
    asked: tuple[str, ...]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser that has drawn something before: starting what draws is not what a map takes."""
    chromium = find_chromium()
    assert chromium is not None, "no Chromium was found on this machine"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page()
        page.evaluate("() => document.createElement('canvas').getContext('webgl2').clear(16384)")
        page.close()
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Browser, *, elsewhere: bool = False) -> Iterator[BrowserContext]:
    """Somebody who has never been here: nothing is in the browser's cache.

    elsewhere: the page asks servers of others too
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-AR")
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(path=_WATCH)
    if elsewhere:  # a browser that asks us first keeps nothing in its cache
        context.route(lambda url: not url.startswith("http://127.0.0.1:"), _from_disk)
    yield context
    context.close()


def visit(context: BrowserContext, server: Server, path: str) -> Visit:
    """Open a page and wait until its map is drawn and stays so. Raises Disturbed for a visit that does not count."""
    page = context.new_page()
    dropped: list[str] = []
    page.on(
        "requestfailed", lambda request: dropped.append(request.url) if _DROPPED in (request.failure or "") else None
    )
    server.wire.forget()
    page.goto(f"{server.url}{path}", wait_until="commit")
    frame = _drawn(page, dropped)
    top, told = (each.evaluate("() => ({...window.mapWatch})") for each in (page.main_frame, frame))
    mb, streamlit_mb = server.wire.mb(), server.wire.mb(_STREAMLIT)
    heap_mb = _heap_mb(context, page)
    asked = tuple(server.wire.asked)
    page.close()
    return Visit(
        s=(told["drawn"] - top["began"]) / 1e3,
        mount_s=(told["drawn"] - top["mount"]) / 1e3,
        mb=mb,
        own_mb=mb - streamlit_mb,
        heap_mb=heap_mb,
        features=told["features"],
        asked=asked,
    )


def _drawn(page: Page, dropped: Sequence[str]) -> Frame:
    """Wait for the frame whose map is drawn.

    dropped: addresses that the browser has given up, empty as long as there are none. Raises Disturbed for them
    """
    deadline = time.monotonic() + PATIENCE_MS / 1e3
    while time.monotonic() < deadline:
        if dropped:
            raise Disturbed(page.url)
        for frame in page.frames:
            with suppress(Error):  # a frame that is just being replaced
                if frame.evaluate("() => Boolean(window.mapWatch?.isStill())"):
                    return frame
        page.wait_for_timeout(1e3 * _LOOK_S)  # and hear what is told meanwhile
    told = page.evaluate("() => [JSON.stringify(window.mapWatch), document.body.innerText.slice(0, 500)]")
    raise TimeoutError(f"no map was drawn within {PATIENCE_MS // 1000} s: {page.url}: {told}")


def _from_disk(route: Route) -> None:
    """Answer for the servers of others, from which folium's pages take Leaflet: at once, and not counted."""
    name = Path(urlsplit(route.request.url).path).name
    path = _LEAFLET / name
    route.fulfill(content_type=_KINDS.get(path.suffix, ""), body=path.read_bytes() if path.is_file() else b"")


def _heap_mb(context: BrowserContext, page: Page) -> float:
    """Tell what JavaScript holds after a collection, arrays included, in the page and in its workers."""
    session = context.new_cdp_session(page)
    workers: list[str] = []
    told: list[float] = []

    def hear(event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if message.get("id") == _HEAP:
            told.append(_held(message["result"]))

    session.on("Target.attachedToTarget", lambda event: workers.append(event["sessionId"]))
    session.on("Target.receivedMessageFromTarget", hear)
    # Without `flatten`, so that answers come as messages of the page: a session of Playwright's has no other way.
    session.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False})
    page.wait_for_timeout(1e3 * _LOOK_S)
    for each in workers:
        for number, method in ((_COLLECT, "HeapProfiler.collectGarbage"), (_HEAP, "Runtime.getHeapUsage")):
            message = json.dumps({"id": number, "method": method})
            session.send("Target.sendMessageToTarget", {"sessionId": each, "message": message})
    session.send("HeapProfiler.collectGarbage")
    own = _held(session.send("Runtime.getHeapUsage"))
    deadline = time.monotonic() + _WORKERS_S
    while len(told) < len(workers) and time.monotonic() < deadline:
        page.wait_for_timeout(1e3 * _LOOK_S)
    assert len(told) == len(workers), "a worker does not tell its heap"
    session.detach()
    return (own + sum(told)) / 1e6


def _held(usage: dict[str, float]) -> float:
    return usage["usedSize"] + usage.get("backingStorageSize", 0)
