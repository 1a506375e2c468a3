"""Whether the parts beside Prefect answer: portal, dashboard, warm engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.doctor.facts import Answers, Portal
from app.services import portal
from app.stack import probes
from modules.errors import PortalUnreachable
from modules.i18n import N_

if TYPE_CHECKING:
    from pathlib import Path

    from app.doctor.installation import Installation
    from modules.settings import PortalSettings


def ask_portal(installation: Installation) -> Portal | None:
    """Log in to the portal and read its seasons; None where none is configured. Raises PortalError."""
    state = installation.state
    if state is None:
        configured = installation.settings.portal
        return Portal(portal.is_simulator(configured)) if configured.url else None
    if state.simulated:
        if not probes.answers(f"{state.portal}/openapi.json"):
            raise PortalUnreachable(N_("The demo portal does not answer."))
        return Portal(simulated=True)
    return Portal(portal.is_simulator(_of_the_stack(installation.settings.portal, state.portal)))


def _of_the_stack(configured: PortalSettings, url: str) -> PortalSettings:
    """Take the address that `up --portal` was given, which may be another than that of the settings."""
    return configured.model_copy(update={"url": url})


def ask_dashboard(address: str) -> Answers:
    """Ask the dashboard for its own health."""
    return Answers(probes.answers(f"{address}/_stcore/health"))


def ask_engine(home: Path) -> Answers:
    """Ask the warm engine of an embedded stack for a connection."""
    return Answers(probes.engine_listens(home))
