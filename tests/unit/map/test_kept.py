"""What pages read again and again stays in memory within a bound: rows of layers, and what differs between backups."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from app.services import changes
from app.services.changes import Pairs
from app.services.maps import keeping
from modules.changes.kinds import Kind
from modules.changes.result import Changes, FieldChange
from modules.domain.layers import Layer
from modules.snapshots.store import Snapshot

BYTES = 8_000


def table(rows: int = 1_000) -> pa.Table:
    return pa.table({"number": np.zeros(rows)})


def kept_rows(most_bytes: int, sizes: dict[str, int]) -> tuple[list[str], Callable[[str], pa.Table]]:
    """Give the snapshots that were read, in turn, and what reads them."""
    told: list[str] = []

    def read(_path: Path, snapshot: str, _layer: Layer) -> pa.Table:
        told.append(snapshot)
        return table(sizes.get(snapshot, 1_000))

    reading = keeping(read, most_bytes)
    return told, lambda snapshot: reading(Path(snapshot), snapshot, Layer.FIELDS)


def test_rows_are_read_once_as_long_as_there_is_room_and_the_least_recently_seen_go_first() -> None:
    told, rows = kept_rows(3 * BYTES, {})
    for each in ("a", "b", "c", "a", "b", "c"):
        rows(each)
    assert told == ["a", "b", "c"]
    for each in ("a", "d", "a", "c", "b"):  # d pushes b out, which was looked at before a and c
        rows(each)
    assert told == ["a", "b", "c", "d", "b"]


def test_rows_larger_than_the_bound_stay_while_they_are_looked_at() -> None:
    told, rows = kept_rows(3 * BYTES, {"large": 100_000})
    for each in ("large", "a", "large", "a", "large"):
        rows(each)
    assert told == ["large", "a"]


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
