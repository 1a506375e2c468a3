"""What a backup did, in plain values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from modules.domain.layers import Layer
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number

PUBLISHED: Final = "published"
HELD_BACK: Final = "held_back"
#: How many names a summary tells before it only counts.
_NAMES_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class BackupResult:
    """What a backup did, in plain values that fit into JSON.

    status:   `published` or `held_back`
    snapshot: its folder relative to the output root, with `/`; `snapshot_path` is absolute
    hectares: geodesic; `portal_hectares` is what the portal states
    rejected: `{layer, id, name, reason}` of each feature that was not kept
    added, removed: fields by id against the last snapshot of the same scope; None when there was none
    warnings: `{template, values}` of sentences, see `warning_sentences`
    doubts:   `{layer, what, before, now}`: why it was held back
    files:    `{name, path, bytes}` of the snapshot, path relative to the output root
    current_files: how many current files each folder holds; empty for a backup of some farms
    """

    status: str
    run_id: str
    who: str
    environment: str
    season: str
    farms: list[str]
    snapshot_id: str
    snapshot: str
    snapshot_path: str
    counts: dict[str, int]
    farms_count: int
    hectares: float
    portal_hectares: float
    rejected: list[dict[str, str]]
    repaired: int
    added: int | None
    removed: int | None
    warnings: list[dict[str, Any]]
    doubts: list[dict[str, Any]]
    files: list[dict[str, Any]]
    current_files: dict[str, int]
    seconds: float
    seconds_by_step: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave."""
        return cls(**values)


def summary(result: BackupResult) -> str:
    """Say in a line what a backup did, in the active language."""
    fields = result.counts[Layer.FIELDS]
    parts = [
        ngettext(
            "Backup finished: {fields} field, {hectares}.",
            "Backup finished: {fields} fields, {hectares}.",
            fields,
            fields=number(fields),
            hectares=hectares(result.hectares),
        )
    ]
    if result.added:
        parts.append(_("New: {count}.", count=number(result.added)))
    if result.removed:
        parts.append(_("Gone: {count}.", count=number(result.removed)))
    if result.repaired:
        parts.append(_("Repaired: {count}.", count=number(result.repaired)))
    if result.rejected:
        names = ", ".join(each["name"] for each in result.rejected[:_NAMES_TOLD])
        more = ", …" if len(result.rejected) > _NAMES_TOLD else ""
        count = number(len(result.rejected))
        parts.append(_("Without a valid geometry: {count} ({names}).", count=count, names=names + more))
    return " ".join(parts)


def warning_sentences(result: BackupResult) -> list[str]:
    """Say a backup's warnings in the active language."""
    sentences = [(each["template"], each["values"]) for each in result.warnings]
    return [_(template, **values) for template, values in sentences]
