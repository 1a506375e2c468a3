"""How each part of the installation is. All parts are asked at once, and none is waited for longer than two seconds.

What the portal said counts for half a minute (`services.portal.last_said`).
"""

from __future__ import annotations

import logging
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.services import portal
from app.services.run import Health
from app.stack.container import services_sign
from modules.errors import ServerUnreachable, TranqueraError
from modules.i18n import N_
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, recent
from modules.snapshots.products import PRODUCT_FOLDERS
from modules.storage.roots import Folder
from modules.storage.sentinels import missing_sentinels
from modules.storage.written import folders_written
from modules.typed import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from modules.settings import Settings

_log = logging.getLogger("tranquera.dashboard")

_PATIENCE_S: Final = 2.0
#: Their health check passes the sign of the background services on every five seconds, and waits ten at most.
_SERVICES_SILENCE_S: Final = 30.0
#: What is silent since before that may just be starting as well.
_STARTED: Final = time.time()
#: The disk is called well with this many times the room that a run asks for.
COMFORT: Final = 4
#: Where a backup writes.
_FOLDERS: Final = {Folder.SNAPSHOTS, *PRODUCT_FOLDERS}


class Part(StrEnum):
    """A part of the installation, in the order in which they are shown."""

    PORTAL = "portal"
    SERVER = "server"
    WORKER = "worker"
    DISK = "disk"
    PRODUCTION = "production"


_NAMES: Final[Mapping[Part, str]] = {
    Part.PORTAL: N_("portal"),
    Part.SERVER: N_("server"),
    Part.WORKER: N_("worker"),
    Part.DISK: N_("disk"),
    Part.PRODUCTION: N_("production folders"),
}


_RESTART: Final = N_("No answer within two seconds: {part}. Wait a moment; if it stays like this, restart it.")
_DRIVE: Final = N_(
    "No answer within two seconds: {part}. Wait a moment; if it stays like this, see that its drive is connected."
)
#: What to do about a part that says nothing. A company's portal is nobody's here to restart.
_LATE: Final[Mapping[Part, str]] = {
    Part.PORTAL: N_(
        "No answer within two seconds: {part}. Runs wait longer for it; if it stays like this, ask who runs it."
    ),
    Part.SERVER: _RESTART,
    Part.DISK: _DRIVE,
    Part.PRODUCTION: _DRIVE,
}


def part_word(part: Part) -> str:
    """Name a part."""
    return _(_NAMES[part])


@dataclass(frozen=True, slots=True)
class PartHealth:
    """How a part is. `figure` goes beside its name (a count, a size); `advice` says what to do when it is not well."""

    part: Part
    health: Health
    figure: str = ""
    advice: TranqueraError | None = None


def check(settings: Settings) -> list[PartHealth]:
    """Ask every part, in the order of `Part`. Takes about two seconds at worst; raises nothing.

    Figures are written in the language of the moment.
    """
    checks: dict[Part, Callable[[Settings], PartHealth]] = {
        Part.PORTAL: _portal,
        Part.SERVER: _server,
        Part.WORKER: _worker,
        Part.DISK: _disk,
        Part.PRODUCTION: _production,
    }
    pool = ThreadPoolExecutor(max_workers=len(checks), thread_name_prefix="health")
    answers = {part: pool.submit(copy_context().run, ask, settings) for part, ask in checks.items()}
    wait(answers.values(), timeout=_PATIENCE_S)
    pool.shutdown(wait=False, cancel_futures=True)
    late = {part for part, future in answers.items() if not future.done() or future.cancelled()}
    seen = {part: _answer(part, None if part in late else future) for part, future in answers.items()}
    unknown = Part.WORKER in late or seen[Part.WORKER].figure == ""
    if unknown and (Part.SERVER in late or seen[Part.SERVER].health is Health.BAD):
        # What there is to say of that says the server's part.
        seen[Part.WORKER] = PartHealth(Part.WORKER, Health.WARNING)
    return list(seen.values())


def _answer(part: Part, future: Future[PartHealth] | None) -> PartHealth:
    """Tell what was answered; None for what came too late."""
    if future is None:
        silent = Part.SERVER if part is Part.WORKER else part  # the server is asked about its workers
        return PartHealth(part, Health.WARNING, advice=TranqueraError(_LATE[silent], part=part_word(silent)))
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, TranqueraError):
        return PartHealth(part, Health.BAD, advice=error)
    _log.error("Could not check %s", part, exc_info=error)
    unknown = TranqueraError(
        N_("It could not be checked: {part}. The log of the dashboard tells more."), part=part_word(part)
    )
    return PartHealth(part, Health.WARNING, advice=unknown)


