"""Prefect's API, asked plainly and never for long: its own client is patient for minutes."""

from __future__ import annotations

import time
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import httpx

_TIMEOUT_S: Final = 3.0
#: SQLite refuses at once what it cannot do while it is busy.
_BUSY_TRIES: Final = 5
_BUSY_PAUSE_S: Final = 0.3
_PAGE: Final = 200


class Trouble(StrEnum):
    """Why a question was not answered."""

    SILENT = "silent"
    REFUSED = "refused"
    FAILED = "failed"


class ApiTrouble(Exception):
    """The server did not answer a question. Says the route and the status; never what was sent.

    status: that of HTTP, None where nobody answered
    """

    def __init__(self, trouble: Trouble, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.trouble = trouble
        self.status = status


class Api:
    """Prefect's API at `address` (which ends in /api). May be used from several threads.

    account: `user:password`, where the server asks for one
    """

    def __init__(self, address: str, account: str = "") -> None:
        user, colon, password = account.partition(":")
        auth = httpx.BasicAuth(user, password) if colon else None
        # Nobody has to close it: a thread that was given up may be using it still.
        self._client = httpx.Client(
            base_url=address, timeout=_TIMEOUT_S, trust_env=False, auth=auth, headers={"Connection": "close"}
        )

    def raw(self, path: str) -> httpx.Response:
        """GET a path, whatever the status; raises ApiTrouble when nobody answers."""
        return self._send("GET", path, None)

    def get(self, path: str) -> Any:
        """GET a path; None where there is no such thing. Raises ApiTrouble."""
        answer = self._send("GET", path, None)
        return None if answer.status_code == HTTPStatus.NOT_FOUND else self._checked(answer, path)

    def post(self, path: str, body: Any) -> Any:
        """POST a question; None where there is no such thing. Raises ApiTrouble."""
        answer = self._send("POST", path, body)
        return None if answer.status_code == HTTPStatus.NOT_FOUND else self._checked(answer, path)

    def change(self, method: str, path: str, body: Any = None) -> None:
        """PATCH, POST or DELETE something that is there. Raises ApiTrouble."""
        self._checked(self._send(method, path, body), path)

    def all(self, path: str, body: dict[str, Any] | None = None) -> list[Any]:
        """POST a question that is answered page by page, until all is there. Raises ApiTrouble."""
        found: list[Any] = []
        while True:
            page = self.post(path, {**(body or {}), "limit": _PAGE, "offset": len(found)}) or []
            found += page
            if len(page) < _PAGE:
                return found

    def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        try:
            for _try in range(_BUSY_TRIES):
                answer = self._client.request(method, path, json=body)
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or path == "/ready":
                    break
                time.sleep(_BUSY_PAUSE_S)
        except httpx.HTTPError as error:
            raise ApiTrouble(Trouble.SILENT, f"{path}: {type(error).__name__}") from None
        return answer

    def _checked(self, answer: httpx.Response, path: str) -> Any:
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise ApiTrouble(Trouble.REFUSED, f"{path}: {answer.status_code}", answer.status_code)
        if not answer.is_success:
            raise ApiTrouble(Trouble.FAILED, f"{path}: {answer.status_code}", answer.status_code)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise ApiTrouble(Trouble.FAILED, f"{path}: no JSON", answer.status_code) from None
