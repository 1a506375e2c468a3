"""What pages read again and again stays in memory within a bound: rows of layers, and what differs between backups."""

from __future__ import annotations

from concurrent.futures import wait
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from app.services import changes, maps
from app.services.changes import Pairs
from app.services.kept import Kept
from modules.changes.kinds import Kind
from modules.changes.result import Changes, FieldChange
from modules.domain.layers import Layer
from modules.snapshots.store import Snapshot
from tests.faults.backups import back_up, settings_of, store_of
from tests.unit.snapshots.invented import source_of


def test_what_was_asked_for_least_recently_goes_first() -> None:
    kept: Kept[str] = Kept(3)
    for key in "abc":
        kept.put(key, key.upper(), 1)
    assert kept.get("a") == "A"
    kept.put("d", "D", 1)
    assert [kept.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_one_of_the_same_key_takes_the_place_of_the_other_with_its_own_weight() -> None:
    kept: Kept[str] = Kept(4)
    kept.put("a", "A", 1)
    kept.put("b", "B", 1)
    kept.put("a", "heavier", 2)
    assert [kept.get(key) for key in "ab"] == ["heavier", "B"]
    kept.put("a", "heavier again", 2)
    assert kept.get("b") == "B"


def test_what_is_heavier_than_the_bound_stays_with_what_is_looked_at_beside_it() -> None:
    kept: Kept[str] = Kept(4)
    kept.put("large", "L", 1_000)
    kept.put("small", "S", 1)
    assert [kept.get(key) for key in ("large", "small")] == ["L", "S"]
    kept.put("other", "O", 1_000)
    kept.put("third", "T", 1_000)
    assert [kept.get(key) for key in ("large", "other", "third")] == [None, "O", "T"]


def test_rows_of_a_layer_are_read_once(tmp_path: Path) -> None:
    back_up(settings_of(tmp_path), source_of(12))
    (snapshot,) = store_of(tmp_path).published()
    assert maps.rows(snapshot, Layer.FIELDS) is maps.rows(snapshot, Layer.FIELDS)


def of(number: int, names: str) -> Snapshot:
    """All that is asked of a snapshot here is where it lies."""
    return cast("Snapshot", SimpleNamespace(path=Path(names), number=number))


@pytest.fixture
def compared() -> list[str]:
    """The snapshots that were compared with the one before, in turn."""
    return []


def pairs(compared: list[str], most_bytes: int) -> Pairs:
    """Compare snapshots that differ in as many fields as their number says."""

    def compare(_before: Snapshot, now: Snapshot) -> Changes:
        compared.append(now.path.name)
        if now.path.name == "broken":
            raise OSError("unreadable")
        number = cast("SimpleNamespace", now).number
        return Changes([FieldChange(str(each), (Kind.ADDED,), None, None) for each in range(number)], (), (), ())

    return Pairs(most_bytes, compare)


def ask(asked: Pairs, names: str, fields: int) -> None:
    wait([asked.ask(of(0, "before"), of(fields, names))], timeout=10)


def test_comparisons_are_made_once_while_there_is_room_and_large_ones_take_more_of_it(compared: list[str]) -> None:
    asked = pairs(compared, 3_000_000)
    for names in "abab":
        ask(asked, names, 10)
    assert compared == ["a", "b"]
    ask(asked, "much", 2_000)  # some 2.4 MB, counted once it is there: half of the bound at most
    ask(asked, "more", 2_000)
    ask(asked, "a", 10)
    assert compared == ["a", "b", "much", "more", "a"]
    ask(asked, "more", 2_000)
    assert compared[-1] == "a"


def test_a_comparison_that_failed_is_tried_again_after_a_while_only(
    compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pairs(compared, 3_000_000)
    ask(asked, "broken", 0)
    ask(asked, "broken", 0)
    assert compared == ["broken"]
    monkeypatch.setattr(changes, "_FAILURE_KEPT_S", 0)
    ask(asked, "broken", 0)
    assert compared == ["broken", "broken"]
