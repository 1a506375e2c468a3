"""The question of a container's health check: `python -m app.stack.container.healthy SERVICE`, status 0 for well.

It is asked every few seconds in every container. So it imports next to nothing: with a library for HTTP it would take
several times the processor.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from contextlib import suppress
from typing import Any, Final

_PATIENCE_S: Final = 4.0
#: The background services say every two seconds that they live; five missed ones are enough.
_SERVICES_SILENCE_S: Final = 12.0


def main() -> None:
    """Ask, and end with the answer; say why on standard output, where `docker inspect` keeps it."""
    try:
        trouble = _QUESTIONS[sys.argv[1]]()
    except (OSError, ValueError, LookupError) as error:
        trouble = f"{type(error).__name__}: {error}"
    print(trouble or "well")  # noqa: T201
    sys.exit(1 if trouble else 0)


def _server() -> str:
    _ask("http://127.0.0.1:4200/api/ready")
    return ""


def _dashboard() -> str:
    _ask("http://127.0.0.1:8501/_stcore/health")
    return ""


def _portal() -> str:
    if not os.environ.get("TRANQUERA_PORTAL__URL"):
        _ask("http://127.0.0.1:8600/openapi.json")
    return ""


def _worker() -> str:
    """Prefect's server has to know this very worker, and to have heard of it lately."""
    from app.stack.container.slot import taken_slot
    from modules.run_protocol import WORK_POOL

    name = f"{os.environ.get('WORKER_NAME') or 'prefect-worker'}-{taken_slot()}"
    workers = json.loads(_ask(f"{os.environ['PREFECT_API_URL']}/work_pools/{WORK_POOL}/workers/filter", {"limit": 200}))
    states = [worker["status"] for worker in workers if worker["name"] == name]
    return "" if states == ["ONLINE"] else f"worker {name}: {', '.join(states) or 'unknown to the server'}"


def _services() -> str:
    """The background services keep a sign of life in redis, under the name of this host; it is passed on as a file."""
    from urllib.parse import urlsplit

    from app.stack.container import services_sign

    address = urlsplit(os.environ["PREFECT_SERVER_DOCKET_URL"])
    with _connection(address.hostname or "", address.port or 6379) as redis, redis.makefile("rwb") as answers:
        if address.password:
            _redis(answers, "AUTH", *filter(None, [address.username]), address.password)
        _redis(answers, "SELECT", address.path.strip("/") or "0")
        seen: list[Any] = _redis(answers, "ZRANGE", "prefect:workers", "0", "-1", "WITHSCORES")
    here = socket.gethostname()
    last = max((float(when) for name, when in zip(seen[::2], seen[1::2], strict=True) if here in name), default=0.0)
    if time.time() - last >= _SERVICES_SILENCE_S:
        return "the background services give no sign of life"
    with suppress(OSError):  # a file that cannot be written is no reason to call them dead
        services_sign.renew(os.environ["TRANQUERA_HOME"])
    return ""


def _redis(connection: Any, *words: str) -> Any:
    """Send a command and read its answer: https://redis.io/docs/latest/develop/reference/protocol-spec/."""
    connection.write(f"*{len(words)}\r\n".encode())
    for word in words:
        connection.write(f"${len(word.encode())}\r\n{word}\r\n".encode())
    connection.flush()
    return _answer(connection)


def _answer(connection: Any) -> Any:
    line = connection.readline().decode().rstrip()
    kind, rest = line[:1], line[1:]
    if kind == "*":
        return [_answer(connection) for _ in range(int(rest))]
    if kind == "$":
        return connection.read(int(rest) + 2)[:-2].decode()
    if kind == "-":
        raise ValueError(rest)
    return rest


def _ask(url: str, body: Any = None) -> bytes:
    """Ask with a GET, or POST `body`; raises OSError for no answer and ValueError for one that is an error."""
    authority, _slash, path = url.removeprefix("http://").partition("/")
    host, _colon, port = authority.partition(":")
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [f"{'POST' if sent else 'GET'} /{path} HTTP/1.0", f"Host: {authority}", f"Content-Length: {len(sent)}"]
    if sent:
        lines.append("Content-Type: application/json")
    if password := _password():
        from base64 import b64encode

        lines.append(f"Authorization: Basic {b64encode(password.encode()).decode()}")
    with _connection(host, int(port or 80)) as connection, connection.makefile("rwb") as answers:
        answers.write("\r\n".join([*lines, "", ""]).encode() + sent)
        answers.flush()
        head, _blank, said = answers.read().partition(b"\r\n\r\n")
    status = head.split(b"\r\n", 1)[0].decode(errors="replace")
    if status.split(" ")[1:2] not in (["200"], ["204"]):
        raise ValueError(f"{url} answers {status or 'nothing'}")
    return bytes(said)


def _password() -> str:
    """Give `user:password` of Prefect's API, first from a file, as `secret_files` does for what the container runs."""
    said = ""
    if file := os.environ.get("PREFECT_API_AUTH_STRING_FILE"):
        with open(file, encoding="utf-8") as secret:  # noqa: PTH123  (pathlib would be one more import)
            said = secret.read().strip()
    return said or os.environ.get("PREFECT_API_AUTH_STRING", "")


def _connection(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), _PATIENCE_S)


_QUESTIONS: Final = {
    "prefect-server": _server,
    "prefect-services": _services,
    "prefect-worker": _worker,
    "dashboard": _dashboard,
    "portal": _portal,
}

if __name__ == "__main__":
    main()
