from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from typer import Typer
from typer.testing import CliRunner

from app.commands.portal import portal
from modules.errors import RequestError

SERVE = "import typer; from app.commands.portal import portal; typer.run(portal)"


@contextmanager
def serving(*options: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "--port", "0", *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def test_the_command_says_where_it_serves_what_was_asked_for():
    with serving("--fields", "30", "--zones", "4", "--fault", "extra-column=riego") as said:
        word, url = said.split()
        assert word == "ready"
        headers = {"Authorization": "Bearer demo-token"}
        fields = requests.get(f"{url}/lotes?campania=25/26", headers=headers, timeout=5).json()
        zones = requests.get(f"{url}/ambientes?campania=25/26", headers=headers, timeout=5).json()
    assert 27 <= fields["total"] <= 30
    assert zones["total"] == 4 * fields["total"]
    assert fields["features"][0]["properties"]["riego"] == "extra"


def run(*options: str) -> BaseException | None:
    app = Typer()
    app.command()(portal)
    return CliRunner().invoke(app, ["--port", "0", *options]).exception


def test_what_makes_no_sense_is_refused_before_serving():
    for options in (["--fault", "nonsense=1"], ["--column", "lote"], ["--campania", "2025"]):
        assert isinstance(run(*options), RequestError), options
