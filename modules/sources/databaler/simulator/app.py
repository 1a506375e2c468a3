"""The simulator's application: the portal's contract over real HTTP, with faults on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import cycle
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, RedirectResponse

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError
from modules.sources.databaler.contract import LARGEST_PAGE, specification
from modules.sources.databaler.simulator.dataset import Dataset
from modules.sources.databaler.simulator.delivery import deliver
from modules.sources.databaler.simulator.faults import Faults, Value
from modules.sources.databaler.simulator.feature_collections import Collections
from modules.sources.databaler.simulator.journal import Journal, JournalMiddleware
from modules.sources.databaler.simulator.tokens import DEMO_CLIENT, DEMO_SECRET, TOKEN_LIFE_S, Tokens

_LOOPBACK: Final = ["127.0.0.1", "localhost", "[::1]"]
_FAILURES: Final = (500, 502, 503, 504)
_LOGIN_PAGE: Final = "<!doctype html><title>Ingresar</title><form>Usuario <input name=user></form>"

_PageNumber = Annotated[int, Query(ge=1)]
_PageSize = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
_Check = Callable[[Request], None]


class Credentials(BaseModel):
    """What the token route is asked with."""

    client_id: str
    client_secret: str


def build_app(
    dataset: Dataset, faults: Faults, journal: Journal, *, latency_s: float = 0, hosts: Sequence[str] = ()
) -> FastAPI:
    """Make the application. `latency_s` is added to every page of a layer.

    hosts: names under which it answers, beside this machine's own
    """
    tokens = Tokens(faults)

    def authorized(request: Request) -> None:
        if not tokens.accepts(request.headers.get("authorization")):
            raise _unauthorized()

    app = FastAPI(title="Tranquera portal simulator", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*_LOOPBACK, *hosts])
    app.add_middleware(JournalMiddleware, journal=journal)
    app.include_router(_entrance(tokens))
    app.include_router(_lists(dataset), dependencies=[Depends(authorized)])
    app.include_router(_layers(dataset, tokens, faults, authorized, latency_s))
    app.include_router(_controls(faults))
    return app


def _entrance(tokens: Tokens) -> APIRouter:
    """What needs no token: the token itself, and the contract."""
    router = APIRouter()

    @router.post("/auth/token")
    async def token(credentials: Credentials) -> dict[str, str | int]:
        if (credentials.client_id, credentials.client_secret) != (DEMO_CLIENT, DEMO_SECRET):
            raise _unauthorized()
        return {"access_token": tokens.issue(), "token_type": "Bearer", "expires_in": TOKEN_LIFE_S}

    @router.get("/openapi.json")
    async def openapi() -> Response:
        return Response(specification(), media_type="application/json")

    return router


def _lists(dataset: Dataset) -> APIRouter:
    """Seasons and farms, as plain JSON."""
    router = APIRouter()

    @router.get("/campanias")
    async def seasons(page: _PageNumber = 1, per_page: _PageSize = LARGEST_PAGE) -> Response:
        items = [
            {"id": str(season), "nombre": f"Campaña {season}", "desde": season.first_day, "hasta": season.last_day}
            for season in dataset.seasons
        ]
        return _item_page("/campanias", items, page, per_page)

    @router.get("/campos")
    async def farms(page: _PageNumber = 1, per_page: _PageSize = LARGEST_PAGE) -> Response:
        return _item_page("/campos", dataset.farms, page, per_page)

    return router


def _layers(dataset: Dataset, tokens: Tokens, faults: Faults, authorized: _Check, latency_s: float) -> APIRouter:
    """The four layers, as GeoJSON; the only routes that faults hit."""
    router = APIRouter()
    collections = Collections(dataset, faults)
    disturb = _disturbances(faults)

    def add(layer: Layer) -> None:
        @router.get(f"/{layer}")
        async def features(
            request: Request,
            campania: str,
            campo: Annotated[Sequence[str], Query()] = (),
            page: _PageNumber = 1,
            per_page: _PageSize = LARGEST_PAGE,
        ) -> Response:
            await asyncio.sleep(latency_s)
            tokens.age()
            authorized(request)
            if (instead := disturb()) is not None:
                return instead
            return deliver(collections.page(layer, _season(campania), campo, page, per_page), faults)

    for layer in Layer:
        add(layer)
    return router


def _controls(faults: Faults) -> APIRouter:
    """Not part of the contract: a way to change faults from another process."""
    router = APIRouter()

    @router.post("/_simulator/faults")
    async def change(wanted: dict[str, Value | None]) -> dict[str, Value]:
        """`{"name": value}` switches faults on, null switches one off, `{}` switches all off; tells what is on."""
        if not wanted:
            faults.clear()
        try:
            for name, value in wanted.items():
                if value is None:
                    faults.clear(name)
                else:
                    faults.set(name, value)
        except RequestError as error:
            raise HTTPException(422, error.sentence()) from None
        return faults.active()

    return router


def _disturbances(faults: Faults) -> Callable[[], Response | None]:
    """Make the function that gives what a fault answers instead of a page, if one is on."""
    failures = cycle(_FAILURES)

    def disturb() -> Response | None:
        if faults.spend("unauthorized"):
            raise _unauthorized()
        if faults.spend("rate-limit"):
            raise HTTPException(429, "Too many requests.", _retry_after(faults))
        if faults.spend("errors"):
            raise HTTPException(next(failures), "Something failed.")
        if target := faults.get("redirect"):
            return RedirectResponse(str(target), 302)
        return HTMLResponse(_LOGIN_PAGE) if faults.spend("html") else None

    return disturb


def _retry_after(faults: Faults) -> dict[str, str] | None:
    wish = str(faults.get("retry-after") or 1)
    if wish == "none":
        return None
    if wish == "date":
        wish = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    return {"Retry-After": wish}


def _unauthorized() -> HTTPException:
    return HTTPException(401, "The token is missing, unknown or expired.", {"WWW-Authenticate": "Bearer"})


def _season(text: str) -> Season:
    try:
        return Season.parse(text)
    except RequestError as error:
        raise HTTPException(422, error.sentence()) from None


def _item_page(path: str, items: Sequence[Any], number: int, size: int) -> Response:
    more = number * size < len(items)
    page = {
        "items": items[(number - 1) * size : number * size],
        "total": len(items),
        "page": number,
        "per_page": size,
        "next": f"{path}?{urlencode({'page': number + 1, 'per_page': size})}" if more else None,
    }
    return Response(msgspec.json.encode(page), media_type="application/json")
