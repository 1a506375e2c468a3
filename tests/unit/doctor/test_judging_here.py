"""Judgements of this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.doctor.facts import Clock, Disk, Filling, FolderState, Growth, Passwords, Production, Server, Versions
from app.doctor.findings import State
from app.doctor.judging import here as judging
from modules.errors import StorageError
from modules.i18n import use_language
from modules.settings import PortalSettings
from modules.storage.links.check import FolderCheck, Severity
from modules.storage.roots import Folder
from tests.unit.doctor.installations import COMPOSED, DEPLOYED, EMBEDDED, NIGHTLY

GB = 10**9
BUENOS_AIRES_S = -3 * 3600.0
READY = dict.fromkeys(Folder, FolderState.READY)
SERVER = Server(ready=True, refused=False, version="3.9.1", milliseconds=12, ahead_s=0.0)


@pytest.fixture(autouse=True)
def english():
    with use_language("en"):
        yield


def test_versions_that_differ_are_a_warning():
    versions = Versions("3.13.1", {"prefect": "3.9.1"})
    assert judging.judge_versions(versions, None, EMBEDDED).state is State.WELL
    assert judging.judge_versions(versions, SERVER, EMBEDDED).state is State.WELL
    finding = judging.judge_versions(versions, replace(SERVER, version="3.8.8"), COMPOSED)
    assert finding.state is State.WARNING
    assert "3.8.8 at the server" in finding.sentence


@pytest.mark.parametrize(("free_gb", "state"), [(80, State.WELL), (1.9, State.WARNING), (0.4, State.ERROR)])
def test_the_fullest_disk_counts(free_gb: float, state: State):
    disks = [Disk(["outputs/H3"], int(free_gb * GB), 100 * GB), Disk(["data"], 90 * GB, 100 * GB)]
    finding = judging.judge_disk(disks, min_free_mb=500)
    assert finding.state is state
    assert ("outputs/H3" in finding.sentence) == (state is not State.WELL)


@pytest.mark.parametrize(
    ("growth", "state", "days_left"),
    [
        (Growth(0, 0, 0.0, complete=True), State.WELL, None),
        (Growth(30 * GB, 30 * GB, 1.0, complete=True), State.WELL, None),  # a first day is no pace
        (Growth(90 * GB, 30 * GB, 30.0, complete=True), State.WARNING, 40),
        (Growth(90 * GB, 3 * GB, 30.0, complete=True), State.WELL, 400),
        (Growth(90 * GB, 30 * GB, 30.0, complete=False), State.WELL, 40),
    ],
)
def test_growth_warns_before_the_disk_is_full(growth: Growth, state: State, days_left: int | None):
    fillings = [Filling(["outputs/Backup_Databaler"], growth.recent_bytes, int(40.5 * GB))]
    finding = judging.judge_growth(replace(growth, fillings=fillings), min_free_mb=500)
    assert finding.state is state
    assert finding.facts["days_left"] == days_left


def test_growth_counts_the_disk_that_the_backups_fill_first():
    """One that they do not fill is never full of them, however little is free there."""
    growth = Growth(90 * GB, 30 * GB, 30.0, complete=True)
    test, production = Filling(["test"], 3 * GB, int(4.5 * GB)), Filling(["outputs"], 27 * GB, int(27.5 * GB))
    finding = judging.judge_growth(replace(growth, fillings=[test, production]), min_free_mb=500)
    assert finding.facts["days_left"] == 30
    assert "the disk of outputs is full in 30 days" in finding.sentence
    untouched = replace(test, recent_bytes=0, free=0)
    finding = judging.judge_growth(replace(growth, fillings=[untouched, replace(production, free=90 * GB)]), 500)
    assert finding.state is State.WELL


def test_growth_without_a_known_disk_tells_the_size():
    assert judging.judge_growth(Growth(GB, GB, 30.0, complete=True), 500).state is State.WELL


def test_production_that_is_not_prepared_is_a_warning():
    finding = judging.judge_production(Production(dict.fromkeys(Folder, FolderState.MISSING)), [DEPLOYED], EMBEDDED)
    assert finding.state is State.WARNING
    assert "outputs init" in finding.remedy


@pytest.mark.parametrize("state", [FolderState.MISSING, FolderState.UNMARKED, FolderState.DANGLING])
def test_one_folder_that_is_not_ready_is_named(state: FolderState):
    finding = judging.judge_production(Production(READY | {Folder.H3: state}), None, EMBEDDED)
    assert finding.state is State.WARNING
    assert "H3 (" in finding.sentence
    assert ("outputs init" in finding.remedy) == (state is not FolderState.DANGLING)


def test_unready_folders_are_an_error_as_soon_as_a_schedule_writes_there():
    unready = Production(READY | {Folder.SNAPSHOTS: FolderState.DANGLING})
    finding = judging.judge_production(unready, [NIGHTLY], EMBEDDED)
    assert finding.state is State.ERROR
    assert "backup-daily" in finding.sentence
    assert judging.judge_production(unready, [replace(NIGHTLY, paused=True)], EMBEDDED).state is State.WARNING
    assert judging.judge_production(Production(READY), [NIGHTLY], EMBEDDED).state is State.WELL


@pytest.mark.parametrize(
    ("severities", "state", "more"),
    [
        ([Severity.WELL, Severity.WELL], State.WELL, ""),
        ([Severity.WELL, Severity.WARNING], State.WARNING, ""),
        ([Severity.WARNING, Severity.BAD], State.ERROR, "One more like it."),
    ],
)
def test_links_are_judged_by_the_worst(severities: list[Severity], state: State, more: str):
    checks = [
        FolderCheck(folder, severity, problem=None if severity is Severity.WELL else StorageError(severity.name))
        for folder, severity in zip(Folder, severities, strict=False)
    ]
    finding = judging.judge_links(checks, EMBEDDED)
    assert finding.state is state
    assert finding.sentence.endswith(more)
    if state is not State.WELL:
        assert finding.sentence.startswith(max(severities).name)
        assert "tranquera links check" in finding.remedy


@pytest.mark.parametrize(
    ("clock", "server_ahead_s", "composed", "state", "word"),
    [
        (Clock(BUENOS_AIRES_S, BUENOS_AIRES_S), 0.4, True, State.WELL, "The zone is that of Buenos Aires"),
        (Clock(0, BUENOS_AIRES_S), 0.4, False, State.WELL, "this machine's zone"),
        (Clock(0, BUENOS_AIRES_S), 0.4, True, State.WARNING, "zone"),
        (Clock(BUENOS_AIRES_S, BUENOS_AIRES_S, 300.0), 0.4, True, State.WARNING, "300 s behind that of the portal"),
        (Clock(BUENOS_AIRES_S, BUENOS_AIRES_S), -90.0, True, State.WARNING, "90 s ahead of that of the server"),
        (Clock(BUENOS_AIRES_S, BUENOS_AIRES_S), None, True, State.WELL, "not compared"),
    ],
)
def test_the_clock(clock: Clock, server_ahead_s: float | None, composed: bool, state: State, word: str):
    finding = judging.judge_clock(clock, replace(SERVER, ahead_s=server_ahead_s), COMPOSED if composed else EMBEDDED)
    assert finding.state is state
    assert word in finding.sentence


@pytest.mark.parametrize(
    ("api", "portal", "portal_ahead_s", "server_ahead_s", "compared", "word"),
    [
        ("http://127.0.0.1:4200/api", None, None, 0.4, [], "not compared"),
        ("http://prefect-server:4200/api", None, None, 0.4, [], "not compared"),
        ("http://10.0.0.2:4200/api", None, None, 0.4, ["server"], "agrees with that of the server"),
        ("http://10.0.0.2:4200/api", None, None, None, [], "not compared"),
        ("http://127.0.0.1:4200/api", "https://portal.example", 0.2, 0.4, ["portal"], "agrees with that of the portal"),
        ("http://127.0.0.1:4200/api", "https://portal.example", None, 0.4, [], "not compared"),
        ("http://127.0.0.1:4200/api", "http://localhost:8600", 0.2, 0.4, [], "not compared"),
        ("http://10.0.0.2:4200/api", "https://portal.example", 0.2, 0.4, ["portal", "server"], "of the portal and of"),
    ],
)  # fmt: skip
def test_the_clock_says_with_whose_it_was_compared(
    api: str,
    portal: str | None,
    portal_ahead_s: float | None,
    server_ahead_s: float | None,
    compared: list[str],
    word: str,
):
    settings = EMBEDDED.settings.model_copy(update={"portal": PortalSettings(url=portal)})
    clock = Clock(BUENOS_AIRES_S, BUENOS_AIRES_S, portal_ahead_s)
    server = replace(SERVER, ahead_s=server_ahead_s)
    finding = judging.judge_clock(clock, server, replace(EMBEDDED, api=api, settings=settings))
    assert finding.state is State.WELL
    assert finding.facts["compared_with"] == compared
    assert word in finding.sentence
    assert "right" not in finding.sentence


def test_the_password_that_everybody_knows():
    assert judging.judge_passwords(Passwords(database_is_known=True, in_file=False)).state is State.WARNING
    assert judging.judge_passwords(Passwords(database_is_known=False, in_file=False)).state is State.WELL
    assert "file" in judging.judge_passwords(Passwords(database_is_known=False, in_file=True)).sentence
    assert judging.judge_passwords(Passwords(database_is_known=None, in_file=False)).state is State.UNKNOWN
