"""Prefect's own server behind a host guard, for `uvicorn --factory app.stack.prefect_server:create_app`.

Prefect has no such guard: without it, a page of another origin whose name resolves to 127.0.0.1 could start flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.stack.ports import LOOPBACK

if TYPE_CHECKING:
    from fastapi import FastAPI


def create_app() -> FastAPI:
    """Make the server's application; it answers to loopback host names only."""
    from prefect.server.api.server import create_app as create_prefect

    app = create_prefect(final=True)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"])
    return app
