"""What is thought of this machine: versions, room, folders, clock, passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from app.doctor.facts import FolderState
from app.doctor.findings import Finding, Part, State
from app.services.health import COMFORT
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import file_size, number
from modules.storage.links.check import Severity
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.doctor.facts import Clock, Deployed, Disk, Growth, Passwords, Production, Server, Versions
    from app.doctor.installation import Installation
    from modules.storage.links.check import FolderCheck

#: Whoever has less time than this to find another disk should begin.
_SOON_DAYS: Final = 60
#: A pace seen for less than this is none yet.
_LEAST_DAYS: Final = 3.0
_AHEAD_S: Final = 60.0
#: Where embedded parts listen, and what a composed stack calls its server and its simulated portal.
_SAME_MACHINE: Final = {"127.0.0.1", "::1", "localhost", "prefect-server", "portal"}
_MEGABYTE: Final = 10**6


def judge_versions(versions: Versions, server: Server | None, installation: Installation) -> Finding:
    """Judge whether the server is of the version that is installed here."""
    here = versions.packages.get("prefect", "?")
    there = server.version if server else None
    facts: dict[str, Any] = {"python": versions.python, **versions.packages, "prefect_server": there}
    if there is not None and there != here:
        return Finding(
            Part.VERSIONS,
            State.WARNING,
            _("Prefect is {here} here and {there} at the server.", here=here, there=there),
            "docker compose build prefect-worker; docker compose up -d"
            if installation.composed
            else "tranquera down; tranquera up",
            facts,
        )
    sentence = _("Python {python}, Prefect {prefect}.", python=versions.python, prefect=here)
    return Finding(Part.VERSIONS, State.WELL, sentence, "", facts)


def judge_disk(disks: Sequence[Disk], min_free_mb: int) -> Finding:
    """Judge the file system with the least room; one that no run would start on is an error."""
    least = disks[0]
    needed = min_free_mb * _MEGABYTE
    facts = {"disks": [{"folders": list(each.folders), "free": each.free, "total": each.total} for each in disks]}
    if least.free >= COMFORT * needed:
        sentence = _("{free} of {total} are free.", free=file_size(least.free), total=file_size(least.total))
        return Finding(Part.DISK, State.WELL, sentence, "", facts)
    values = {"free": file_size(least.free), "folders": ", ".join(least.folders), "least": file_size(needed)}
    if least.free < needed:
        sentence = _("Only {free} are free for {folders}; no run starts with less than {least}.", **values)
        state = State.ERROR
    else:
        sentence = _("Only {free} are free for {folders}; a run needs at least {least}.", **values)
        state = State.WARNING
    return Finding(Part.DISK, state, sentence, _("Free some space, or move the folder to a larger disk."), facts)


def judge_growth(growth: Growth, min_free_mb: int) -> Finding:
    """Judge for how long the room lasts at the pace of the last month's snapshots, on the disk that is full first."""
    pace = growth.recent_bytes / growth.days if growth.days >= _LEAST_DAYS else None
    lasts = {
        max(0, each.free - min_free_mb * _MEGABYTE) * growth.days / each.recent_bytes: each
        for each in growth.fillings
        if pace and each.recent_bytes
    }
    days = min(lasts, default=None)
    facts = {
        "snapshot_bytes": growth.bytes,
        "bytes_a_day": None if pace is None else round(pace),
        "days_left": None if days is None else round(days),
        "complete": growth.complete,
    }
    size = file_size(growth.bytes)
    if not growth.complete:
        sentence = _("The backups take more than {size}; there was no time to count all.", size=size)
        return Finding(Part.GROWTH, State.WELL, sentence, "", facts)
    if days is not None and days < _SOON_DAYS:
        return Finding(
            Part.GROWTH,
            State.WARNING,
            _(
                "The backups take {size}; as they grow, the disk of {folders} is full in {days} days.",
                size=size,
                folders=", ".join(lasts[days].folders),
                days=number(days),
            ),
            _("Move old seasons of Backup_Databaler elsewhere, or give it a larger disk."),
            facts,
        )
    if pace is None:
        return Finding(Part.GROWTH, State.WELL, _("The backups take {size}.", size=size), "", facts)
    sentence = _("The backups take {size} and grow by {pace} a day.", size=size, pace=file_size(round(pace)))
    return Finding(Part.GROWTH, State.WELL, sentence, "", facts)


def judge_production(
    production: Production, deployed: Sequence[Deployed] | None, installation: Installation
) -> Finding:
    """Judge the folders of production: unready ones are an error where a schedule is about to write there."""
    wrong = {folder: state for folder, state in production.folders.items() if state is not FolderState.READY}
    facts = {str(folder): str(state) for folder, state in production.folders.items()}
    if not wrong:
        sentence = _("All folders of production carry their mark.")
        return Finding(Part.PRODUCTION, State.WELL, sentence, "", facts)
    scheduled = [each.name for each in deployed or () if not each.paused and _writes_production(each)]
    sentence = _sentence(wrong, len(wrong) == len(production.folders))
    if scheduled:
        names = ", ".join(scheduled)
        sentence += " " + _("Schedules that write there are active and will be refused: {names}.", names=names)
    dangling = FolderState.DANGLING in wrong.values()
    remedy = (
        _("Mount the disk or start the sync, or correct the links; then ask again.")
        if dangling
        else _("Once the real folders are there: {command}", command=installation.tranquera("outputs init"))
    )
    return Finding(Part.PRODUCTION, State.ERROR if scheduled else State.WARNING, sentence, remedy, facts)


