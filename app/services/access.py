"""Who may talk to the dashboard: only a browser on this machine, and only from our own pages.

The dashboard listens on loopback, which keeps other machines out; it goes beyond only where a proxy in front asks who
it is (`Settings.hosts`), and answers to the names of that proxy then. What is left are web pages open in the same
browser: one that resolves its own name to 127.0.0.1 (DNS rebinding) shows in `Host`, one that posts or opens a
websocket to us shows in `Origin`.
"""

from __future__ import annotations

import getpass
import ipaddress
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from modules.errors import SettingsError
from modules.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Collection

    from modules.settings import Settings

_READING: Final = {"GET", "HEAD"}


def refusal(
    method: str, hosts: list[str], origins: list[str], names: Collection[str] = frozenset()
) -> HTTPStatus | None:
    """Tell the status that refuses a request, or None when it may pass.

    hosts, origins: every `Host` and `Origin` header of the request. A websocket's handshake counts as writing: give
    its method as `WEBSOCKET`.
    names: host names that are as good as this machine's own, in small letters
    """
    if len(hosts) != 1 or not (is_loopback(hosts[0]) or _name_of(hosts[0]) in names):
        return HTTPStatus.MISDIRECTED_REQUEST
    # A browser always names the origin of what could change something; a program without one is no browser.
    if method not in _READING and any(not _same(origin, hosts[0]) for origin in origins):
        return HTTPStatus.FORBIDDEN
    return None


def refuse_beyond_loopback(listens_on: str | None, settings: Settings) -> None:
    """Raise SettingsError where other machines could reach the dashboard and nobody asks them who they are.

    listens_on: address of the socket (None: all). Inside a container it says nothing; `settings.published_on` does.
    """
    reached = settings.published_on or listens_on or "0.0.0.0"  # noqa: S104  (an address to refuse)
    if is_loopback(f"[{reached}]" if ":" in reached else reached) or settings.host_names:
        return
    raise SettingsError(
        N_(
            "The dashboard has no login yet, so it does not let itself be reached at {address}. Nothing was started. "
            "Publish it on 127.0.0.1; or put a proxy with a login in front and name it in TRANQUERA_HOSTS."
        ),
        address=reached,
    )


def is_loopback(authority: str) -> bool:
    """Tell whether `name[:port]` names this machine: `localhost`, 127.0.0.0/8 or `[::1]`."""
    name = _name_of(authority)
    if name is None:
        return False
    if name.rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name_of(authority: str) -> str | None:
    """Read the name of `name[:port]`, in small letters; None for nonsense."""
    try:
        parts = urlsplit(f"//{authority}")
        name = parts.hostname
        _ = parts.port  # raises ValueError for nonsense
    except ValueError:
        return None
    return None if parts.netloc != authority or "@" in authority else name


def _same(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc == host


@cache
def person() -> str:
    """Name the person that runs things from this machine, for the history: the name of their account."""
    try:
        return _full_name() or getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in some containers
        return ""


def _full_name() -> str:
    import os

    if os.name == "nt":
        return ""
    import pwd

    return pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
