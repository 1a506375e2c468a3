"""The simulator's routes: the portal's contract over real HTTP, with faults on demand."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from itertools import cycle
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from fastapi import FastAPI, Query, Request, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import StreamingResponse

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import RequestError
from modules.sources.databaler.contract import LARGEST_PAGE, SIMULATOR_HEADER, specification
from modules.sources.databaler.simulator.corruption import corrupt, renamed
from modules.sources.databaler.simulator.dataset import Dataset
from modules.sources.databaler.simulator.faults import Faults

#: The demonstration's way in. It opens invented data on a loopback address, nothing else.
DEMO_CLIENT: Final = "demo"
DEMO_SECRET: Final = "demo"  # noqa: S105  (see above)
DEMO_TOKEN: Final = "demo-token"  # noqa: S105  (see above)

_LOOPBACK: Final = ["127.0.0.1", "localhost", "[::1]"]
_TOKEN_LIFE_S: Final = 3600
_FAILURES: Final = (500, 502, 503, 504)
_PIECES_PER_S: Final = 10
_LOGIN_PAGE: Final = "<!doctype html><title>Ingresar</title><form>Usuario <input name=user></form>"

PerPage = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
PageNumber = Annotated[int, Query(ge=1)]


@dataclass(slots=True)
class Journal:
    """What was asked of the simulator, for tests: `METHOD path?query` and the status it got."""

    lines: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=100_000))

    def asked(self, part: str = "") -> list[str]:
        """List the requests whose line contains `part`."""
        return [line for line, _status in self.lines if part in line]

    def statuses(self, part: str = "") -> list[int]:
        """List the statuses of these requests."""
        return [status for line, status in self.lines if part in line]


class Tokens:
    """The tokens that are valid, and the fault that ends them."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._valid: set[str] = {DEMO_TOKEN}
        self._count_down: int | None = None

    def issue(self) -> str:
        """Make a new token."""
        token = secrets.token_urlsafe(24)
        self._valid.add(token)
        return token

    def accepts(self, header: str | None) -> bool:
        """Check an Authorization header."""
        scheme, _space, token = (header or "").partition(" ")
        return scheme.lower() == "bearer" and token in self._valid

    def age(self) -> None:
        """Count one request towards `expire-token`."""
        if not self._faults.count("expire-token"):
            return
        if self._count_down is None:
            self._count_down = self._faults.count("expire-token")
        if self._count_down == 0:
            self._valid.clear()
            self._faults.clear("expire-token")
            self._count_down = None
        else:
            self._count_down -= 1