def _portal(settings: Settings) -> PartHealth:
    simulated = portal.last_said(settings.portal, within_s=_PATIENCE_S)
    return PartHealth(Part.PORTAL, Health.WELL, _("(demonstration)") if simulated else "")


def _server(settings: Settings) -> PartHealth:
    from app.services import runs

    # Both at once: one after the other they might take longer than the strip waits, which would blame the server alone.
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="server-health") as pool:
        answers = pool.submit(copy_context().run, runs.server_answers)
        has_redis = pool.submit(copy_context().run, runs.redis_answers) if settings.published_on else None
    if not answers.result():
        advice = TranqueraError(
            N_(
                "The server of the runs or its database does not answer, so nothing can be started. Wait a minute; if "
                "it stays like this, “{command}” says what to restart."
            ),
            command=typed("doctor"),
        )
        return PartHealth(Part.SERVER, Health.BAD, advice=advice)
    if has_redis is not None and not has_redis.result():  # an embedded server needs none
        advice = TranqueraError(
            N_(
                "The server of the runs misses its redis, so nothing can be started; what runs already goes on. Wait a "
                "minute; if it stays like this, restart the service redis."
            )
        )
        return PartHealth(Part.SERVER, Health.BAD, advice=advice)
    if settings.published_on and (silent := _silent_services(settings.home)):
        return PartHealth(Part.SERVER, Health.WARNING, advice=silent)
    return PartHealth(Part.SERVER, Health.WELL)


def _silent_services(home: Path) -> TranqueraError | None:
    """Say that the background services are silent; None while they are not, or when all has just been started."""
    seen = services_sign.last_seen(home)
    if time.time() - max(seen or 0.0, _STARTED) < _SERVICES_SILENCE_S:
        return None
    if seen is None:
        return TranqueraError(
            N_(
                "The background services of the server have given no sign of life yet. What is started runs, but "
                "nobody watches over it or plans what the schedules start next. Restart the service prefect-services. "
                "If there is none after that either, check that the folder logs/prefect-services may be written to."
            )
        )
    return TranqueraError(
        N_(
            "The background services of the server have given no sign of life since {time}. What is started runs, but "
            "nobody watches over it or plans what the schedules start next. Wait a minute; if it stays like this, "
            "restart the service prefect-services."
        ),
        time=recent(datetime.fromtimestamp(seen, UTC)),
    )


def _worker(_settings: Settings) -> PartHealth:
    from app.services import runs

    try:
        workers = runs.workers()
    except ServerUnreachable:  # they may be well
        unknown = TranqueraError(
            N_(
                "The server of the runs could not tell which workers answer. Wait a minute; if it stays like this, "
                "“{command}” says what to restart."
            ),
            command=typed("doctor"),
        )
        return PartHealth(Part.WORKER, Health.WARNING, advice=unknown)
    if workers.alive and workers.silent and workers.last_seen:
        advice = TranqueraError(
            N_(
                "No sign of life of the worker since {time}. If it stays like this, restart the service prefect-worker."
            ),
            time=recent(workers.last_seen),
        )
        return PartHealth(Part.WORKER, Health.WARNING, str(workers.alive), advice)
    if workers.alive:
        return PartHealth(Part.WORKER, Health.WELL, str(workers.alive))
    if workers.last_seen is None:
        advice = TranqueraError(N_("No worker has answered yet. Start the service prefect-worker."))
    else:
        # One that is well is heard of half a minute after the server is back, and restarting it ends its runs.
        advice = TranqueraError(
            N_(
                "No worker answers since {time}. Wait a minute; if it stays like this, restart the service "
                "prefect-worker."
            ),
            time=recent(workers.last_seen),
        )
    return PartHealth(Part.WORKER, Health.BAD, "0", advice)


def _disk(settings: Settings) -> PartHealth:
    # In a container the home itself is the image, with the room of whatever disk Docker lies on.
    places = folders_written(settings.home) or [settings.home]
    free, least = min(shutil.disk_usage(place).free for place in places), settings.min_free_mb * 10**6
    health = Health.BAD if free < least else Health.WARNING if free < COMFORT * least else Health.WELL
    advice = TranqueraError(
        N_("Only {free} are free; a run needs at least {least}. Free some space."),
        free=file_size(free),
        least=file_size(least),
    )
    return PartHealth(Part.DISK, health, file_size(free), None if health is Health.WELL else advice)


def _production(settings: Settings) -> PartHealth:
    missing = _FOLDERS.intersection(missing_sentinels(settings.home))
    if not missing:
        return PartHealth(Part.PRODUCTION, Health.WELL)
    advice = TranqueraError(
        N_("The production folders are not ready ({folders}); runs in test work. To prepare them: {command}"),
        folders=", ".join(sorted(missing)),
        command=typed("outputs init"),
    )
    return PartHealth(Part.PRODUCTION, Health.WARNING, advice=advice)
