"""What a backup did, in plain values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import msgspec

from modules.domain.layers import Layer
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number
from modules.i18n.notices import Notice, recorded_warnings

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

    All fields have a default: records of older versions, which lack some, stay readable.
    """

    status: str = PUBLISHED
    run_id: str = ""
    who: str = ""
    environment: str = ""
    season: str = ""
    farms: list[str] = field(default_factory=list)
    snapshot_id: str = ""
    snapshot: str = ""
    snapshot_path: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    farms_count: int = 0
    hectares: float = 0.0
    portal_hectares: float = 0.0
    rejected: list[dict[str, str]] = field(default_factory=list)
    repaired: int = 0
    added: int | None = None
    removed: int | None = None
    warnings: list[Notice] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    current_files: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_by_step: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave, in this version, an older or a newer one, whose new fields are left out."""
        return msgspec.convert(values, cls)


def summary(result: BackupResult) -> str:
    """Say in a line what a backup did, in the active language."""
    fields = result.counts.get(Layer.FIELDS, 0)
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
    """Say a backup's warnings in the active language, but for those that cannot be said any more."""
    return recorded_warnings(result.warnings)
