"""What a run of the KMZ products did, in plain values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Self

import msgspec

from modules.domain.layers import Layer
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, moment, number
from modules.i18n.notices import Notice
from modules.storage.roots import Folder

KIND: Final = "kmz"


@dataclass(frozen=True, slots=True)
class ProductResult:
    """What a run made in one folder.

    files:    made anew; `kept`: left as they are, because they were not chosen or are of another season
    removed:  files that are no longer produced
    features: fields, zones and markers in all files made, by layer
    """

    files: int = 0
    kept: int = 0
    removed: int = 0
    features: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class KmzResult:
    """What a run did, in plain values that fit into JSON.

    products: by folder, relative to the output root
    snapshot: id of the snapshot that the files are made from; `snapshot_at` is its UTC time, ISO 8601
    fields:   that were chosen, `hectares` too (geodesic); a file that is made of several farms may hold more
    warnings: what has to be said about the files

    All fields have a default: records of older versions, which lack some, stay readable.
    """

    kind: str = KIND
    run_id: str = ""
    who: str = ""
    environment: str = ""
    season: str = ""
    farms: list[str] = field(default_factory=list)
    crops: list[str] = field(default_factory=list)
    snapshot: str = ""
    snapshot_at: str = ""
    fields: int = 0
    hectares: float = 0.0
    products: dict[str, ProductResult] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_by_step: dict[str, float] = field(default_factory=dict)
    warnings: list[Notice] = field(default_factory=list)

    @property
    def kmz(self) -> dict[str, ProductResult]:
        """The products that are KMZ."""
        return {folder: product for folder, product in self.products.items() if folder != Folder.HTML_MAP}

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave, in this version, an older or a newer one, whose new fields are left out."""
        return msgspec.convert(values, cls)


def summary(result: KmzResult) -> str:
    """Say in a line what a run did, in the active language."""
    parts = _kmz(result) if result.kmz else [_map(result)]
    if result.kmz and Folder.HTML_MAP in result.products:
        parts.append(_("HTML map ready."))
    removed = sum(product.removed for product in result.products.values())
    if removed:
        parts.append(_("No longer produced: {count}.", count=number(removed)))
    parts.append(_("Backup of {when}.", when=moment(datetime.fromisoformat(result.snapshot_at))))
    return " ".join(parts)


def _kmz(result: KmzResult) -> list[str]:
    """Say how many KMZ there are, of how many fields, and in which folders."""
    files = sum(product.files for product in result.kmz.values())
    told = ", ".join(f"{folder} {number(product.files)}" for folder, product in result.kmz.items())
    ready = ngettext(
        "KMZ ready: {files} file, from {fields}, {hectares}.",
        "KMZ ready: {files} files, from {fields}, {hectares}.",
        files,
        files=number(files),
        fields=ngettext("{n} field", "{n} fields", result.fields, n=number(result.fields)),
        hectares=hectares(result.hectares),
    )
    by_folder = _("By folder: {told}.", told=told)
    by_crop = result.kmz.get(Folder.KMZ_BY_CROP)
    if by_crop is None or by_crop.features.get(Layer.FIELDS, 0) <= result.fields:
        return [ready, by_folder]
    whole = _("The files of {folder} hold the fields of all farms with their crop.", folder=Folder.KMZ_BY_CROP.value)
    return [ready, by_folder, whole]


def _map(result: KmzResult) -> str:
    return ngettext(
        "HTML map ready: {fields} field, {hectares}.",
        "HTML map ready: {fields} fields, {hectares}.",
        result.fields,
        fields=number(result.fields),
        hectares=hectares(result.hectares),
    )
