"""What is thought of the parts beside Prefect: portal, dashboard, warm engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.doctor.findings import Finding, Part, State
from modules.errors import SettingsError
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from app.doctor.facts import Answers, Portal
    from app.doctor.installation import Installation
    from modules.errors import TranqueraError


def judge_portal(portal: Portal | None) -> Finding:
    """Judge a portal that answered; None: none is configured."""
    if portal is None:
        return Finding(Part.PORTAL, State.WELL, _("No portal is set; tranquera up serves invented fields."))
    facts = {"simulated": portal.simulated}
    if portal.simulated:
        return Finding(Part.PORTAL, State.WELL, _("The demo portal answers, with invented fields."), "", facts)
    return Finding(Part.PORTAL, State.WELL, _("The portal answers and accepts our account."), "", facts)


def portal_refuses(error: TranqueraError, installation: Installation) -> Finding:
    """Say why the portal gives no fields, in the words of who asked it."""
    demo = installation.state.simulated if installation.state else installation.settings.demo_portal is not None
    if demo and not isinstance(error, SettingsError):
        return Finding(Part.PORTAL, State.ERROR, error.sentence(), installation.restart("portal"))
    remedy = _("Check TRANQUERA_PORTAL__… in .env, and whether this machine reaches the portal's address.")
    return Finding(Part.PORTAL, State.ERROR, error.sentence(), remedy)


def judge_dashboard(answers: Answers, installation: Installation) -> Finding:
    """Judge whether the dashboard answers."""
    if answers.well:
        return Finding(Part.DASHBOARD, State.WELL, _("The dashboard answers."))
    sentence = _("The dashboard does not answer.")
    return Finding(Part.DASHBOARD, State.ERROR, sentence, installation.restart("dashboard"))


def judge_engine(answers: Answers, installation: Installation) -> Finding:
    """Judge whether the warm engine answers; without it runs begin later, and they do begin."""
    if answers.well:
        return Finding(Part.ENGINE, State.WELL, _("The flow engine is warm: a run begins in about a second."))
    sentence = _("The flow engine does not answer; runs begin some seconds later.")
    return Finding(Part.ENGINE, State.WARNING, sentence, installation.restart("prefect-engine"))