def _writes_production(deployed: Deployed) -> bool:
    """Tell whether an active schedule writes to production: a run does only when it is told not to test."""
    return any(
        each.active and {**deployed.parameters, **each.parameters}.get("test", True) is False
        for each in deployed.schedules
    )


def _sentence(wrong: Mapping[Folder, FolderState], all_of_them: bool) -> str:
    if all_of_them and set(wrong.values()) == {FolderState.MISSING}:
        return _("The folders of production are not there yet; runs in test work.")
    words = {
        FolderState.DANGLING: _("a link that leads nowhere"),
        FolderState.MISSING: _("not there"),
        FolderState.UNMARKED: _("without the mark of production"),
    }
    by_state = {state: [folder for folder, each in wrong.items() if each is state] for state in words}
    told = [f"{', '.join(folders)} ({words[state]})" for state, folders in by_state.items() if folders]
    return _("Production refuses to write: {folders}.", folders="; ".join(told))


def judge_links(checks: Sequence[FolderCheck], installation: Installation) -> Finding:
    """Judge the links by the worst of them, in the words of `tranquera links check`."""
    wrong = sorted((each for each in checks if each.problem), key=lambda each: -each.severity)
    facts = {str(each.folder): each.severity.name.lower() for each in checks}
    if not wrong:
        return Finding(Part.LINKS, State.WELL, _("All links lead to their real folders."), "", facts)
    worst = wrong[0]
    state = State.ERROR if worst.severity is Severity.BAD else State.WARNING
    sentence = worst.problem.sentence() if worst.problem else ""
    if len(wrong) > 1:
        sentence += " " + ngettext("One more like it.", "{count} more like it.", len(wrong) - 1)
    remedy = _("All of them: {command}", command=installation.tranquera("links check"))
    return Finding(Part.LINKS, state, sentence, remedy, facts)


def judge_clock(clock: Clock, server: Server | None, installation: Installation) -> Finding:
    """Judge the clock against the portal's and the server's, and the zone where it is ours to set.

    Only a clock of another machine counts as one that this was compared with.
    """
    ahead = {"portal": clock.portal_ahead_s, "server": server.ahead_s if server else None}
    addresses = {"portal": installation.settings.portal.url, "server": installation.api}
    compared = [name for name, by in ahead.items() if by is not None and _on_another_machine(addresses[name])]
    facts = {
        "zone_offset_s": clock.offset_s,
        "compared_with": compared,
        **{f"{name}_ahead_s": None if by is None else round(by, 1) for name, by in ahead.items()},
    }
    off = {name: by for name, by in ahead.items() if by is not None and abs(by) > _AHEAD_S}
    if off:
        by = next(iter(off.values()))
        seconds = number(abs(by))
        names = {"portal": _("portal"), "server": _("server")}
        who = names[next(iter(off))]
        sentence = (
            _("This machine's clock is {seconds} s behind that of the {who}.", seconds=seconds, who=who)
            if by > 0
            else _("This machine's clock is {seconds} s ahead of that of the {who}.", seconds=seconds, who=who)
        )
        return Finding(Part.CLOCK, State.WARNING, sentence, _("Switch on the system's time synchronisation."), facts)
    if clock.offset_s != clock.expected_offset_s and installation.composed:
        return Finding(
            Part.CLOCK,
            State.WARNING,
            _("The zone of this container is not that of Buenos Aires, so its logs tell another time."),
            _("Set TZ to America/Argentina/Buenos_Aires in docker-compose.yml, as it was, and docker compose up -d."),
            facts,
        )
    zone = (
        _("The zone is that of Buenos Aires.")
        if clock.offset_s == clock.expected_offset_s
        else _("Logs tell the time of this machine's zone, schedules keep that of Buenos Aires.")
    )
    return Finding(Part.CLOCK, State.WELL, f"{_agreement(compared)} {zone}", "", facts)


def _on_another_machine(address: str | None) -> bool:
    """Tell whether who answers at `address` may have another clock: containers of one machine share that machine's."""
    host = urlsplit(address or "").hostname
    return host is not None and host not in _SAME_MACHINE


def _agreement(compared: Sequence[str]) -> str:
    """Say with whose clock this machine's was compared, and agreed."""
    if len(compared) > 1:
        return _("The clock agrees with those of the portal and of the server.")
    if "portal" in compared:
        return _("The clock agrees with that of the portal.")
    if "server" in compared:
        return _("The clock agrees with that of the server.")
    return _("The clock was not compared: no other machine told its time.")


def judge_passwords(passwords: Passwords) -> Finding:
    """Judge whether a password is still the one that everybody knows."""
    if passwords.database_is_known is None:
        return Finding(
            Part.PASSWORDS,
            State.UNKNOWN,
            _("It was not noted whether the database has the password that everybody knows."),
            _("docker compose up -d notes it; docker compose logs folders says why it did not."),
        )
    if passwords.database_is_known:
        return Finding(
            Part.PASSWORDS,
            State.WARNING,
            _("The database still has the password that everybody knows."),
            _("Set another as docs/deploy.md says: PREFECT_POSTGRES_PASSWORD."),
        )
    sentence = (
        _("The database's password stands in a file of its own.")
        if passwords.in_file
        else _("The database has a password of its own.")
    )
    return Finding(Part.PASSWORDS, State.WELL, sentence)
