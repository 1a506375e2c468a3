"""What kind of installation this is, and what its operator types to mend a part of it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.stack.home import StackHome, StackState
from modules.i18n import gettext as _
from modules.typed import IN_A_CONTAINER, typed

if TYPE_CHECKING:
    from modules.settings import Settings


class Kind(StrEnum):
    """Embedded: `tranquera up` in a home. Composed: containers, and we are in one of them or beside them."""

    EMBEDDED = "embedded"
    COMPOSED = "composed"


@dataclass(frozen=True, slots=True)
class Installation:
    """What is looked at. `api` is None where nothing runs.

    interrupted: a stack ran here and did not end in order; containers: this home is a composed stack's folder, seen
    from outside; dashboard: where that answers, None where it cannot be asked from here; account: `user:password` for
    the API, where it asks for one
    """

    kind: Kind
    settings: Settings
    api: str | None
    state: StackState | None = None
    interrupted: bool = False
    containers: bool = False
    dashboard: str | None = None
    account: str = field(default="", repr=False)

    @property
    def composed(self) -> bool:
        """Tell whether the parts are containers."""
        return self.kind is Kind.COMPOSED

    @property
    def home(self) -> Path:
        """The home."""
        return self.settings.home

    def restart(self, service: str) -> str:
        """Say how a part is started again, and where it says why it stopped."""
        if self.composed:
            return _(
                "docker compose restart {service}; if it comes back, docker compose logs {service} says why.",
                service=service,
            )
        return _(
            "tranquera down, then tranquera up; the last lines of {log} say why.",
            log=self.home / "logs" / f"{service}.log",
        )

    def deploy(self) -> str:
        """Say how the table of deployments is put in force."""
        if self.composed:
            return "docker compose run --rm deploy"
        return _("tranquera down, then tranquera up: it deploys all again and keeps what was changed.")

    def tranquera(self, command: str) -> str:
        """Say how a command of ours is given."""
        return f"{IN_A_CONTAINER} {command}" if self.composed else typed(command)

    def prefect(self, command: str) -> str:
        """Say how a command of Prefect's is given."""
        if self.composed:
            return f"docker compose exec prefect-server prefect {command}"
        return f"PREFECT_API_URL={self.api} {Path(sys.executable).with_name('prefect')} {command}"


_DASHBOARD: Final = "http://127.0.0.1:8501"


def find_installation(settings: Settings, *, home_was_named: bool) -> Installation:
    """Tell what runs in the home of `settings`; as for other commands, PREFECT_API_URL counts where nothing does.

    home_was_named: then only a stack in that home counts
    """
    stack = StackHome(settings.home)
    state = stack.running()
    if state is not None:
        return Installation(Kind.EMBEDDED, settings, state.prefect_api, state, dashboard=state.dashboard)
    api = os.environ.get("PREFECT_API_URL")
    if api and not home_was_named:
        # Only the dashboard's own container knows where it is published.
        here = _DASHBOARD if settings.published_on else None
        account = os.environ.get("PREFECT_API_AUTH_STRING", "")
        return Installation(Kind.COMPOSED, settings, api.rstrip("/"), dashboard=here, account=account)
    return Installation(
        Kind.EMBEDDED,
        settings,
        None,
        interrupted=stack.read() is not None,
        # The database may be in a volume of Docker, so its folder tells nothing.
        containers=(settings.home / "data" / "tranquera").is_dir(),
    )
