"""What is thought of Prefect's server, its database, messages and services, its workers and its pool."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.doctor.findings import Finding, Part, State
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import file_size, number, recent
from modules.run_protocol import WORK_POOL
from modules.typed import IN_A_CONTAINER, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.doctor.facts import Database, Messages, Pool, Server, Worker
    from app.doctor.installation import Installation

#: A worker that missed two signs of life is worth a look, one that missed three is gone. Prefect says so as well, but
#: not at once, and not at all while its background services are stopped.
_MISSED, _GONE = 2, 3
#: For how long a worker that stopped is told: a machine that was given up is no news on the next day.
_TOLD_FOR: Final = timedelta(days=1)
#: So Prefect calls a worker that is given no name, as that of an embedded stack; composed ones: app.stack.container.
_NAMED_BY_PREFECT: Final = re.compile(r"\w+Worker [0-9a-f]{8}-[0-9a-f]{4}-")
_SLOW_MS: Final = 1000


def nothing_runs(installation: Installation) -> Finding:
    """Say that no stack runs in this home."""
    if installation.containers:
        return Finding(
            Part.SERVER,
            State.WARNING,
            _("Nothing runs here outside of containers, and this folder holds the data of some."),
            f"{IN_A_CONTAINER} doctor",
        )
    sentence = (
        _("Tranquera was interrupted in {home} and does not run now, so no schedule fires.", home=installation.home)
        if installation.interrupted
        else _("Tranquera does not run in {home}, so no schedule fires.", home=installation.home)
    )
    return Finding(Part.SERVER, State.WARNING, sentence, "tranquera up")


def server_is_silent(installation: Installation) -> Finding:
    """Say that Prefect's server does not answer."""
    return Finding(
        Part.SERVER,
        State.ERROR,
        _("Prefect's server does not answer, so no run can start or be seen."),
        installation.restart("prefect-server"),
    )


def judge_server(server: Server) -> Finding:
    """Judge whether the server can be worked with. That it reaches its database is the database's finding."""
    facts = {"milliseconds": server.milliseconds, "version": server.version}
    if server.refused:
        return Finding(
            Part.SERVER,
            State.ERROR,
            _("Prefect's server refuses our password: it was started with another one."),
            _("Set PREFECT_AUTH_STRING in .env and start all again: docker compose up -d."),
            facts,
        )
    if server.milliseconds > _SLOW_MS:
        return Finding(
            Part.SERVER,
            State.WARNING,
            _("Prefect's server took {ms} ms to answer; this machine is very busy.", ms=number(server.milliseconds)),
            _("Look at what takes the processor, or wait until it is done."),
            facts,
        )
    return Finding(
        Part.SERVER, State.WELL, _("Prefect's server answers in {ms} ms.", ms=number(server.milliseconds)), "", facts
    )


def judge_database_of_server(server: Server, installation: Installation) -> Finding:
    """Judge a database that only the server can see."""
    if server.ready:
        return Finding(Part.DATABASE, State.WELL, _("Prefect's server reaches its database."))
    return Finding(
        Part.DATABASE,
        State.ERROR,
        _("Prefect's server does not reach its database: history cannot be read and nothing starts."),
        installation.restart("postgres" if installation.composed else "prefect-server"),
    )


def judge_database(database: Database | None, server: Server | None, installation: Installation) -> Finding:
    """Judge the database file of an embedded stack, and whether the server reaches it where one runs."""
    if server is not None and not server.ready:
        return judge_database_of_server(server, installation)
    if database is None:
        return Finding(Part.DATABASE, State.WELL, _("There is no database yet; the first start makes it."))
    facts = {"bytes": database.bytes, "sound": database.sound}
    size = file_size(database.bytes)
    if database.sound is False:
        return Finding(
            Part.DATABASE,
            State.ERROR,
            _("Prefect's database ({size}) is damaged.", size=size),
            _("tranquera down, then put back the last backup of the platform: tranquera platform restore."),
            facts,
        )
    if database.sound is None:
        sentence = _("Prefect's database ({size}) was not looked through to its end in time.", size=size)
    else:
        sentence = _("Prefect's database ({size}) is sound.", size=size)
    return Finding(Part.DATABASE, State.WELL, sentence, "", facts)


def judge_redis(messages: Messages, installation: Installation) -> Finding:
    """Judge the server's messages by whether it took one."""
    if messages.accepted:
        return Finding(Part.REDIS, State.WELL, _("Redis takes messages."))
    return Finding(
        Part.REDIS,
        State.ERROR,
        _("Prefect's server cannot hand over messages: redis does not take them, and no run can start."),
        installation.restart("redis"),
    )


def judge_services(messages: Messages, server: Server | None, installation: Installation) -> Finding:
    """Judge the background services by whether an event of ours was stored. Without a database none can be."""
    facts: dict[str, Any] = {"stored_after_s": messages.stored_after_s and round(messages.stored_after_s, 1)}
    service = "prefect-services" if installation.composed else "prefect-server"
    if not messages.accepted:
        return Finding(
            Part.SERVICES,
            State.UNKNOWN if installation.composed else State.ERROR,
            _("Prefect's server took no event, so the background services could not be tried."),
            "" if installation.composed else installation.restart(service),
            facts,
        )
    if messages.stored_after_s is None and server is not None and not server.ready:
        return Finding(
            Part.SERVICES,
            State.UNKNOWN,
            _("Without a database the background services can do nothing."),
            "",
            facts,
        )
    if messages.stored_after_s is None:
        return Finding(
            Part.SERVICES,
            State.ERROR,
            _(
                "The background services did nothing within {seconds} s: schedules do not fire, and a run that dies "
                "would say Running.",
                seconds=number(messages.waited_s),
            ),
            installation.restart(service),
            facts,
        )
    seconds = number(messages.stored_after_s, 1)
    sentence = _("The background services work: an event was stored within {seconds} s.", seconds=seconds)
    return Finding(Part.SERVICES, State.WELL, sentence, "", facts)


