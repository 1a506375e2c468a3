"""Prefect's client, opened for one question, and what goes wrong with it in our words."""

from __future__ import annotations

import json
import os
import ssl
from base64 import b64encode
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from modules.errors import RequestError, RunRejected, ServerUnreachable
from modules.i18n import N_
from modules.typed import typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from prefect.client.orchestration import SyncPrefectClient

# Prefect's client tries again what SQLite refuses with 503 while it is busy, after 2, 4 and 8 seconds; by default it
# goes on for a minute. The first import of anything of Prefect's reads it for good, so it is told here.
os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", "3")

#: Prefect's own limit for a page of anything.
PAGE: Final = 200
#: A click has to be answered within five seconds when the server is gone or hangs. Prefect's client is more patient
#: than a person (minutes, by its retries), so the server is asked for a sign of life first.
_SIGN_OF_LIFE_S: Final = 2.0
#: A server whose database is gone looks for it for seconds before it says so; the strip of parts waits two.
_READY_S: Final = 1.5
#: A lease of Prefect's limits that nobody ever had.
_NO_LEASE: Final = UUID(int=0)


@contextmanager
def open_client() -> Iterator[SyncPrefectClient]:
    """Open Prefect's client, and say in our words what goes wrong with it.

    Raises ServerUnreachable, RunRejected or RequestError, see `app.services.runs`.
    """
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
    from prefect.settings import PREFECT_API_URL

    try:
        address = PREFECT_API_URL.value() or ""
        _sign_of_life().get(f"{address}/health")
        how = {"verify": _no_authorities()} if address.startswith("http://") else None
        with get_client(httpx_settings=how, sync_client=True) as client:
            yield client
    except ObjectNotFound:
        raise RequestError(
            N_("That run or process does not exist any more. The list of runs shows what does.")
        ) from None
    except PrefectHTTPStatusError as error:
        if error.response.is_server_error:
            raise ServerUnreachable(
                N_(
                    "The server of flows cannot do its work at this moment (error {status}); its database may be "
                    "starting again. Wait a minute: the list of runs shows whether anything was started. If it stays "
                    "like this, “{command}” says what is wrong."
                ),
                command=typed("doctor"),
                status=error.response.status_code,
            ) from error
        raise RunRejected(
            N_("The server of flows refused the request: {why}. Nothing was started or changed."), why=_detail(error)
        ) from None
    except (httpx.HTTPError, RuntimeError) as error:
        raise ServerUnreachable(
            N_(
                "The server of flows does not answer, so nothing was started or changed. "
                "Wait a minute and try again; if it stays like this, restart Tranquera."
            )
        ) from error


@cache
def _sign_of_life() -> httpx.Client:
    import httpx

    return httpx.Client(timeout=_SIGN_OF_LIFE_S, trust_env=False)


@cache
def _no_authorities() -> ssl.SSLContext:
    """Trusts no authority, as plain HTTP needs none. A redirect from there to HTTPS would fail.

    Without it, Prefect's client reads all authorities anew for each question: 50 ms of a processor.
    """
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _detail(error: Any) -> str:
    try:
        detail = error.response.json().get("detail")
    except (json.JSONDecodeError, AttributeError):
        detail = None
    return str(detail or error.response.status_code)


def server_answers() -> bool:
    """Tell within a second or two whether Prefect's server answers and has its database."""
    answer = _sign("GET", "/ready")
    return answer is not None and answer.is_success


def redis_answers() -> bool:
    """Tell as fast whether Prefect's server has its redis, without which no run is made. An embedded one needs none.

    The server has no question for that. To renew a lease it has to look there; that it finds none (410) is enough.
    """
    from prefect.settings import PREFECT_API_AUTH_STRING

    secret = PREFECT_API_AUTH_STRING.value()
    account = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    answer = _sign("POST", f"/v2/concurrency_limits/leases/{_NO_LEASE}/renew", json={}, headers=account)
    return answer is not None and not answer.is_server_error


def _sign(method: str, path: str, **more: Any) -> httpx.Response | None:
    """Ask without Prefect's client; None where no answer comes in time."""
    import httpx
    from prefect.settings import PREFECT_API_URL

    try:
        return _sign_of_life().request(method, f"{PREFECT_API_URL.value()}{path}", timeout=_READY_S, **more)
    except httpx.HTTPError:
        return None
