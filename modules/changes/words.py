"""Changes in sentences, in the active language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from modules.changes.kinds import Kind
from modules.changes.result import LEAST_TOLD_HA, AttributeChange, Changes, FieldChange, LayerCounts, Value
from modules.domain.names import natural_key
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, number

_KINDS: Final[Mapping[Kind, str]] = {
    Kind.ADDED: N_("new"),
    Kind.REMOVED: N_("gone"),
    Kind.SPLIT: N_("split"),
    Kind.MERGED: N_("merged"),
    Kind.MOVED: N_("moved"),
    Kind.RESHAPED: N_("other outline"),
    Kind.RENAMED: N_("renamed"),
    Kind.ATTRIBUTES: N_("other data"),
}
_COLUMNS: Final[Mapping[str, str]] = {
    "campo": N_("farm"),
    "campo_id": N_("id of the farm"),
    "cultivo": N_("crop"),
    "superficie_ha": N_("hectares of the portal"),
    "campania": N_("season"),
}
#: What is drawn in a line before it only counts.
_NAMES_TOLD: Final = 4


def kind_word(kind: Kind) -> str:
    """Name what happened."""
    return _(_KINDS[kind])


def summary_parts(changes: Changes) -> list[str]:
    """Say in a few words each what happened to the fields: `+3 lotes`, `−1`, `2 movidos`, `+148 ha`; none for nothing.

    The pieces of a split are no new fields, and those that were merged are not gone.
    """
    parts = []
    counts = {kind: changes.count(kind) for kind in Kind}
    added, removed = counts.pop(Kind.ADDED), counts.pop(Kind.REMOVED)
    if added:
        parts.append(ngettext("+{n} field", "+{n} fields", added, n=number(added)))
    if removed:
        # After `+3 fields` a bare `−1` says of what; alone, it has to be said.
        alone = ngettext("−{n} field", "−{n} fields", removed, n=number(removed))
        parts.append(f"−{number(removed)}" if added else alone)
    parts += [_counted(kind, count) for kind, count in counts.items() if count]
    if abs(changes.gained_ha) >= LEAST_TOLD_HA:
        parts.append(signed_hectares(changes.gained_ha))
    return parts


def summary(changes: Changes) -> str:
    """Say in a line what happened."""
    if changes.nothing:
        return _("Nothing changed.")
    parts = summary_parts(changes)
    return " · ".join(parts) if parts else _("No field changed.")


def layer_parts(counts: LayerCounts) -> list[str]:
    """Say in a few words each how many rows of a layer are not as they were: `3 nuevos`; none for nothing."""
    parts = []
    if counts.added:
        parts.append(ngettext("{n} new", "{n} new", counts.added, n=number(counts.added)))
    if counts.removed:
        parts.append(ngettext("{n} gone", "{n} gone", counts.removed, n=number(counts.removed)))
    if counts.changed:
        parts.append(ngettext("{n} changed", "{n} changed", counts.changed, n=number(counts.changed)))
    return parts


def _counted(kind: Kind, count: int) -> str:
    n = number(count)
    match kind:
        case Kind.SPLIT:
            return ngettext("{n} split", "{n} split", count, n=n)
        case Kind.MERGED:
            return ngettext("{n} merger", "{n} mergers", count, n=n)
        case Kind.MOVED:
            return ngettext("{n} moved", "{n} moved", count, n=n)
        case Kind.RESHAPED:
            return ngettext("{n} with another outline", "{n} with other outlines", count, n=n)
        case Kind.RENAMED:
            return ngettext("{n} renamed", "{n} renamed", count, n=n)
        case _:
            return ngettext("{n} with other data", "{n} with other data", count, n=n)


def signed_hectares(value: float) -> str:
    """Write an area with its sign: `+148 ha`, `−3,2 ha`; `0 ha` where nothing is left of it when written."""
    if abs(value) < LEAST_TOLD_HA:
        return f"{number(0)} ha"
    return f"{'+' if value > 0 else '−'}{hectares(abs(value))}"


def in_reading_order(changes: Changes) -> list[FieldChange]:
    """Give the fields that differ by farm and name, as people look for them."""
    return sorted(
        changes.fields, key=lambda each: (natural_key(each.latest.farm), natural_key(each.latest.name), each.id)
    )


def detail(change: FieldChange, changes: Changes) -> str:
    """Say of a field what happened to it, without its name: `se movió 120 m; cultivo: soja → maíz`."""
    return "; ".join(part for kind in change.kinds for part in _parts(kind, change, changes))


def _parts(kind: Kind, change: FieldChange, changes: Changes) -> list[str]:
    match kind:
        case Kind.ADDED | Kind.REMOVED:
            return [kind_word(kind)]
        case Kind.SPLIT | Kind.MERGED:
            return [_relation(kind, change, changes)]
        case Kind.MOVED:
            return [_("moved by {metres} m", metres=number(change.shift_m or 0))]
        case Kind.RESHAPED:
            return [_("its outline differs in {hectares}", hectares=_small_hectares(change.differing_ha or 0))]
        case Kind.RENAMED:
            return [_("it was called “{name}”", name=change.before.name if change.before else "")]
        case _:
            changed = {each.column for each in change.attributes}
            # The name is said already; and who reads that a field went to another farm needs no id of it.
            unsaid = {"lote"} | ({"campo_id"} if "campo" in changed else set())
            return [_attribute(each) for each in change.attributes if each.column not in unsaid]


def _relation(kind: Kind, change: FieldChange, changes: Changes) -> str:
    names = names_of(change.relatives, changes)
    # The one has several, or lives on as one of them; a piece has the one, which has no other.
    leads = any(family.one == change.id for family in changes.families)
    if kind is Kind.SPLIT:
        if leads and change.now is None:
            return _("split into {names}", names=names)
        return _("{names} was split off", names=names) if leads else _("was a part of {names}", names=names)
    if leads and change.before is None:
        return _("merged from {names}", names=names)
    return _("{names} was merged into it", names=names) if leads else _("is a part of {names} now", names=names)


def names_of(ids: Sequence[str], changes: Changes) -> str:
    """Name fields that differ, the first few of them: `“12 A”, “12 B”`."""
    names = [f"“{changes.by_id[each].latest.name}”" for each in ids[:_NAMES_TOLD]]
    return ", ".join(names) + (" …" if len(ids) > _NAMES_TOLD else "")


def column_word(column: str) -> str:
    """Name a column; one that has no word is called as files call it."""
    return _(_COLUMNS[column]) if column in _COLUMNS else column


def _attribute(change: AttributeChange) -> str:
    return f"{column_word(change.column)}: {_value(change.before)} → {_value(change.now)}"


def _value(value: Value) -> str:
    if value is None or value == "":
        return _("none")
    return value if isinstance(value, str) else number(value, 2)


def _small_hectares(value: float) -> str:
    return hectares(value) if value >= LEAST_TOLD_HA else f"{number(value, 4)} ha"