class Pages:
    """Features of a request, whole and by page, spoiled by the faults that concern them."""

    def __init__(self, dataset: Dataset, faults: Faults) -> None:
        self._dataset = dataset
        self._faults = faults
        self._select = lru_cache(maxsize=64)(self._selected)
        self._drifting: set[Layer] = set()

    def page(self, layer: Layer, season: Season, farms: frozenset[str], number: int, size: int, link: str) -> bytes:
        """Encode one page; `link` is the address of the next one, with `{page}` in it."""
        faults = self._faults
        bodies = corrupt(self._select(layer, season, farms), layer, faults)
        total, last = len(bodies), max(1, -(-len(bodies) // size))
        features = list(bodies[(number - 1) * size : number * size])
        if number == last:
            features = self._spoil_last(features, bodies)
        if number == 1:
            (self._drifting.add if faults.spend("drift") else self._drifting.discard)(layer)
        elif layer in self._drifting:
            total += 1
        target = 1 if faults.count("next-loop") else number + 1 if number < last else None
        head: dict[str, Any] = {"type": "FeatureCollection", "total": total, "page": number, "per_page": size}
        head["next"] = None if target is None else link.replace("{page}", str(target))
        if crs := faults.get("crs"):
            head["crs"] = {"type": "name", "properties": {"name": crs}}
        return msgspec.json.encode(head)[:-1] + b',"features":[' + b",".join(features) + b"]}"

    def _spoil_last(self, features: list[bytes], bodies: Sequence[bytes]) -> list[bytes]:
        faults = self._faults
        features += bodies[: faults.count("duplicate")]
        features += [renamed(body) for body in bodies[: faults.count("conflict")]]
        return features[: len(features) - faults.count("short")]

    def _selected(self, layer: Layer, season: Season, farms: frozenset[str]) -> Sequence[bytes]:
        return self._dataset.features(layer, season).of_farms(farms)


def build_app(dataset: Dataset, faults: Faults, *, latency_s: float = 0) -> FastAPI:
    """Make the application. `app.state.journal` tells what was asked of it."""
    app = FastAPI(title="Tranquera portal simulator", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_LOOPBACK)
    tokens, pages, journal = Tokens(faults), Pages(dataset, faults), Journal()
    failures = cycle(_FAILURES)
    app.state.journal = journal

    def note(request: Request, response: Response) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        journal.lines.append((f"{request.method} {request.url.path}{query}", response.status_code))
        response.headers[SIMULATOR_HEADER] = "1"
        return response

    def refusal(request: Request) -> Response | None:
        """The answer that a fault on whole requests, or a missing token, gives instead of a page."""
        tokens.age()
        if faults.spend("unauthorized") or not tokens.accepts(request.headers.get("authorization")):
            return _problem(401, "The token is missing, unknown or expired.", {"WWW-Authenticate": "Bearer"})
        if faults.spend("rate-limit"):
            return _problem(429, "Too many requests.", _retry_after(faults))
        if faults.spend("errors"):
            return _problem(next(failures), "Something failed.")
        if target := faults.get("redirect"):
            return Response(status_code=302, headers={"Location": str(target)})
        if faults.spend("html"):
            return Response(_LOGIN_PAGE, media_type="text/html")
        return None

    def plain_page(items: Sequence[Any], number: int, size: int, path: str) -> Response:
        total = len(items)
        more = number * size < total
        page = {"items": items[(number - 1) * size : number * size], "total": total, "page": number, "per_page": size}
        page["next"] = f"{path}?{urlencode({'page': number + 1, 'per_page': size})}" if more else None
        return Response(msgspec.json.encode(page), media_type="application/json")

    @app.post("/auth/token")
    async def token(request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body(), type=dict[str, str])
        except msgspec.DecodeError:
            return note(request, _problem(400, "Send client_id and client_secret as JSON."))
        if (asked.get("client_id"), asked.get("client_secret")) != (DEMO_CLIENT, DEMO_SECRET):
            return note(request, _problem(401, "Unknown client."))
        grant = {"access_token": tokens.issue(), "token_type": "Bearer", "expires_in": _TOKEN_LIFE_S}
        return note(request, Response(msgspec.json.encode(grant), media_type="application/json"))

    @app.get("/campanias")
    async def seasons(request: Request, page: PageNumber = 1, per_page: PerPage = LARGEST_PAGE) -> Response:
        if not tokens.accepts(request.headers.get("authorization")):
            return note(request, _problem(401, "The token is missing, unknown or expired."))
        items = [
            {"id": str(s), "nombre": f"Campaña {s}", "desde": s.first_day, "hasta": s.last_day} for s in dataset.seasons
        ]
        return note(request, plain_page(items, page, per_page, "/campanias"))

    @app.get("/campos")
    async def farms(request: Request, page: PageNumber = 1, per_page: PerPage = LARGEST_PAGE) -> Response:
        if not tokens.accepts(request.headers.get("authorization")):
            return note(request, _problem(401, "The token is missing, unknown or expired."))
        return note(request, plain_page(dataset.farms, page, per_page, "/campos"))

    async def layer_page(
        request: Request,
        campania: str,
        campo: Annotated[list[str], Query(default_factory=list)],
        page: PageNumber = 1,
        per_page: PerPage = LARGEST_PAGE,
    ) -> Response:
        await asyncio.sleep(latency_s)
        if (instead := refusal(request)) is not None:
            return note(request, instead)
        layer = Layer(request.url.path.lstrip("/"))
        try:
            season = Season.parse(campania)
        except RequestError:
            return note(request, _problem(422, "campania is written like 25/26."))
        query = urlencode([("campania", campania), *(("campo", one) for one in campo)])
        link = f"/{layer}?{query}&page={{page}}&per_page={per_page}"
        body = pages.page(layer, season, frozenset(campo), page, per_page, link)
        return note(request, _delivered(body, faults))

    for layer in Layer:
        app.get(f"/{layer}")(layer_page)

    @app.get("/openapi.json")
    async def openapi(request: Request) -> Response:
        return note(request, Response(specification(), media_type="application/json"))

    @app.post("/_simulator/faults")
    async def change_faults(request: Request) -> Response:
        """Not part of the contract: `{"name": value}` switches faults on, null switches one off, {} switches all off."""
        wanted = msgspec.json.decode(await request.body(), type=dict[str, str | int | float | None])
        try:
            for name, value in wanted.items():
                faults.clear(name) if value is None else faults.set(name, value)
        except RequestError as error:
            return _problem(422, error.sentence())
        if not wanted:
            faults.clear()
        return Response(msgspec.json.encode(faults.active()), media_type="application/json")

    return app


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode({"detail": detail}), status_code=status, headers=headers, media_type="application/json"
    )


def _retry_after(faults: Faults) -> dict[str, str]:
    wish = str(faults.get("retry-after") or 1)
    if wish == "none":
        return {}
    if wish == "date":
        wish = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    return {"Retry-After": wish}


def _delivered(body: bytes, faults: Faults) -> Response:
    """Send a page at once, or cut, or drop by drop."""
    kind = "application/geo+json"
    length = {"Content-Length": str(len(body))}
    if faults.spend("cut"):
        return StreamingResponse(_cut(body), headers=length, media_type=kind)
    if speed := faults.get("slow"):
        return StreamingResponse(_dripping(body, float(speed)), headers=length, media_type=kind)
    return Response(body, media_type=kind)


class Hangup(Exception):
    """Ends a connection in the middle of a body; uvicorn closes it without another byte."""


async def _cut(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise Hangup


async def _dripping(body: bytes, bytes_per_s: float) -> AsyncIterator[bytes]:
    piece = max(1, int(bytes_per_s / _PIECES_PER_S))
    for start in range(0, len(body), piece):
        yield body[start : start + piece]
        await asyncio.sleep(piece / bytes_per_s)
