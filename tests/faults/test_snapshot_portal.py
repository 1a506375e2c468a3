"""Cases 1 to 13: whatever the portal does, the last snapshot stays. Over real sockets, through the backup itself."""

import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.backup import BackupHeldBack
from modules.errors import GeometryError, PortalAnswerInvalid, PortalError, PortalRefused
from modules.settings import Settings
from modules.snapshots import decisions
from modules.snapshots.check import verify
from modules.snapshots.result import warning_sentences
from modules.sources.databaler.simulator.running import RunningPortal, running_portal
from tests.faults.backups import (
    assert_sentence,
    back_up,
    content_of,
    current_id,
    fails_and_keeps,
    settings_of,
    store_of,
    temporaries_of,
)


@pytest.fixture(scope="module")
def serving() -> Iterator[RunningPortal]:
    # Few enough pages that no process of its own is started to write a layer: other tests are about that one.
    with running_portal(fields=18) as portal:
        yield portal


@pytest.fixture
def portal(serving: RunningPortal) -> Iterator[RunningPortal]:
    serving.faults.clear()
    yield serving
    serving.faults.clear()


@pytest.fixture
def settings(portal: RunningPortal, tmp_path: Path) -> Settings:
    return settings_of(tmp_path, portal.settings(attempts=2, page_size=10, deadline_s=2.0, read_timeout_s=1.0))


