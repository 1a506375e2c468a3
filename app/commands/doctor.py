"""`tranquera doctor`: how each part of the installation is, and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.commands.options import HomeOption, JsonOption
from app.stack.container.secret_files import read_secret_files
from modules.errors import SettingsError
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.doctor.findings import Finding
    from app.doctor.installation import Installation


def doctor(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Look at every part of the installation. Exit status 0 when all is well, 1 with warnings, 2 with errors."""
    from app.doctor.findings import exit_status

    installation, findings = _examined(home)
    if as_json:
        typer.echo(json.dumps(_told(installation, findings), ensure_ascii=False))
    else:
        _print(findings)
    raise typer.Exit(exit_status(findings))


def _examined(home: Path | None) -> tuple[Installation | None, list[Finding]]:
    from app.doctor.installation import find_installation
    from app.doctor.report import examine, settings_are_wrong

    try:
        read_secret_files()
        settings = load_settings(home)
    except SettingsError as error:
        return None, [settings_are_wrong(error)]
    installation = find_installation(settings, home_was_named=home is not None)
    return installation, examine(installation)


def _told(installation: Installation | None, findings: Sequence[Finding]) -> dict[str, Any]:
    from app.doctor.findings import State

    states = {finding.state for finding in findings}
    return {
        "state": next((state for state in (State.ERROR, State.WARNING) if state in states), State.WELL),
        "installation": installation and installation.kind,
        "home": installation and str(installation.home),
        "parts": [
            {
                "part": finding.part,
                "state": finding.state,
                "sentence": finding.sentence,
                "remedy": finding.remedy or None,
                "facts": dict(finding.facts),
            }
            for finding in findings
        ],
    }


def _print(findings: Sequence[Finding]) -> None:
    from app.doctor.findings import State, part_word, state_word

    states = max(len(state_word(state)) for state in State)
    names = max(len(part_word(finding.part)) for finding in findings)
    for finding in findings:
        typer.echo(f"{state_word(finding.state):<{states}}  {part_word(finding.part):<{names}}  {finding.sentence}")
        if finding.remedy:
            typer.echo(f"{'':<{states}}  {'':<{names}}  → {finding.remedy}")
    errors = sum(finding.state is State.ERROR for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    unknown = sum(finding.state is State.UNKNOWN for finding in findings)
    if errors or warnings or unknown:
        told = [ngettext("one error", "{count} errors", errors)] if errors else []
        told += [ngettext("one warning", "{count} warnings", warnings)] if warnings else []
        told += [ngettext("one part not looked at", "{count} parts not looked at", unknown)] if unknown else []
        typer.echo(", ".join(told))
    else:
        typer.echo(_("All is well."))
