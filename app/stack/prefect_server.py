"""Prefect's own server behind a host guard, for `uvicorn --factory app.stack.prefect_server:create_app`.

Prefect has no such guard: without it, a page of another origin whose name resolves to 127.0.0.1 could start flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.stack.ports import LOOPBACK

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """Make the server's application; it answers to loopback host names only.

    The guard stands around Prefect's application and not in it: automations call that from within, under a made-up
    host name.
    """
    from prefect.server.api.server import create_app as create_prefect

    return TrustedHostMiddleware(create_prefect(final=True), allowed_hosts=[LOOPBACK, "localhost"])
