"""What the doctor says: a finding for each part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from modules.i18n import N_
from modules.i18n import gettext as _


class Part(StrEnum):
    """A part of an installation, in the order in which they are told."""

    SETTINGS = "settings"
    VERSIONS = "versions"
    SERVER = "server"
    DATABASE = "database"
    REDIS = "redis"
    SERVICES = "services"
    WORKERS = "workers"
    ENGINE = "engine"
    POOL = "pool"
    DEPLOYMENTS = "deployments"
    SAFETY_NET = "safety-net"
    PORTAL = "portal"
    DASHBOARD = "dashboard"
    DISK = "disk"
    GROWTH = "growth"
    PRODUCTION = "production"
    LINKS = "links"
    CLOCK = "clock"
    PASSWORDS = "passwords"


class State(StrEnum):
    """How a part is. UNKNOWN: it could not be asked because of another part, whose finding says why."""

    WELL = "well"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is, in one sentence; what to do, where there is something to do; what was seen, for scripts.

    facts: JSON values only, and never a secret
    """

    part: Part
    state: State
    sentence: str
    remedy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


_PART_NAMES: Final[Mapping[Part, str]] = {
    Part.SETTINGS: N_("settings"),
    Part.VERSIONS: N_("versions"),
    Part.SERVER: N_("server"),
    Part.DATABASE: N_("database"),
    Part.REDIS: N_("messages"),
    Part.SERVICES: N_("background services"),
    Part.WORKERS: N_("workers"),
    Part.ENGINE: N_("flow engine"),
    Part.POOL: N_("work pool"),
    Part.DEPLOYMENTS: N_("deployments"),
    Part.SAFETY_NET: N_("watch over runs"),
    Part.PORTAL: N_("portal"),
    Part.DASHBOARD: N_("dashboard"),
    Part.DISK: N_("disk"),
    Part.GROWTH: N_("growth"),
    Part.PRODUCTION: N_("production folders"),
    Part.LINKS: N_("links to real folders"),
    Part.CLOCK: N_("clock and zone"),
    Part.PASSWORDS: N_("passwords"),
}

_STATE_NAMES: Final[Mapping[State, str]] = {
    State.WELL: N_("well"),
    State.WARNING: N_("warning"),
    State.ERROR: N_("error"),
    State.UNKNOWN: N_("unknown"),
}

_STATUS: Final = {State.WELL: 0, State.UNKNOWN: 0, State.WARNING: 1, State.ERROR: 2}


def part_word(part: Part) -> str:
    """Name a part."""
    return _(_PART_NAMES[part])


def state_word(state: State) -> str:
    """Name a state."""
    return _(_STATE_NAMES[state])


def exit_status(findings: Iterable[Finding]) -> int:
    """Tell the exit status: 0 all well, 1 warnings, 2 errors. What is unknown counts by its cause."""
    return max((_STATUS[finding.state] for finding in findings), default=0)
