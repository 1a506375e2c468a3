"""Words for what a KMZ holds. No Streamlit in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, hectares, number

if TYPE_CHECKING:
    from modules.kmz_preview.preview import Facts, Preview
    from modules.kmz_preview.tree import TreeFolder

_KINDS: Final = {
    "polygon": N_("polygon"),
    "line": N_("line"),
    "point": N_("point"),
    "mixed": N_("several kinds"),
}
#: Names of folders that a way tells.
_NAMES: Final = 3


def kind_word(kind: str | None) -> str:
    """Name a kind of geometry."""
    return _(_KINDS[kind]) if kind else _("without geometry")


def counts(facts: Facts) -> list[str]:
    """Say how many of each kind there are, but for those there are none of."""
    said = [
        (facts.polygons, ngettext("{n} polygon", "{n} polygons", facts.polygons, n=number(facts.polygons))),
        (facts.lines, ngettext("{n} line", "{n} lines", facts.lines, n=number(facts.lines))),
        (facts.points, ngettext("{n} point", "{n} points", facts.points, n=number(facts.points))),
        (facts.mixed, ngettext("{n} of several kinds", "{n} of several kinds", facts.mixed, n=number(facts.mixed))),
        (
            facts.without_geometry,
            ngettext(
                "{n} without geometry", "{n} without geometry", facts.without_geometry, n=number(facts.without_geometry)
            ),
        ),
        (facts.overlays, ngettext("{n} image", "{n} images", facts.overlays, n=number(facts.overlays))),
        (facts.links, ngettext("{n} link", "{n} links", facts.links, n=number(facts.links))),
        (facts.folders, ngettext("{n} folder", "{n} folders", facts.folders, n=number(facts.folders))),
    ]
    return [words for count, words in said if count]


def facts_line(facts: Facts) -> str:
    """Write `1,4 MB · 312 polígonos · 24 puntos · 25.412 ha`."""
    area = [hectares(facts.hectares)] if facts.hectares >= 0.05 else []
    return " · ".join([file_size(facts.bytes), *counts(facts), *area])


def place(facts: Facts) -> str:
    """Say where on the globe it lies, as latitudes and longitudes; empty when nothing lies anywhere."""
    if facts.bounds is None:
        return ""
    west, south, east, north = facts.bounds
    return _(
        "Latitude {south} to {north}, longitude {west} to {east}.",
        south=number(south, 4),
        north=number(north, 4),
        west=number(west, 4),
        east=number(east, 4),
    )


def folder_title(preview: Preview, folder: TreeFolder) -> str:
    """Name a folder; the first one is the document, which often has no name."""
    if folder.name:
        return folder.name
    return _("(folder without a name)") if folder.number else preview.file


def folder_path(preview: Preview, folder: TreeFolder) -> str:
    """Write `campo ▸ lotes`, without the document; of a long way only its end."""
    names: list[str] = []
    number: int | None = folder.number
    while number:
        names.append(folder_title(preview, preview.tree[number]))
        number = preview.tree[number].parent
    return " ▸ ".join([*(["…"] if len(names) > _NAMES else []), *reversed(names[:_NAMES])])


def folder_counts(folder: TreeFolder) -> str:
    """Say how much lies in a folder and those below it."""
    said = [number(folder.all_features)] if folder.all_features or not (folder.overlays or folder.links) else []
    if folder.overlays:
        said.append(ngettext("{n} image", "{n} images", folder.overlays, n=number(folder.overlays)))
    if folder.links:
        said.append(ngettext("{n} link", "{n} links", folder.links, n=number(folder.links)))
    return " · ".join(said)
