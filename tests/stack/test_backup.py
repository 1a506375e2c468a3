"""A backup through Prefect's server and worker, by the command a person types."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Stack

pytestmark = pytest.mark.stack


def backup(stack: Stack, *options: str) -> tuple[int, dict[str, Any]]:
    ended = stack.command("backup", "--json", *options)
    told: dict[str, Any] = json.loads(ended.stdout)
    return ended.returncode, told


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def faults(stack: Stack) -> Iterator[str]:
    address = f"{stack.portal_url}/_simulator/faults"
    yield address
    httpx.post(address, json={})


@pytest.mark.slow
def test_a_backup_completes_and_every_file_is_what_its_manifest_says(stack: Stack) -> None:
    status, told = backup(stack)

    assert status == 0
    assert told["state"] == "Completed"
    assert told["environment"] == "test"
    assert told["counts"]["lotes"] == 60
    assert told["rejected"] == 0
    snapshot = Path(told["snapshot"])
    recorded = json.loads((snapshot / "manifest.json").read_text())["files"]
    assert digests(snapshot) == {name: entry["sha256"] for name, entry in recorded.items()} | {
        "manifest.json": hashlib.sha256((snapshot / "manifest.json").read_bytes()).hexdigest()
    }
    verified = stack.command("snapshots", "verify", snapshot.name, "--json")
    assert verified.returncode == 0


@pytest.mark.thorough
@pytest.mark.slow
def test_a_backup_of_one_farm_by_its_name_holds_that_farm(stack: Stack) -> None:
    _status, everything = backup(stack)
    lots = json.loads((Path(everything["snapshot"]) / "lotes.geojson").read_text())["features"]
    name = lots[0]["properties"]["campo"]

    status, told = backup(stack, "--campo", name)

    assert status == 0
    assert told["counts"]["lotes"] == sum(lot["properties"]["campo"] == name for lot in lots)


@pytest.mark.slow
def test_keep_through_prefect_a_portal_that_breaks_leaves_the_last_backup_as_it_was(stack: Stack, faults: str) -> None:
    _status, good = backup(stack)
    folder = Path(good["snapshot"])
    before = digests(folder)
    names = sorted(path.name for path in folder.parent.iterdir())
    httpx.post(faults, json={"html": 1})

    status, told = backup(stack)

    assert status == 1
    assert told["state"] == "Failed"
    assert told["snapshot"] is None
    assert "portal" in told["error"]
    assert "Traceback" not in told["error"]
    assert digests(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == names


@pytest.mark.thorough
@pytest.mark.slow
def test_an_empty_answer_is_held_back_and_published_only_when_the_season_is_typed(stack: Stack, faults: str) -> None:
    _status, good = backup(stack)
    httpx.post(faults, json={"empty": 1})

    status, told = backup(stack)

    assert status == 1
    assert told["state"] == "Failed"
    held = Path(told["snapshot"])
    assert held.parent.name == "_cuarentena"
    assert stack.command("snapshots", "accept", held.name, "--yes").returncode != 0
    assert held.exists()
    assert Path(good["snapshot"]).exists()
    assert stack.command("snapshots", "reject", held.name, "--yes").returncode == 0
    assert not held.exists()


@pytest.mark.slow
def test_an_unknown_farm_fails_with_a_sentence(stack: Stack) -> None:
    status, told = backup(stack, "--campo", "Campo Inexistente")

    assert status == 1
    assert told["state"] == "Failed"
    assert "Campo Inexistente" in told["error"]


@pytest.mark.slow
def test_production_without_its_sentinels_is_refused(stack: Stack) -> None:
    status, told = backup(stack, "--production")

    assert status == 1
    assert told["environment"] == "production"
    assert not (stack.home / "outputs").exists()


def test_a_season_that_is_none_is_refused_before_anything_starts(stack: Stack) -> None:
    ended = stack.command("backup", "--campania", "25/27", "--json")

    assert ended.returncode == 2
    assert "25/27" in ended.stderr
