"""Deployments held against the table: drift is ours, changes are the operator's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.doctor.facts import SafetyNet, Schedule
from app.doctor.findings import State
from app.doctor.judging.deployments import compare, judge_deployments, judge_safety_net
from tests.unit.doctor.installations import COMPOSED, DEPLOYED, NIGHTLY, ROW


def test_what_was_deployed_and_left_alone_is_well():
    finding = judge_deployments([ROW], [DEPLOYED], COMPOSED)
    assert finding.state is State.WELL
    assert finding.facts == {
        "missing": [],
        "emptied_schedules": [],
        "drifted": {},
        "changed_by_operator": {},
        "others": [],
    }


def test_a_deployment_that_is_gone_is_an_error_and_one_of_a_company_is_none():
    finding = judge_deployments([ROW], [replace(DEPLOYED, name="ours")], COMPOSED)
    assert finding.state is State.ERROR
    assert "backup-daily" in finding.sentence
    assert finding.remedy == "docker compose run --rm deploy"
    assert finding.facts["others"] == ["Backup/ours"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("entrypoint", "flows/b.py:older"),
        ("work_pool", None),
        ("directory", "/elsewhere"),
        ("command", None),
        ("tags", []),
    ],
)
def test_what_deploying_again_sets_right_is_drift(name: str, value: Any):
    found: Any = replace(DEPLOYED, **{name: value})
    finding = judge_deployments([ROW], [found], COMPOSED)
    assert finding.state is State.WARNING
    assert finding.facts["drifted"] == {"backup-daily": [name]}
    assert f"backup-daily ({name})" in finding.sentence


@pytest.mark.parametrize(("active", "state"), [(True, State.ERROR), (False, State.WARNING)])
def test_a_schedule_that_lost_its_parameters_writes_to_test(active: bool, state: State):
    emptied = replace(DEPLOYED.schedules[0], active=active, parameters={})
    finding = judge_deployments([ROW], [replace(DEPLOYED, schedules=[emptied])], COMPOSED)
    assert finding.state is state
    assert "write to test" in finding.sentence or "escriben en prueba" in finding.sentence
    assert finding.facts["emptied_schedules"] == ["backup-daily"]
    by_hand = replace(emptied, slug=None)  # an operator's own, and none of ours
    assert judge_deployments([ROW], [replace(DEPLOYED, schedules=[by_hand])], COMPOSED).state is State.WELL


def test_a_tag_that_somebody_added_is_no_drift():
    assert compare([ROW], [replace(DEPLOYED, tags=["tranquera", "mine"])]).drifted == {}


@pytest.mark.parametrize(
    ("found", "changes"),
    [
        (NIGHTLY, ["active"]),
        (replace(DEPLOYED, paused=True), ["paused"]),
        (replace(DEPLOYED, schedules=[]), ["schedules"]),
        (replace(DEPLOYED, schedules=[Schedule(True, "30 4 * * *", None, {"test": False})]), ["schedules", "active"]),
        (replace(DEPLOYED, parameters={"campania": "25/26"}), ["parameters"]),
    ],
)
def test_what_an_operator_changed_is_told_and_no_fault(found: Any, changes: list[str]):
    finding = judge_deployments([ROW], [found], COMPOSED)
    assert finding.state is State.WELL
    assert finding.facts["changed_by_operator"] == {"backup-daily": changes}


@pytest.mark.parametrize(
    ("net", "state"),
    [
        (SafetyNet(True, frozenset(ROW.limits) | {"another"}), State.WELL),
        (SafetyNet(False, frozenset(ROW.limits)), State.WARNING),
        (SafetyNet(None, frozenset(ROW.limits)), State.WARNING),
        (SafetyNet(True, frozenset({"backup-test"})), State.ERROR),
    ],
)
def test_the_safety_net(net: SafetyNet, state: State):
    finding = judge_safety_net(net, [ROW], COMPOSED)
    assert finding.state is state
    assert bool(finding.remedy) == (state is not State.WELL)