def judge_workers(workers: Sequence[Worker], installation: Installation, now: datetime | None = None) -> Finding:
    """Judge the workers by those that are online, and by their last signs of life.

    One that stopped within the last day is told beside those that answer, if its name is one that it keeps.
    """
    now = now or datetime.now(UTC)
    told = [
        {
            "name": worker.name,
            "online": worker.online,
            "last_heartbeat": worker.last_heartbeat and worker.last_heartbeat.isoformat(),
        }
        for worker in workers
    ]
    facts = {"workers": told}
    online = [worker for worker in workers if worker.online and not _missed(worker, _GONE, now)]
    last = max((worker.last_heartbeat for worker in workers if worker.last_heartbeat), default=None)
    remedy = installation.restart("prefect-worker")
    if not online:
        sentence = (
            _("No worker has ever answered, so no run starts.")
            if last is None
            else _(
                "No worker answers since {time}, so no run starts. If the server was away until now, look again in a "
                "minute first: to restart a worker ends its runs.",
                time=recent(last, now),
            )
        )
        return Finding(Part.WORKERS, State.ERROR, sentence, remedy, facts)
    stopped = [worker for worker in workers if _stopped(worker, now)]
    silence = " " + _silence(stopped, now) if stopped else ""
    quiet = [worker for worker in online if _missed(worker, _MISSED, now)]
    if quiet and last:
        names = ", ".join(worker.name for worker in quiet)
        sentence = ngettext(
            "A worker missed its last sign of life: {names}. Look again in half a minute.",
            "{count} workers missed their last sign of life: {names}. Look again in half a minute.",
            len(quiet),
            names=names,
        )
        return Finding(Part.WORKERS, State.WARNING, sentence + silence, typed("doctor"), facts)
    sentence = ngettext(
        "One worker answers; its last sign of life: {time}.",
        "{count} workers answer; the last sign of life: {time}.",
        len(online),
        time=recent(last, now) if last else "?",
    )
    if stopped:
        remedy = _(
            "Start it again on its machine, with Docker by docker compose up -d --wait and its --scale. Where it was "
            "stopped on purpose, nothing is to be done: this is told for a day."
        )
        return Finding(Part.WORKERS, State.WARNING, sentence + silence, remedy, facts)
    return Finding(Part.WORKERS, State.WELL, sentence, "", facts)


def _stopped(worker: Worker, now: datetime) -> bool:
    """Tell whether a worker that keeps its name from one start to the next was there within the last day and is gone.

    One without a name of its own has a new one at each start: what is gone then may answer under another.
    """
    last = worker.last_heartbeat
    if last is None or _NAMED_BY_PREFECT.match(worker.name):
        return False
    return _missed(worker, _GONE, now) and now - last <= _TOLD_FOR


def _silence(stopped: Sequence[Worker], now: datetime) -> str:
    names = [
        _("{name} since {time}", name=worker.name, time=recent(worker.last_heartbeat, now))
        for worker in stopped
        if worker.last_heartbeat
    ]
    return _("Nothing is heard of {names}.", names=", ".join(names))


def _missed(worker: Worker, heartbeats: int, now: datetime) -> bool:
    silence = now - worker.last_heartbeat if worker.last_heartbeat else timedelta()
    return silence > timedelta(seconds=heartbeats * worker.every_s)


def judge_pool(pool: Pool | None, installation: Installation) -> Finding:
    """Judge whether the pool gives out runs."""
    if pool is None:
        sentence = _("The work pool {pool} is not there, so no run starts.", pool=WORK_POOL)
        return Finding(Part.POOL, State.ERROR, sentence, installation.deploy())
    facts = {"type": pool.kind, "paused": pool.paused, "limit": pool.limit, "paused_queues": list(pool.paused_queues)}
    if pool.kind != "process":
        return Finding(
            Part.POOL,
            State.ERROR,
            _(
                "The work pool {pool} is of the type {kind}; our workers take process only.",
                pool=WORK_POOL,
                kind=pool.kind,
            ),
            installation.prefect(f"work-pool delete {WORK_POOL}") + "; " + installation.deploy(),
            facts,
        )
    if pool.paused:
        sentence = _("The work pool {pool} is paused, so no run starts.", pool=WORK_POOL)
        return Finding(Part.POOL, State.WARNING, sentence, installation.prefect(f"work-pool resume {WORK_POOL}"), facts)
    if pool.limit == 0:
        sentence = _("The work pool {pool} lets no run start: its limit is 0.", pool=WORK_POOL)
        remedy = installation.prefect(f"work-pool clear-concurrency-limit {WORK_POOL}")
        return Finding(Part.POOL, State.WARNING, sentence, remedy, facts)
    if pool.paused_queues:
        queue = pool.paused_queues[0]
        sentence = _("A queue of the work pool is paused: {queue}. Its runs do not start.", queue=queue)
        remedy = installation.prefect(f"work-queue resume '{queue}' --pool {WORK_POOL}")
        return Finding(Part.POOL, State.WARNING, sentence, remedy, facts)
    return Finding(Part.POOL, State.WELL, _("The work pool {pool} gives out runs.", pool=WORK_POOL), "", facts)
