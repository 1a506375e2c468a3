"""What the portal offers to choose from, and whether it answers, asked for in a hurry: somebody looks at a page."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.services.choices import Choices
from modules.errors import PortalRefused, TranqueraError

if TYPE_CHECKING:
    from modules.settings import PortalSettings
    from modules.sources.base import Source

#: A form that opens late is worse than one that says that the portal is slow: one try, a few seconds.
_HURRY: Final = {"attempts": 1, "connect_timeout_s": 2.0, "read_timeout_s": 3.0, "deadline_s": 4.0}
#: It is somebody else's server, and each question logs in there: a page that is open all day must not do that every
#: five seconds, least of all with an account that is refused.
_COUNTS_FOR_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """Whether a portal is a simulator, or that it refused; and when it said so, by `time.monotonic`."""

    at: float
    said: bool | PortalRefused


#: The last answers by the portals' addresses: account and token are the same as long as the process lives.
_answers: dict[str | None, _Answer] = {}


def choices(portal: PortalSettings) -> Choices:
    """Ask the portal for its seasons and farms. Raises TranqueraError after a few seconds at most."""
    try:
        with closing(_open(portal)) as source, ThreadPoolExecutor(max_workers=2) as pool:
            seasons, farms = pool.submit(source.seasons), pool.submit(source.farms)
            found = Choices([str(season) for season in seasons.result()], farms.result())
            _keep(portal, source.is_simulator())
            return found
    except PortalRefused as refused:
        _keep(portal, refused)
        raise
    except TranqueraError:
        _answers.pop(portal.url, None)  # whoever believes it to be well asks again
        raise


def is_simulator(portal: PortalSettings) -> bool:
    """Tell whether the portal answers with invented data. Raises TranqueraError when it does not answer."""
    with closing(_open(portal)) as source:
        source.seasons()  # the portal's answer tells what it is
        return source.is_simulator()


def last_said(portal: PortalSettings, *, within_s: float) -> bool:
    """Tell whether the portal is a simulator by its last answer; it is asked where that is older than half a minute.

    A refusal counts as an answer. No answer does not, nor one that took longer than `within_s`, s: whoever asks has
    gone on by then, and would take a portal that is always slow for one that is well now and then. Raises
    TranqueraError as `is_simulator` does.
    """
    began = time.monotonic()
    known = _answers.get(portal.url)
    if known is not None and began - known.at <= _COUNTS_FOR_S:
        if isinstance(known.said, PortalRefused):
            raise _anew(known.said)
        return known.said
    try:
        simulated = is_simulator(portal)
    except PortalRefused as refused:
        _keep(portal, refused)
        raise
    if time.monotonic() - began < within_s:
        _keep(portal, simulated)
    return simulated


def _keep(portal: PortalSettings, said: bool | PortalRefused) -> None:
    _answers[portal.url] = _Answer(time.monotonic(), _anew(said) if isinstance(said, PortalRefused) else said)


def _anew(refused: PortalRefused) -> PortalRefused:
    """The same, without the calls that it went through and what they hold."""
    return type(refused)(refused.template, **refused.values)


def _open(portal: PortalSettings) -> Source:
    from modules.sources.databaler import open_portal

    return open_portal(portal.model_copy(update=_HURRY))
