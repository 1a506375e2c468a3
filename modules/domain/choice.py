"""Farms and crops as somebody chose them: what is meant by an id or a name, and how the choice is called.

Everything that is made of a backup asks here, so that one choice means the same to all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from modules.domain.names import NO_CROP, NO_FARM, find_named, names_like, natural_key, plain_name
from modules.errors import RequestError
from modules.i18n import N_

_CROP: Final = "cultivo"
#: How many names an error tells.
_NAMES_TOLD: Final = 3


def known_crops(fields: pa.Table) -> pa.Table:
    """Give fields in which a crop of blanks is none, as what was never written is."""
    place = fields.schema.get_field_index(_CROP)
    if place < 0:
        return fields
    crops = fields[_CROP]
    blank = pc.equal(pc.utf8_trim_whitespace(crops), "")
    if not pc.any(blank).as_py():
        return fields
    none = pa.scalar(None, crops.type)
    return fields.set_column(place, fields.schema.field(place), pc.if_else(blank.fill_null(True), none, crops))


def named_farms(tables: Iterable[pa.Table]) -> dict[str, str]:
    """Name the farms of tables (`campo_id`, `campo`) by their ids: as the first row does that names it.

    One that no row names is `sin campo`.
    """
    farms: dict[str, str] = {}
    for table in tables:
        rows = zip(table["campo_id"].to_pylist(), table["campo"].to_pylist(), strict=True)
        for farm, name in dict.fromkeys(rows):
            if farm is not None and not farms.get(farm):
                farms[farm] = name if name and name.strip() else ""
    return {farm: name or NO_FARM for farm, name in farms.items()}


def find_farms(known: Mapping[str, str], wanted: Sequence[str]) -> list[str]:
    """Find the ids of farms, each by its id, its exact name, or its name without case and accents.

    known: names by ids. Raises RequestError for one that is not there, and for a name that several have.
    """
    found: dict[str, None] = {}
    for name in wanted:
        ids = find_named(name, known)
        if len(ids) > 1:
            raise RequestError(
                N_("Several farms are called “{name}”. Choose one by its id: {ids}."),
                name=name,
                ids=", ".join(sorted(ids)),
            )
        if not ids:
            raise _unknown(
                N_("The backup has no farm “{name}”. Nothing was changed. It has: {known}."), name, known.values()
            )
        found[ids[0]] = None
    return list(found)


def find_crops(known: Iterable[str | None], wanted: Sequence[str]) -> list[str]:
    """Find crops by exact name, else by all that have it but for case and accents; None is `sin cultivo`.

    Raises RequestError for one that is not there.
    """
    names = {crop or NO_CROP: crop or NO_CROP for crop in known}
    found: dict[str, None] = {}
    for name in wanted:
        crops = find_named(name, names)
        if not crops:
            raise _unknown(
                N_("The backup has no crop “{name}”. Nothing was changed. It has: {known}."), name, names.values()
            )
        found |= dict.fromkeys(crops)
    return list(found)


def titles_of(chosen: Collection[str], known: Mapping[str, str]) -> list[str]:
    """Name what was chosen in the order of names, whatever the order of the choice.

    Of several that share a name it is told with the id, unless all of them were chosen; the nameless go by their id.
    known: names by ids
    """
    left_out = {plain_name(name) for each, name in known.items() if each not in chosen} if chosen else set()

    def title(each: str) -> str:
        name = known[each]
        if not name.strip():
            return each
        return f"{name} {each}" if plain_name(name) in left_out else name

    return in_order(map(title, chosen))


def in_order(names: Iterable[str]) -> list[str]:
    """Put names in an order that depends on nothing but them, each once."""
    return sorted(set(names), key=lambda name: (natural_key(name), name))


def _unknown(template: str, wanted: str, known: Collection[str]) -> RequestError:
    """Say what there is: the names that look like it first, then others, a few of them."""
    named = {name for name in known if name.strip()}
    told = list(dict.fromkeys([*names_like(wanted, named), *sorted(named, key=plain_name)]))
    more = ", …" if len(told) > _NAMES_TOLD else ""
    return RequestError(template, name=wanted, known=(", ".join(told[:_NAMES_TOLD]) + more) or "-")
