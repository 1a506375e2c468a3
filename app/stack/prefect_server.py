"""Prefect's own server behind our guard, for `uvicorn --factory app.stack.prefect_server:create_app`.

Prefect has none: a page of another origin, open in the operator's browser, could start and pause flows or listen to
their events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.guard import Guard
from app.stack.caretaker import Caretaker
from app.stack.lost_slots import LostSlots
from modules.settings import load_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """Make the server's application; it answers to loopback host names and its own pages only.

    The guard stands around Prefect's application and not in it: automations call that from within, under a made-up
    host name. Among the composed services it answers to its name there too (`TRANQUERA_HOSTS`).
    """
    from prefect.server.api.server import create_app as create_prefect
    from prefect.settings.context import get_current_settings

    from app.stack.prefect_leases import PrefectLeases

    # Of several servers one makes the database's tables, and only that one gives turns back.
    first = get_current_settings().server.database.migrate_on_start
    prefect = Caretaker(create_prefect(final=True), LostSlots(PrefectLeases()) if first else None)
    names = load_settings().host_names
    sentence = (
        "This server does not know the name by which it was asked. docs/deploy.md, More machines, says how to add it."
    )
    return Guard(
        prefect, sentence=lambda: sentence if names else "This server answers to this machine only.", names=names
    )
