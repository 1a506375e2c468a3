"""What a page asks the network for."""

from __future__ import annotations

from playwright.sync_api import Page

_OURS = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")


def watched(page: Page) -> list[str]:
    """Give a list that grows with each request of a page that goes elsewhere, and with each that fails."""
    found: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(_OURS) else found.append(request.url))
    # The map takes back what it asked for where somebody has moved on meanwhile.
    page.on(
        "requestfailed",
        lambda request: None if request.failure == "net::ERR_ABORTED" else found.append(f"{request.url} failed"),
    )
    return found
