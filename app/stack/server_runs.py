"""Runs as the caretaker of Prefect's server finds and ends them, over the server's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

#: Prefect's own limit for a page of anything.
_PAGE: Final = 200


async def find_runs(client: httpx.AsyncClient, of: dict[str, Any]) -> list[dict[str, Any]]:
    """List all runs that a filter of Prefect's leaves, those that should have begun last first."""
    query = {"flow_runs": of, "sort": "EXPECTED_START_TIME_DESC", "limit": _PAGE}
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.post("/flow_runs/filter", json={**query, "offset": len(found)})
        answer.raise_for_status()
        page = answer.json()
        found += page
        if len(page) < _PAGE:
            return found


async def end_runs(client: httpx.AsyncClient, runs: Sequence[dict[str, Any]], state: str, message: str) -> None:
    """End runs, whatever they are in, as `state` (`Crashed` or `Cancelled`); their pages say the message."""
    ended = {"state": {"type": state.upper(), "name": state, "message": message}, "force": True}
    for run in runs:
        (await client.post(f"/flow_runs/{run['id']}/set_state", json=ended)).raise_for_status()
