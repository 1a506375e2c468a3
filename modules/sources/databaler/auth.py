"""Who we are to the portal: a fixed token, or one that is asked for and renewed."""

from __future__ import annotations

import threading
from typing import Protocol

import msgspec

from modules.errors import PortalAnswerInvalid, PortalRefused
from modules.i18n import N_
from modules.settings import PortalSettings
from modules.sources.databaler.transport import Answer, Call, Transport, Unauthorized


class _Tokens(Protocol):
    def current(self) -> str | None:
        """Give the token to send, None when the portal is open."""

    def renew(self, stale: str | None, refusal: Unauthorized) -> str:
        """Give another token than `stale`, or raise `refusal`."""


class Authorized:
    """A transport that brings its token along, and renews it once when the portal no longer accepts it."""

    def __init__(self, transport: Transport, settings: PortalSettings, token_url: str) -> None:
        self._transport = transport
        self._scheme = settings.auth_scheme
        self._tokens = _tokens(transport, settings, token_url)

    def get(self, call: Call) -> Answer:
        """Send `call`. Raises as `Transport.send` does; a second 401 is final."""
        token = self._tokens.current()
        try:
            return self._send(call, token)
        except Unauthorized as refusal:
            return self._send(call, self._tokens.renew(token, refusal))

    def _send(self, call: Call, token: str | None) -> Answer:
        return self._transport.send(call, f"{self._scheme} {token}" if token else None)


def _tokens(transport: Transport, settings: PortalSettings, token_url: str) -> _Tokens:
    if settings.client_id is not None and settings.client_secret is not None:
        return _AskedTokens(transport, settings, token_url)
    return _FixedToken(settings.token.get_secret_value() if settings.token else None)


class _FixedToken:
    def __init__(self, token: str | None) -> None:
        self._token = token

    def current(self) -> str | None:
        return self._token

    def renew(self, _stale: str | None, refusal: Unauthorized) -> str:
        raise refusal


class _Grant(msgspec.Struct):
    """The answer of the token route (RFC 6749, 5.1)."""

    access_token: str


class _AskedTokens:
    """Tokens for a client id and secret. Threads that meet an expired one wait for a single new one."""

    def __init__(self, transport: Transport, settings: PortalSettings, url: str) -> None:
        self._transport = transport
        self._settings = settings
        self._url = url
        self._lock = threading.Lock()
        self._token: str | None = None

    def current(self) -> str:
        with self._lock:
            if self._token is None:
                self._token = self._ask()
            return self._token

    def renew(self, stale: str | None, _refusal: Unauthorized) -> str:
        with self._lock:
            if self._token is None or self._token == stale:
                self._token = self._ask()
            return self._token

    def _ask(self) -> str:
        secret = self._settings.client_secret
        form = {
            "client_id": self._settings.client_id or "",
            "client_secret": secret.get_secret_value() if secret else "",
        }
        try:
            answer = self._transport.send(Call("token", self._url, form))
            return msgspec.json.decode(answer.body, type=_Grant).access_token
        except Unauthorized:
            raise PortalRefused(
                N_(
                    "The portal does not accept the account of the settings. Nothing was saved. "
                    "Correct the client id and its secret in the settings."
                )
            ) from None
        except msgspec.DecodeError:
            raise PortalAnswerInvalid(
                N_("The portal's answer to the log-in holds no access token. Nothing was saved.")
            ) from None
