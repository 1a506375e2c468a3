"""Who may talk to the dashboard: only a browser on this machine, and only from our own pages.

The dashboard listens on loopback, which keeps other machines out. What is left are web pages open in the same browser:
one that resolves its own name to 127.0.0.1 (DNS rebinding) shows in `Host`, one that posts or opens a websocket to us
shows in `Origin`.
"""

from __future__ import annotations

import getpass
import ipaddress
from functools import cache
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

_READING: Final = {"GET", "HEAD"}


def refusal(method: str, hosts: list[str], origins: list[str]) -> HTTPStatus | None:
    """Tell the status that refuses a request, or None when it may pass.

    hosts, origins: every `Host` and `Origin` header of the request. A websocket's handshake counts as writing: give
    its method as `WEBSOCKET`.
    """
    if len(hosts) != 1 or not is_loopback(hosts[0]):
        return HTTPStatus.MISDIRECTED_REQUEST
    # A browser always names the origin of what could change something; a program without one is no browser.
    if method not in _READING and any(not _same(origin, hosts[0]) for origin in origins):
        return HTTPStatus.FORBIDDEN
    return None


def is_loopback(authority: str) -> bool:
    """Tell whether `name[:port]` names this machine: `localhost`, 127.0.0.0/8 or `[::1]`."""
    try:
        parts = urlsplit(f"//{authority}")
        name = parts.hostname
        _ = parts.port  # raises ValueError for nonsense
    except ValueError:
        return False
    if name is None or parts.netloc != authority or "@" in authority:
        return False
    if name.rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


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
