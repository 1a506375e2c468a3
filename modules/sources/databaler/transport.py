"""One exchange with the portal: send, wait, try again, and hand over a whole JSON body or raise.

Says nothing about what a body means. Retries live here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from modules.domain.layers import Layer
from modules.errors import PortalAnswerInvalid, PortalError, PortalRefused, PortalUnreachable
from modules.i18n import N_
from modules.settings import PortalSettings
from modules.sources.databaler.contract import SIMULATOR_HEADER
from modules.sources.databaler.punctual import PunctualAdapter
from modules.sources.databaler.waiting import Clock, pause_s

#: Too many requests, and the server errors that pass (RFC 9110, RFC 6585).
RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 3
_PIECE: Final = 1 << 16
_ACCEPT: Final = "application/geo+json, application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `resource` is what people and the contract call it, such as lotes."""

    resource: str
    url: str
    form: Mapping[str, str] | None = field(default=None, repr=False)  # sent as JSON by POST; may hold a secret


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer with status 200 and JSON in its body, from `url`."""

    url: str
    body: bytes = field(repr=False)
    simulated: bool


class Unauthorized(PortalRefused):
    """The portal answered 401: the token is not, or no longer, good."""


class GivenUp(PortalError):
    """Nobody waits for the answer any more."""


class _Passing(Exception):
    """A trouble that may be gone at the next try."""

    def __init__(self, outcome: PortalUnreachable, retry_after: str | None = None) -> None:
        super().__init__()
        self.outcome = outcome
        self.retry_after = retry_after


class Transport:
    """A session with one portal. Safe to use from several threads."""

    def __init__(self, settings: PortalSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session = requests.Session()
        # Without an auth of its own, requests would take one from ~/.netrc and overwrite our header.
        self._session.auth = lambda request: request
        self._closed = Event()
        self._adapter = PunctualAdapter(
            # Its threads, and those that fetch layers and ask for the first page of each.
            connections=settings.threads + len(Layer),
            read_timeout_s=settings.read_timeout_s,
            deadline_s=settings.deadline_s,
        )
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    def send(self, call: Call, authorization: str | None = None) -> Answer:
        """Send until an answer comes or the tries are spent.

        Raises Unauthorized for 401, PortalRefused for 403 and redirects to another host, PortalUnreachable when the
        portal cannot be reached or keeps failing, PortalAnswerInvalid for anything that is not JSON, GivenUp after
        `close`.
        """
        attempt = 1
        while True:
            try:
                self._require_open()
                answer = self._follow(call, authorization)
            except _Passing as trouble:
                self._require_open()  # else it is no trouble of the portal's
                if attempt == self._settings.attempts:
                    raise trouble.outcome from None
                pause = pause_s(attempt, trouble.retry_after, self._settings, self._clock)
                self._clock.sleep(pause, self._closed)
                attempt += 1
            else:
                self._require_open()  # where it was cut off, it may look whole
                return answer

    def close(self) -> None:
        """Close the connections. Whoever waits for an answer in another thread gets GivenUp.

        At once, but for a connection that is being made, which ends by its own limits of time.
        """
        self._closed.set()
        self._adapter.cut_off()
        self._session.close()

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise GivenUp(N_("What was asked of the portal was given up. Nothing was saved."))

    def _follow(self, call: Call, authorization: str | None) -> Answer:
        """Exchange, following redirects as long as they stay at the same origin."""
        url = call.url
        for _hop in range(_MOST_REDIRECTS + 1):
            with self._open(call, url, authorization) as response:
                if response.status_code not in _REDIRECTS or call.form is not None:
                    _check(response, call)
                    return Answer(response.url, self._read(response, call), SIMULATOR_HEADER in response.headers)
                url = same_origin(url, response.headers.get("Location", ""), call.resource)
        raise PortalAnswerInvalid(
            N_(
                "The portal keeps redirecting “{resource}” in a circle. Nothing was saved. "
                "Tell whoever runs the portal."
            ),
            resource=call.resource,
        )

    def _open(self, call: Call, url: str, authorization: str | None) -> requests.Response:
        headers = {"Accept": _ACCEPT} | ({"Authorization": authorization} if authorization else {})
        started = self._clock.monotonic()
        try:
            return self._session.request(
                "GET" if call.form is None else "POST",
                url,
                json=call.form,
                headers=headers,
                timeout=(self._settings.connect_timeout_s, self._settings.read_timeout_s),
                allow_redirects=False,
                stream=True,
            )
        except requests.ReadTimeout:
            raise self._too_slow(call, started) from None
        except (requests.exceptions.InvalidHeader, UnicodeError):
            # The library's message would show the token.
            raise _refusal(requests.codes.unauthorized, call.resource) from None
        except requests.exceptions.SSLError:
            raise _not_secure(url) from None
        except requests.RequestException:
            raise _Passing(_no_answer(url)) from None

    def _read(self, response: requests.Response, call: Call) -> bytes:
        """Read a body to its end; shorter than announced is a passing trouble."""
        started = self._clock.monotonic() - response.elapsed.total_seconds()
        pieces = []
        try:
            while piece := response.raw.read1(_PIECE, decode_content=True):
                pieces.append(piece)
        except urllib3.exceptions.ReadTimeoutError:
            raise self._too_slow(call, started) from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise _Passing(
                PortalUnreachable(
                    N_(
                        "The portal's answers to “{resource}” break off half-way. Nothing was saved. "
                        "Try again in a while; if it stays so, tell whoever runs the portal."
                    ),
                    resource=call.resource,
                )
            ) from None
        return b"".join(pieces)

    def _too_slow(self, call: Call, started: float) -> Exception:
        """A silence is worth another try; a whole deadline spent on one answer is not."""
        seconds = self._settings.deadline_s
        outcome = PortalUnreachable(
            N_(
                "The portal answers too slowly: “{resource}” did not arrive within {seconds} s. Nothing was saved. "
                "Try again in a while."
            ),
            resource=call.resource,
            seconds=f"{seconds:g}",
        )
        return outcome if self._clock.monotonic() - started >= seconds else _Passing(outcome)


def same_origin(base: str, link: str, resource: str) -> str:
    """Resolve `link` against `base`; raises PortalRefused when it leads to another origin.

    Another host must never see the token, and what it says would not be the portal's word.
    """
    try:
        target = urljoin(base, link)
        there = urlsplit(target)
    except ValueError:
        target, there = "", urlsplit("")
    here = urlsplit(base)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise PortalRefused(
            N_(
                "The portal sends “{resource}” on to another address ({host}). It was not followed, the access key was "
                "not sent there and nothing was saved. If the portal has moved, correct its address in the settings."
            ),
            resource=resource,
            host=there.hostname or "?",
        )
    return target


def _check(response: requests.Response, call: Call) -> None:
    """Raise for every answer but 200 with JSON."""
    status = response.status_code
    if status in RETRIED:
        raise _Passing(_failing(status, call.resource), response.headers.get("Retry-After"))
    if status != requests.codes.ok:
        raise _refusal(status, call.resource)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise PortalAnswerInvalid(
            N_(
                "The portal answered “{resource}” with a page ({kind}) instead of data, perhaps its log-in page. "
                "Nothing was saved. Check the portal's address and access in the settings."
            ),
            resource=call.resource,
            kind=kind or "?",
        )


def _no_answer(url: str) -> PortalUnreachable:
    return PortalUnreachable(
        N_(
            "The portal at {host} does not answer. Nothing was saved. "
            "Check the connection, or ask whoever runs the portal."
        ),
        host=urlsplit(url).hostname,
    )


def _not_secure(url: str) -> PortalRefused:
    return PortalRefused(
        N_(
            "No secure connection to the portal at {host} can be made; its certificate may be wrong or expired. "
            "The access key was not sent and nothing was saved. Tell whoever runs the portal."
        ),
        host=urlsplit(url).hostname,
    )


def _failing(status: int, resource: str) -> PortalUnreachable:
    if status == requests.codes.too_many_requests:
        template = N_(
            "The portal is refusing “{resource}” because it gets too many requests. Nothing was saved. "
            "Try again in a while."
        )
    else:
        template = N_(
            "The portal is failing at “{resource}”. Nothing was saved. "
            "Try again in a while; if it stays so, tell whoever runs the portal."
        )
    return PortalUnreachable(template, resource=resource, status=status)


def _refusal(status: int, resource: str) -> PortalError:
    if status == requests.codes.unauthorized:
        return Unauthorized(
            N_(
                "The portal does not accept the access key for “{resource}”. Nothing was saved. "
                "Renew it in the settings."
            ),
            resource=resource,
        )
    if status == requests.codes.forbidden:
        return PortalRefused(
            N_(
                "The portal does not allow this account to read “{resource}”. Nothing was saved. "
                "Ask whoever runs the portal for access."
            ),
            resource=resource,
        )
    return PortalAnswerInvalid(
        N_(
            "The portal does not offer “{resource}” as agreed. Nothing was saved. "
            "Check the portal's address and routes in the settings."
        ),
        resource=resource,
        status=status,
    )
