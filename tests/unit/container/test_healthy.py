"""The health check's own question over HTTP: with the password that the API asks for, from wherever that stands."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.stack.container import healthy


class Api(BaseHTTPRequestHandler):
    """Answers who gives `ana:clave`."""

    def do_GET(self) -> None:
        given = self.headers.get("Authorization") == f"Basic {b64encode(b'ana:clave').decode()}"
        self.send_response(200 if given else 401)
        self.end_headers()
        self.wfile.write(b"well")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/ready"
        server.shutdown()
        thread.join()


def test_the_password_stands_in_the_environment(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "ana:clave")
    assert healthy._ask(url) == b"well"


def test_the_password_stands_in_a_file_which_goes_before_the_environment(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    file = tmp_path / "secret"
    file.write_text("ana:clave\n")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "otra:clave")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING_FILE", str(file))
    assert healthy._ask(url) == b"well"


def test_an_empty_file_is_no_password(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = tmp_path / "secret"
    file.touch()
    monkeypatch.setenv("PREFECT_API_AUTH_STRING_FILE", str(file))
    with pytest.raises(ValueError, match="401"):
        healthy._ask(url)
