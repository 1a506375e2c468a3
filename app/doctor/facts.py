"""What is known of an installation before anybody judges it. Times are aware, sizes bytes, durations seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from modules.storage.roots import Folder


@dataclass(frozen=True, slots=True)
class Versions:
    """What is installed here, and Prefect's version at the server (None: not known)."""

    python: str
    packages: Mapping[str, str]
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """What Prefect's server says of itself.

    ready: whether it reaches its database; refused: it wants another password than ours; ahead_s: how much its clock
    is ahead of ours, None where it does not say
    """

    ready: bool
    refused: bool
    version: str | None
    milliseconds: int
    ahead_s: float | None


@dataclass(frozen=True, slots=True)
class Database:
    """Prefect's database in a file of this home. sound None: looking through it took too long."""

    bytes: int
    sound: bool | None


@dataclass(frozen=True, slots=True)
class Messages:
    """What became of an event of our own: whether the server took it, and after how long it was stored."""

    accepted: bool
    stored_after_s: float | None
    waited_s: float


#: How often a worker of Prefect sends a heartbeat unless it is told otherwise.
USUAL_HEARTBEAT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that the server knows, and how often it sends a heartbeat."""

    name: str
    online: bool
    last_heartbeat: datetime | None
    every_s: float = USUAL_HEARTBEAT_S


@dataclass(frozen=True, slots=True)
class Pool:
    """The work pool. `paused_queues` are those of its queues that give out nothing."""

    kind: str
    paused: bool
    limit: int | None
    paused_queues: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table of deployments, as `python -m flows.deployments --json` tells it."""

    flow: str
    name: str
    entrypoint: str
    cron: str | None
    interval_s: int | None
    parameters: Mapping[str, Any]
    work_pool: str
    directory: str
    command: str
    tags: Sequence[str]
    limits: Sequence[str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of a deployment; one of cron and interval_s is set, or none for another kind."""

    active: bool
    cron: str | None
    interval_s: float | None
    parameters: Mapping[str, Any]
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment at the server."""

    flow: str
    name: str
    entrypoint: str
    work_pool: str | None
    directory: str | None
    command: str | None
    tags: Sequence[str]
    paused: bool
    parameters: Mapping[str, Any]
    schedules: Sequence[Schedule]


@dataclass(frozen=True, slots=True)
class SafetyNet:
    """What ends runs whose process is gone, and keeps two of one kind apart.

    automation: whether it is switched on; None: it is not there
    """

    automation: bool | None
    limits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system, by the folders of ours that are on it."""

    folders: Sequence[str]
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Filling:
    """A file system that snapshots are on: which of our folders fill it, with how much of late, and what is free."""

    folders: Sequence[str]
    recent_bytes: int
    free: int


@dataclass(frozen=True, slots=True)
class Growth:
    """How much the snapshots take, and how much of it came in the last `days`. complete: all of it was counted.

    fillings: the file systems that they are on
    """

    bytes: int
    recent_bytes: int
    days: float
    complete: bool
    fillings: Sequence[Filling] = ()


class FolderState(StrEnum):
    """How a folder of production is."""

    READY = "ready"
    UNMARKED = "unmarked"
    MISSING = "missing"
    DANGLING = "dangling"


@dataclass(frozen=True, slots=True)
class Production:
    """How the folders of production are."""

    folders: Mapping[Folder, FolderState]


@dataclass(frozen=True, slots=True)
class Clock:
    """This machine's clock. ahead_s: the portal's against ours, None where nobody else's is known."""

    offset_s: float
    expected_offset_s: float
    portal_ahead_s: float | None = None


@dataclass(frozen=True, slots=True)
class Passwords:
    """Whether a password is the one that everybody knows, None where that was not noted; `in_file`: it is in a file."""

    database_is_known: bool | None
    in_file: bool


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal answers; `simulated`: with invented fields."""

    simulated: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """Whether something answers at all."""

    well: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
