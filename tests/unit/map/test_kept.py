"""What pages read again and again stays in memory within a bound: rows of layers, and what differs between backups."""

from __future__ import annotations

import gc
import time
import weakref
from concurrent.futures import wait
from pathlib import Path
from threading import Event

import pytest

from app.services import maps
from app.services.asked import Asked
from app.services.kept import Kept
from modules.domain.layers import Layer
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


def made(asked: Asked[str], told: list[str], key: str, thing: str | None = None) -> None:
    """Ask for a thing, which is its key unless it is given, and wait for it; `broken` fails."""

    def make() -> str:
        told.append(key)
        if key == "broken":
            raise OSError("unreadable")
        return thing or key

    wait([asked.ask(key, make)], timeout=10)


def test_a_thing_is_made_once_while_there_is_room_and_counts_for_what_it_weighs_once_it_is_there() -> None:
    asked, told = Asked[str](6, len, name="test"), list[str]()
    for key in ("a", "b", "a", "b"):
        made(asked, told, key)
    assert told == ["a", "b"]
    made(asked, told, "much", "three")  # half of the bound at most
    made(asked, told, "more", "three")
    made(asked, told, "a")
    assert told == ["a", "b", "much", "more", "a"]
    made(asked, told, "more")
    assert told[-1] == "a"


def test_all_who_ask_meanwhile_wait_for_the_same() -> None:
    asked, may_end = Asked[str](6, len, name="test"), Event()
    first = asked.ask("a", lambda: str(may_end.wait(10)))
    assert asked.ask("a", lambda: "other") is first
    assert not first.done()
    may_end.set()
    assert first.result(10) == "True"


def test_what_failed_is_tried_again_after_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, told = Asked[str](6, len, name="test"), list[str]()
    made(asked, told, "broken")
    made(asked, told, "broken")
    assert told == ["broken"]
    monkeypatch.setattr("app.services.asked._FAILURE_KEPT_S", 0)
    made(asked, told, "broken")
    assert told == ["broken", "broken"]


def test_a_failure_counts_from_when_it_failed_however_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.asked._FAILURE_KEPT_S", 1)
    asked = Asked[str](6, len, name="test")

    def fail() -> str:
        time.sleep(1.2)
        raise OSError("unreadable")

    first = asked.ask("slow", fail)
    wait([first], timeout=10)
    assert asked.ask("slow", fail) is first


def test_a_failure_holds_nothing_of_what_was_being_made() -> None:
    class Large:
        pass

    held: list[weakref.ref[Large]] = []

    def fail() -> str:
        large = Large()
        held.append(weakref.ref(large))
        int(f"no number: {large}")
        return "never"

    asked = Asked[str](6, len, name="test")
    future = asked.ask("broken", fail)
    assert isinstance(future.exception(10), ValueError)
    gc.collect()
    assert held[0]() is None


def test_what_has_not_begun_is_left_out_at_the_end() -> None:
    asked, may_end = Asked[str](6, len, name="test"), Event()
    first, second = asked.ask("a", lambda: str(may_end.wait(10))), asked.ask("b", lambda: "B")
    asked.close()
    may_end.set()
    assert first.result(10) == "True"
    assert second.cancelled()


def test_what_somebody_made_is_given_as_it_is() -> None:
    asked = Asked[str](6, len, name="test")
    asked.put("a", "A")
    assert asked.ask("a", lambda: "other").result(0) == "A"
    assert asked.run(lambda: "B") == "B"
