"""Which questions are asked of which installation, and the findings in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from app.doctor.asking import Answer, Question, Unreadable, ask_all
from app.doctor.findings import Finding, Part, State
from app.doctor.gathering import here, parts, prefect
from app.doctor.judging import deployments as of_deployments
from app.doctor.judging import here as of_here
from app.doctor.judging import parts as of_parts
from app.doctor.judging import prefect as of_prefect
from app.stack.prefect_api import Api, ApiTrouble, Trouble
from modules import engine_socket
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from app.doctor.installation import Installation
    from modules.errors import SettingsError

Asked = dict[str, Question[Any]]
_SERVER_PATIENCE_S = 10.0
_PORTAL_PATIENCE_S = 10.0


def examine(installation: Installation) -> list[Finding]:
    """Ask all parts at once and judge them, in the order of `Part`. Takes some ten seconds at worst; raises nothing."""
    return judge(installation, ask_all(questions(installation)))


def settings_are_wrong(error: SettingsError) -> Finding:
    """Say that the settings make no sense: nothing else can be asked then."""
    return Finding(Part.SETTINGS, State.ERROR, error.sentence())


def questions(installation: Installation) -> Asked:
    """List what is asked of this installation, by name."""
    home, settings = installation.home, installation.settings
    asked: Asked = {
        "versions": Question(here.ask_versions),
        "disk": Question(partial(here.ask_disks, home)),
        "growth": Question(partial(here.ask_growth, home)),
        "production": Question(partial(here.ask_production, home)),
        "clock": Question(partial(here.ask_clock, settings)),
        "portal": Question(partial(parts.ask_portal, installation), _PORTAL_PATIENCE_S),
    }
    if installation.composed and settings.published_on:  # the note lies where the dashboard is
        asked["passwords"] = Question(partial(here.ask_passwords, home))
    if not installation.composed:
        asked["database"] = Question(partial(here.ask_database, home))
        asked["links"] = Question(partial(here.ask_links, home))  # a container sees only what is mounted
    if installation.dashboard:
        asked["dashboard"] = Question(partial(parts.ask_dashboard, installation.dashboard))
    if installation.api:
        asked |= _of_prefect(installation, Api(installation.api, installation.account))
    return asked


def _of_prefect(installation: Installation, api: Api) -> Asked:
    asked: Asked = {
        "server": Question(partial(prefect.ask_server, api), _SERVER_PATIENCE_S),
        "messages": Question(partial(prefect.send_event, api), prefect.MESSAGES_WAIT_S + 2),
        "workers": Question(partial(prefect.ask_workers, api)),
        "pool": Question(partial(prefect.ask_pool, api)),
        "deployed": Question(partial(prefect.ask_deployments, api)),
        "net": Question(partial(prefect.ask_safety_net, api)),
        "table": Question(partial(here.ask_table, installation.settings), here.TABLE_PATIENCE_S),
    }
    if not installation.composed and engine_socket.SUPPORTED:
        asked["engine"] = Question(partial(parts.ask_engine, installation.home))
    return asked


def judge(installation: Installation, answers: Mapping[str, Answer[Any]]) -> list[Finding]:
    """Judge what was answered. Pure: the same answers give the same findings."""
    return sorted(_Judge(installation, answers).findings(), key=lambda finding: list(Part).index(finding.part))


def _not_looked_at(part: Part, error: Exception | None) -> Finding:
    """Say why, naming the file where there is one. What a library says may repeat what it was given: its kind does."""
    if isinstance(error, Unreadable):
        return _unreadable(part, error.file, error.why)
    if isinstance(error, OSError) and error.strerror and error.filename:
        return _unreadable(part, error.filename, error.strerror)
    if isinstance(error, OSError) and error.strerror:
        sentence = _("It could not be looked at: {why}.", why=error.strerror)
        return Finding(part, State.WARNING, sentence, _("Correct what the sentence names, and ask again."))
    return Finding(
        part,
        State.WARNING,
        _("It could not be looked at: {why}.", why=type(error).__name__),
        _("Ask again; if it stays like this, pass this line on to who maintains Tranquera."),
    )


def _unreadable(part: Part, file: str | Path, why: str) -> Finding:
    return Finding(
        part,
        State.WARNING,
        _("{file} could not be looked at: {why}.", file=str(file), why=why),
        _("Check that who runs this may read it, and that its disk is in order; then ask again."),
    )


class _Judge:
    def __init__(self, installation: Installation, answers: Mapping[str, Answer[Any]]) -> None:
        self._in = installation
        self._answers = answers
        self._server = self._value("server")
        self._deployed = self._value("deployed")

    def findings(self) -> list[Finding]:
        judged = {
            Part.VERSIONS: self._of(
                "versions", Part.VERSIONS, lambda seen: of_here.judge_versions(seen, self._server, self._in)
            ),
            Part.SERVER: self._judge_server(),
            Part.DATABASE: self._judge_database(),
            Part.REDIS: self._judge_redis(),
            Part.SERVICES: self._of(
                "messages", Part.SERVICES, lambda seen: of_prefect.judge_services(seen, self._server, self._in)
            ),
            Part.WORKERS: self._simple("workers", Part.WORKERS, of_prefect.judge_workers),
            Part.ENGINE: self._simple("engine", Part.ENGINE, of_parts.judge_engine),
            Part.POOL: self._simple("pool", Part.POOL, of_prefect.judge_pool),
            Part.DEPLOYMENTS: self._against_table("deployed", Part.DEPLOYMENTS, self._judge_deployments),
            Part.SAFETY_NET: self._against_table("net", Part.SAFETY_NET, self._judge_net),
            Part.PORTAL: self._judge_portal(),
            Part.DASHBOARD: self._simple("dashboard", Part.DASHBOARD, of_parts.judge_dashboard),
            Part.DISK: self._of("disk", Part.DISK, self._judge_disk),
            Part.GROWTH: self._of("growth", Part.GROWTH, self._judge_growth),
            Part.PRODUCTION: self._of(
                "production", Part.PRODUCTION, lambda seen: of_here.judge_production(seen, self._deployed, self._in)
            ),
            Part.LINKS: self._judge_links(),
            Part.CLOCK: self._of("clock", Part.CLOCK, lambda seen: of_here.judge_clock(seen, self._server, self._in)),
            Part.PASSWORDS: self._of("passwords", Part.PASSWORDS, of_here.judge_passwords),
        }
        return [finding for finding in judged.values() if finding is not None]

    def _value(self, name: str) -> Any:
        answer = self._answers.get(name)
        return answer.value if answer else None

    def _simple(self, name: str, part: Part, judgement: Callable[[Any, Installation], Finding]) -> Finding | None:
        return self._of(name, part, lambda seen: judgement(seen, self._in))

    def _of(self, name: str, part: Part, judgement: Callable[[Any], Finding]) -> Finding | None:
        """Judge an answer; None where the question is none of this installation's."""
        answer = self._answers.get(name)
        if answer is None:
            return None
        if answer.late or answer.error is not None:
            return self._unanswered(part, answer)
        return judgement(answer.value)

    def _unanswered(self, part: Part, answer: Answer[Any]) -> Finding:
        if isinstance(answer.error, ApiTrouble):
            known = self._server is None or self._server.refused or not self._server.ready or self._messages_stuck()
            return Finding(
                part,
                State.UNKNOWN if known else State.WARNING,
                _("It could not be asked: Prefect's server gave no answer ({why}).", why=str(answer.error)),
                "" if known else self._in.restart("prefect-server"),
            )
        if isinstance(answer.error, TranqueraError):
            return Finding(part, State.ERROR, answer.error.sentence())
        if answer.late:
            sentence = _("No answer within {seconds} s.", seconds=number(answer.patience_s))
            return Finding(
                part, State.WARNING, sentence, _("Ask again; if it stays like this, look at what it hangs on.")
            )
        return _not_looked_at(part, answer.error)

    def _messages_stuck(self) -> bool:
        messages = self._value("messages")
        return messages is not None and not messages.accepted

    def _judge_server(self) -> Finding | None:
        answer = self._answers.get("server")
        if answer is None:
            return None if self._in.api else of_prefect.nothing_runs(self._in)
        silent = isinstance(answer.error, ApiTrouble) and answer.error.trouble is Trouble.SILENT
        if silent or answer.late:
            return of_prefect.server_is_silent(self._in)
        return self._of("server", Part.SERVER, of_prefect.judge_server)

    def _judge_database(self) -> Finding | None:
        if "database" in self._answers:
            return self._of(
                "database", Part.DATABASE, lambda seen: of_prefect.judge_database(seen, self._server, self._in)
            )
        if "server" not in self._answers:
            return None
        if self._server is None:
            return Finding(Part.DATABASE, State.UNKNOWN, _("Only Prefect's server sees it, and that does not answer."))
        return of_prefect.judge_database_of_server(self._server, self._in)

    def _judge_redis(self) -> Finding | None:
        return self._simple("messages", Part.REDIS, of_prefect.judge_redis) if self._in.composed else None

    def _judge_portal(self) -> Finding | None:
        answer = self._answers.get("portal")
        if answer is not None and isinstance(answer.error, TranqueraError):
            return of_parts.portal_refuses(answer.error, self._in)
        return self._of("portal", Part.PORTAL, of_parts.judge_portal)

    def _against_table(self, name: str, part: Part, judgement: Callable[[Any], Finding]) -> Finding | None:
        table = self._answers.get("table")
        if table is None or name not in self._answers:
            return None
        if table.late:
            return Finding(
                part,
                State.WARNING,
                _(
                    "The table in flows/deployments.py took more than {seconds} s to be read, so what is at the server "
                    "was not compared with it.",
                    seconds=number(table.patience_s),
                ),
                _("Nothing says that the file is wrong: ask again when this machine has less to do."),
            )
        if table.error is not None:
            return self._unanswered(part, table)
        return self._of(name, part, judgement)

    def _judge_links(self) -> Finding | None:
        answer = self._answers.get("links")
        if answer is None or (answer.value is None and not answer.late and answer.error is None):
            return None  # nobody set any up
        return self._simple("links", Part.LINKS, of_here.judge_links)

    def _judge_deployments(self, deployed: Any) -> Finding:
        return of_deployments.judge_deployments(self._value("table"), deployed, self._in)

    def _judge_net(self, net: Any) -> Finding:
        return of_deployments.judge_safety_net(net, self._value("table"), self._in)

    def _judge_disk(self, disks: Any) -> Finding:
        return of_here.judge_disk(disks, self._in.settings.min_free_mb)

    def _judge_growth(self, growth: Any) -> Finding:
        return of_here.judge_growth(growth, self._in.settings.min_free_mb)
