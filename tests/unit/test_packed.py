"""Streamlit's programs are compressed once and say the same; what is no text, or is asked for in parts, passes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.services.packed import Packed

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PROGRAM = "export const gate = 'tranquera';\n" * 500


class Counted(StaticFiles):
    """Tells how often it was asked."""

    asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await super().__call__(scope, receive, send)


@dataclass(frozen=True)
class Client:
    """Asks an application, without a server between."""

    app: Starlette

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        # In a thread of its own: a browser of other tests may keep a loop running in this one.
        with start_blocking_portal() as portal:
            return portal.call(self._get, path, headers)

    async def _get(self, path: str, headers: dict[str, str] | None) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, headers=headers)


@pytest.fixture
def files(tmp_path: Path) -> Counted:
    (tmp_path / "a.js").write_text(PROGRAM)
    (tmp_path / "a.woff2").write_bytes(b"font" * 500)
    return Counted(directory=tmp_path)


@pytest.fixture
def client(files: Counted) -> Client:
    return Client(Starlette(routes=[Mount("/static", files)], middleware=[Middleware(Packed)]))


def test_a_program_is_compressed_once_for_all(client: Client, files: Counted) -> None:
    for _visitor in range(3):
        answer = client.get("/static/a.js")
        assert answer.text == PROGRAM
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(PROGRAM) / 20
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith("text/javascript")
    assert files.asked == 1


def test_who_knows_it_already_is_told_so(client: Client) -> None:
    known = client.get("/static/a.js").headers["etag"]
    assert client.get("/static/a.js", headers={"If-None-Match": known}).status_code == 304


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/a.woff2", {}),
        ("/static/a.js", {"Accept-Encoding": "identity"}),
        ("/static/a.js", {"Range": "bytes=0-9"}),
    ],
)
def test_others_get_the_file_as_it_is(client: Client, path: str, headers: dict[str, str]) -> None:
    client.get("/static/a.js")
    answer = client.get(path, headers=headers)
    assert answer.status_code in (200, 206)
    assert "content-encoding" not in answer.headers


def test_what_is_not_there_is_not_kept(client: Client, files: Counted, tmp_path: Path) -> None:
    assert client.get("/static/b.js").status_code == 404
    (tmp_path / "b.js").write_text(PROGRAM)
    assert client.get("/static/b.js").text == PROGRAM
