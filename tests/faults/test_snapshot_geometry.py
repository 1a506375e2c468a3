"""Cases 15 to 17: geometry that cannot be what it claims, from the portal into a snapshot, over real sockets."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from modules.domain.reasons import Reason
from modules.sources.databaler.simulator.running import RunningPortal, running_portal
from tests.faults.backups import back_up, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modules.backup import BackupResult
    from modules.settings import Settings

FIELDS = 24
WRONG = 3


@pytest.fixture(scope="module")
def serving() -> Iterator[RunningPortal]:
    with running_portal(fields=FIELDS) as portal:
        yield portal


@pytest.fixture
def portal(serving: RunningPortal) -> Iterator[RunningPortal]:
    yield serving
    serving.faults.clear()


@pytest.fixture
def settings(portal: RunningPortal, tmp_path: Path) -> Settings:
    return settings_of(tmp_path, portal.settings())


def rows_of(result: BackupResult) -> list[str]:
    ids: list[str] = pq.read_table(f"{result.snapshot_path}/lotes.parquet")["id"].to_pylist()
    return ids


def raw_ids(result: BackupResult) -> list[str]:
    """What the portal said, from the raw copy, read leniently: a bare NaN is what it may hold."""
    with zipfile.ZipFile(f"{result.snapshot_path}/raw/lotes.zip") as pages:
        return [feature["id"] for page in pages.namelist() for feature in json.loads(pages.read(page))["features"]]


def test_f15_a_coordinate_that_is_not_a_number_is_rejected_with_its_id(
    portal: RunningPortal, settings: Settings
) -> None:
    portal.faults.set("nan", 1)

    result = back_up(settings)

    [rejected] = result.rejected
    assert rejected["reason"] == Reason.NOT_FINITE
    assert rejected["name"]
    assert sorted([*rows_of(result), rejected["id"]]) == sorted(raw_ids(result))


def test_f16_rows_in_are_rows_out_and_rejected(portal: RunningPortal, settings: Settings) -> None:
    portal.faults.set("null-geometry", WRONG)

    result = back_up(settings)

    assert [each["reason"] for each in result.rejected] == [Reason.NULL_GEOMETRY] * WRONG
    assert sorted([*rows_of(result), *(each["id"] for each in result.rejected)]) == sorted(raw_ids(result))


def test_f17_latitude_91_never_reaches_a_file(portal: RunningPortal, settings: Settings) -> None:
    portal.faults.set("out-of-range", 1)

    result = back_up(settings)
    boxes = pq.read_table(f"{result.snapshot_path}/lotes.parquet")["bbox"].to_pylist()

    assert [each["reason"] for each in result.rejected] == [Reason.OUT_OF_RANGE]
    assert all(-90 <= box["ymin"] <= box["ymax"] <= 90 for box in boxes)
