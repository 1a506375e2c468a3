"""`tranquera kmz preview`: the same that the page tells, for a terminal and for scripts."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from modules.errors import RequestError
from modules.i18n import use_language
from tests.conftest import run_command
from tests.unit.kmz_preview.made_up import overlay
from tests.unit.kmz_reading.made_up import kml, kmz, placemark

BODY = f"<name>Grupo</name><Folder><name>Sur</name>{placemark()}</Folder>{overlay('https://example.com/a.png')}"
LINK = "<NetworkLink><name>vivo</name><Link><href>https://example.com/a.kml</href></Link></NetworkLink>"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lotes.kmz"
    path.write_bytes(kmz({"doc.kml": kml(BODY + LINK)}))
    return path


def test_it_tells_facts_tree_links_and_warnings(file: Path):
    with use_language("en"):
        told = CliRunner().invoke(cli, ["kmz", "preview", str(file)])
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0].startswith("lotes.kmz: ")
    assert lines[0].endswith(" · 1 point · 1 image · 1 link · 1 folder")
    assert lines[2:] == [
        "[x] Grupo (1 · 1 image · 1 link)",
        "  [x] Sur (1)",
        "→ vivo: https://example.com/a.kml",
    ]
    assert "Links to other files, listed and not followed: 1." in told.stderr


def test_json_is_one_object(file: Path):
    told = json.loads(CliRunner().invoke(cli, ["kmz", "preview", str(file), "--json"]).stdout)
    assert told["facts"]["placemarks"] == 1
    assert [(folder["number"], folder["parent"], folder["name"]) for folder in told["folders"]] == [
        (0, None, "Grupo"),
        (1, 0, "Sur"),
    ]
    assert told["links"] == [{"name": "vivo", "folder": 0, "href": "https://example.com/a.kml"}]
    assert told["overlays"][0]["shown"] is False
    assert len(told["warnings"]) == 3


def test_what_is_refused_is_a_sentence_and_a_status(tmp_path: Path):
    path = tmp_path / "bomba.kmz"
    path.write_bytes(kmz({"doc.kml": bytes(30_000_000)}))
    told = run_command("kmz", "preview", str(path))
    assert told.returncode == RequestError.exit_code
    assert told.stderr.startswith("“bomba.kmz” ")
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


def test_f33_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path):
    path = tmp_path / "a.kml"
    path.write_bytes(kml(f"<Folder><name>a&#x9b;31m&#x202e;b</name>{LINK.replace('vivo', 'v&#x85;w')}</Folder>"))
    told = CliRunner().invoke(cli, ["kmz", "preview", str(path)])
    assert told.exit_code == 0
    assert not {"\x9b", "\u202e", "\x85"} & set(told.stdout)


def test_making_kmz_is_still_the_command_without_a_word(tmp_path: Path):
    told = run_command("kmz", "--campania", "25/26", "--home", str(tmp_path))
    assert told.returncode == 1
    assert "no está en marcha" in told.stderr
