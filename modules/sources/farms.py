"""Farms by name or id, as people write them."""

from __future__ import annotations

from collections.abc import Sequence

from modules.domain.farm import Farm
from modules.domain.names import find_named, names_like
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
    ids = find_named(wanted, {farm.id: farm.name for farm in farms})
    if len(ids) > 1:
        raise RequestError(
            N_("Several farms are called “{name}”. Choose one by its id: {ids}."), name=wanted, ids=", ".join(ids)
        )
    if not ids:
        raise _unknown(farms, wanted)
    return next(farm for farm in farms if farm.id == ids[0])


def _unknown(farms: Sequence[Farm], wanted: str) -> RequestError:
    alike = names_like(wanted, (farm.name for farm in farms))
    if alike:
        return RequestError(
            N_("The portal has no farm “{name}”. Perhaps one of these: {alike}."), name=wanted, alike=", ".join(alike)
        )
    return RequestError(N_("The portal has no farm “{name}”."), name=wanted)