@pytest.fixture(scope="module")
def good(serving: RunningPortal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a good snapshot. Not to be changed: tests copy it."""
    home = tmp_path_factory.mktemp("good")
    back_up(settings_of(home, serving.settings()), run_id="good")
    return home


@pytest.fixture
def kept(settings: Settings, good: Path) -> Settings:
    """A home that holds one good snapshot."""
    shutil.copytree(good, settings.home, dirs_exist_ok=True)
    return settings


def test_f01_a_portal_that_asks_to_wait_is_waited_for(portal: RunningPortal, kept: Settings):
    portal.faults.set("retry-after", "0")
    portal.faults.set("rate-limit", "1")
    assert back_up(kept).counts["lotes"] > 0


def test_f02_a_burst_of_server_errors_keeps_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("errors", "1000")
    fails_and_keeps(kept.home, PortalError, kept)


def test_f03_a_dripping_answer_keeps_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("slow", "10")
    fails_and_keeps(kept.home, PortalError, kept)


def test_f04_cut_answers_keep_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("cut", "1000")
    fails_and_keeps(kept.home, PortalError, kept)


def test_f05_short_list_keeps_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("short", "3")
    fails_and_keeps(kept.home, PortalAnswerInvalid, kept)


def test_f06_a_login_page_keeps_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("html", "1000")
    fails_and_keeps(kept.home, PortalError, kept)


def test_f07_a_token_that_expires_is_renewed_and_a_second_refusal_keeps(portal: RunningPortal, kept: Settings):
    portal.faults.set("expire-token", "2")
    assert back_up(kept).counts["lotes"] > 0
    portal.faults.set("unauthorized", "1000")
    fails_and_keeps(kept.home, PortalRefused, kept)


def test_f08_a_page_sent_twice_counts_once(portal: RunningPortal, kept: Settings):
    portal.faults.set("duplicate", "2")
    fields = store_of(kept.home).published()[0].manifest.counts["lotes"]
    assert back_up(kept).counts["lotes"] == fields


@pytest.mark.parametrize("fault", ["conflict", "next-loop"])
def test_f08_pages_that_contradict_or_loop_keep_the_last_snapshot(portal: RunningPortal, kept: Settings, fault: str):
    portal.faults.set(fault, "1")
    fails_and_keeps(kept.home, PortalAnswerInvalid, kept)


def test_f09_pages_that_drift_are_read_again_once(portal: RunningPortal, kept: Settings):
    portal.faults.set("drift", "1")
    assert back_up(kept).counts["lotes"] > 0
    portal.faults.set("drift", "1000")
    fails_and_keeps(kept.home, PortalAnswerInvalid, kept)


@pytest.mark.parametrize("fault", ["missing-column", "wrong-type"])
def test_f10_a_column_missing_or_of_another_type_keeps(portal: RunningPortal, kept: Settings, fault: str):
    portal.faults.set(fault, "nombre")
    fails_and_keeps(kept.home, PortalAnswerInvalid, kept)


def test_f10_an_extra_column_is_a_warning(portal: RunningPortal, kept: Settings):
    portal.faults.set("extra-column", "riego")
    result = back_up(kept)
    assert any("riego" in sentence for sentence in warning_sentences(result))
    assert "riego" in store_of(kept.home).find(result.snapshot_id).manifest.layers["lotes"].extra_columns


def test_f11_an_empty_answer_is_held_back_until_its_season_is_typed(portal: RunningPortal, kept: Settings):
    before, current = content_of(kept.home), current_id(kept.home)
    portal.faults.set("empty", "1")
    with pytest.raises(BackupHeldBack) as caught:
        back_up(kept, run_id="empty")
    assert_sentence(caught.value)
    assert current_id(kept.home) == current
    assert content_of(kept.home).items() >= before.items()
    assert temporaries_of(kept.home) == []
    held = caught.value.result.snapshot_id
    with pytest.raises(Exception, match="25/26"):
        decisions.accept(store_of(kept.home), held)
    accepted = decisions.accept(store_of(kept.home), held, typed_season="25/26")
    assert current_id(kept.home) == accepted.id
    assert verify(accepted) == []


def test_f12_a_portal_that_lost_a_third_is_held_back(portal: RunningPortal, kept: Settings):
    before, current = content_of(kept.home), current_id(kept.home)
    portal.faults.set("shrink", "0.34")
    with pytest.raises(BackupHeldBack) as caught:
        back_up(kept, run_id="short")
    assert_sentence(caught.value)
    assert current_id(kept.home) == current
    assert content_of(kept.home).items() >= before.items()
    result = caught.value.result
    assert result.status == "held_back"
    assert {doubt["what"] for doubt in result.doubts} == {"rows", "hectares"}
    decisions.reject(store_of(kept.home), result.snapshot_id)
    assert content_of(kept.home) == before


def test_f13_a_redirect_to_another_host_keeps_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("redirect", "http://localhost:9/")
    fails_and_keeps(kept.home, PortalRefused, kept)


def test_f14_a_bow_tie_is_repaired_and_flagged(portal: RunningPortal, settings: Settings):
    portal.faults.set("bow-tie", "2")
    result = back_up(settings)
    assert result.repaired >= 2
    assert result.rejected == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("nan", "not_finite"), ("null-geometry", "null_geometry"), ("out-of-range", "out_of_range")],
    ids=["f15", "f16", "f17"],
)
def test_impossible_geometry_is_listed_with_its_id(portal: RunningPortal, settings: Settings, fault: str, reason: str):
    everything = back_up(settings, run_id="before").counts["lotes"]
    portal.faults.set(fault, "2")
    result = back_up(settings)
    rejected = [each for each in result.rejected if each["layer"] == "lotes"]
    assert [each["reason"] for each in rejected] == [reason, reason]
    assert all(each["id"] and each["name"] for each in rejected)
    assert result.counts["lotes"] + len(rejected) == everything


def test_f18_swapped_axes_keep_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("swapped-axes", "1")
    fails_and_keeps(kept.home, GeometryError, kept)


def test_f19_another_crs_keeps_the_last_snapshot(portal: RunningPortal, kept: Settings):
    portal.faults.set("crs", "EPSG:5346")
    error = fails_and_keeps(kept.home, Exception, kept)
    assert isinstance(error, (PortalAnswerInvalid, GeometryError))


def test_a_first_backup_that_fails_leaves_nothing_behind(portal: RunningPortal, settings: Settings):
    portal.faults.set("errors", "1000")
    fails_and_keeps(settings.home, PortalError, settings)
    assert store_of(settings.home).published() == []


@pytest.mark.skipif(sys.platform == "win32", reason="nothing interrupts a thread that waits there")
def test_keep_a_backup_that_is_interrupted_does_not_wait_for_a_slow_portal(
    portal: RunningPortal, good: Path, tmp_path: Path
):
    """As Prefect ends a run that is cancelled: by an exception that a signal raises in the main thread."""
    shutil.copytree(good, tmp_path, dirs_exist_ok=True)
    before = content_of(tmp_path)
    portal.journal.clear()
    portal.faults.set("slow", "20")  # each answer would take minutes
    main, ended = threading.main_thread().ident, threading.Event()

    def interrupt() -> None:
        while not portal.journal.asked("/lotes"):
            if ended.wait(0.01):
                return
        signal.pthread_kill(main, signal.SIGINT)

    beside = threading.Thread(target=interrupt)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it else
    beside.start()
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            back_up(settings_of(tmp_path, portal.settings()), run_id="interrupted")
    finally:
        ended.set()
        beside.join()
        signal.signal(signal.SIGINT, usual)
    assert time.monotonic() - started < 20
    assert content_of(tmp_path) == before
    assert temporaries_of(tmp_path) == []
