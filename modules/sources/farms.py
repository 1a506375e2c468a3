"""Farms by name or id, as people write them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from modules.domain.farm import Farm
from modules.errors import RequestError
from modules.i18n import N_
from modules.sources.base import Source


def resolve_farms(source: Source, names_or_ids: Sequence[str]) -> list[Farm]:
    """Find farms by id, by exact name, or by name without regard to case and accents; each farm once, in order.

    Asks the source only when there is something to find. Raises RequestError for a name that is unknown (with those
    that look like it) or belongs to several farms, PortalError when the source fails.
    """
    if not names_or_ids:
        return []
    farms = source.farms()
    return list(dict.fromkeys(_find(farms, wanted) for wanted in names_or_ids))


def _find(farms: Sequence[Farm], wanted: str) -> Farm:
    ways: tuple[Callable[[Farm], bool], ...] = (
        lambda farm: farm.id == wanted,
        lambda farm: farm.name == wanted,
        lambda farm: _plain(farm.name) == _plain(wanted),
    )
    for way in ways:
        found = [farm for farm in farms if way(farm)]
        if len(found) == 1:
            return found[0]
        if found:
            raise RequestError(
                N_("Several farms are called “{name}”. Choose one by its id: {ids}."),
                name=wanted,
                ids=", ".join(farm.id for farm in found),
            )
    raise _unknown(farms, wanted)


def _unknown(farms: Sequence[Farm], wanted: str) -> RequestError:
    names = {_plain(farm.name): farm.name for farm in farms}
    alike = [names[plain] for plain in get_close_matches(_plain(wanted), names)]
    if alike:
        return RequestError(
            N_("The portal has no farm “{name}”. Perhaps one of these: {alike}."), name=wanted, alike=", ".join(alike)
        )
    return RequestError(N_("The portal has no farm “{name}”."), name=wanted)


def _plain(text: str) -> str:
    """A name without case, accents and doubled spaces: for finding, never for telling apart."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())
