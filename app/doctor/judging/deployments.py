"""What is thought of the deployments: held against the table, what an operator may change apart from what not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.doctor.findings import Finding, Part, State
from modules.i18n import gettext as _
from modules.i18n import ngettext

if TYPE_CHECKING:
    from app.doctor.facts import Deployed, Row, SafetyNet
    from app.doctor.installation import Installation


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the server differs from the table.

    missing: names of deployments that are not there; emptied: those whose schedule lost its parameters, and whether it
    is active; drifted: what deploying again would set right, by deployment;
    changed: what an operator changed and deploying again keeps, by deployment; others: of none of our rows
    """

    missing: Sequence[str]
    emptied: dict[str, bool]
    drifted: dict[str, list[str]]
    changed: dict[str, list[str]]
    others: Sequence[str]


def compare(table: Sequence[Row], deployed: Sequence[Deployed]) -> Comparison:
    """Hold what is deployed against the table."""
    there = {(each.flow, each.name): each for each in deployed}
    missing, emptied, drifted, changed = [], {}, {}, {}
    for row in table:
        found = there.pop((row.flow, row.name), None)
        if found is None:
            missing.append(row.name)
            continue
        lost = [each for each in found.schedules if row.parameters and each.slug == row.name and not each.parameters]
        if lost:
            emptied[row.name] = lost[0].active and not found.paused
        if drift := _drift(row, found):
            drifted[row.name] = drift
        if by_operator := _changes(row, found):
            changed[row.name] = by_operator
    return Comparison(missing, emptied, drifted, changed, [f"{flow}/{name}" for flow, name in there])


def _drift(row: Row, found: Deployed) -> list[str]:
    same = {
        "entrypoint": row.entrypoint == found.entrypoint,
        "work_pool": row.work_pool == found.work_pool,
        "directory": row.directory == found.directory,
        "command": row.command == found.command,
        "tags": set(row.tags) <= set(found.tags),
    }
    return [name for name, is_same in same.items() if not is_same]


def _changes(row: Row, found: Deployed) -> list[str]:
    wanted = [(row.cron, row.interval_s, dict(row.parameters))] if row.cron or row.interval_s else []
    has = [(each.cron, each.interval_s, dict(each.parameters)) for each in found.schedules]
    differs = {
        "paused": found.paused,
        "schedules": wanted != has,
        "active": any(each.active for each in found.schedules),
        "parameters": bool(found.parameters),
    }
    return [name for name, is_so in differs.items() if is_so]


def judge_deployments(table: Sequence[Row], deployed: Sequence[Deployed], installation: Installation) -> Finding:
    """Judge the deployments. What an operator changed is told, and no fault."""
    seen = compare(table, deployed)
    facts: dict[str, Any] = {
        "missing": list(seen.missing),
        "emptied_schedules": list(seen.emptied),
        "drifted": seen.drifted,
        "changed_by_operator": seen.changed,
        "others": list(seen.others),
    }
    if seen.missing:
        sentence = ngettext(
            "A deployment of the table is not there: {names}.",
            "{count} deployments of the table are not there: {names}.",
            len(seen.missing),
            names=", ".join(seen.missing),
        )
        return Finding(Part.DEPLOYMENTS, State.ERROR, sentence, installation.deploy(), facts)
    if seen.emptied:
        sentence = _(
            "A schedule lost its parameters when it was switched on or off, so its runs write to test: {names}.",
            names=", ".join(seen.emptied),
        )
        state = State.ERROR if any(seen.emptied.values()) else State.WARNING
        return Finding(Part.DEPLOYMENTS, state, sentence, installation.deploy(), facts)
    if seen.drifted:
        names = "; ".join(f"{name} ({', '.join(what)})" for name, what in seen.drifted.items())
        sentence = _("Deployments differ from the table of this version: {names}.", names=names)
        return Finding(Part.DEPLOYMENTS, State.WARNING, sentence, installation.deploy(), facts)
    sentence = ngettext(
        "The deployment of the table is there.", "The {count} deployments of the table are there.", len(table)
    )
    active = sum(any(each.active for each in found.schedules) and not found.paused for found in deployed)
    sentence += " " + ngettext("One has an active schedule.", "{count} have an active schedule.", active)
    return Finding(Part.DEPLOYMENTS, State.WELL, sentence, "", facts)


def judge_safety_net(net: SafetyNet, table: Sequence[Row], installation: Installation) -> Finding:
    """Judge what deployments stand on: the limits that keep two runs apart, the automation that ends dead runs."""
    missing = sorted({limit for row in table for limit in row.limits} - net.limits)
    facts = {"automation": net.automation, "missing_limits": missing}
    if missing:
        sentence = _("Limits are missing, and runs that need them fail: {names}.", names=", ".join(missing))
        return Finding(Part.SAFETY_NET, State.ERROR, sentence, installation.deploy(), facts)
    if net.automation is None:
        sentence = _("The automation that ends runs whose process is gone is not there.")
        return Finding(Part.SAFETY_NET, State.WARNING, sentence, installation.deploy(), facts)
    if not net.automation:
        sentence = _("The automation that ends runs whose process is gone is switched off.")
        remedy = _("Switch it on again on Prefect's own page, under Automations.")
        return Finding(Part.SAFETY_NET, State.WARNING, sentence, remedy, facts)
    sentence = _("Runs whose process is gone are ended, and two of one kind wait for each other.")
    return Finding(Part.SAFETY_NET, State.WELL, sentence, "", facts)
