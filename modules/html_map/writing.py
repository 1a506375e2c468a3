"""A map from the request to the file in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.export.placing import require_place, writing
from modules.export.selection import chosen_titles, matching, select
from modules.html_map.content import DrawnLayer, drawn
from modules.html_map.drawing import drawing_data
from modules.html_map.farms import box_of, farm_places
from modules.html_map.naming import SUFFIX, map_name
from modules.html_map.panel import header, legend, page_title
from modules.html_map.request import HtmlMapRequest
from modules.i18n import N_
from modules.i18n.formats import file_size, number
from modules.i18n.notices import Notice, notice
from modules.snapshots.store import Snapshot

TITLE: Final = "HTML"
#: What a map of a thousand fields stays under, so that mail and messengers carry it.
_MOST_BYTES: Final = 5_000_000
#: What the data may take of that; the rest of the page, most of it Leaflet, takes 0.2 MB.
_ROOM: Final = 4_600_000


@dataclass(frozen=True, slots=True)
class HtmlMapResult:
    """A map that was written.

    rows:         of each layer, by its name
    hectares:     geodesic, of the fields
    simplified_m: metres by which outlines may have moved; 0 where they are drawn as they are
    """

    path: Path
    snapshot_id: str
    rows: dict[str, int]
    hectares: float
    bytes: int
    simplified_m: float = 0.0
    warnings: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """A map that has no place yet: the file `content`, the `name` proposed for it, and what `HtmlMapResult` tells."""

    name: str
    content: bytes
    rows: dict[str, int]
    hectares: float
    simplified_m: float
    warnings: list[Notice]


def draw_html_map(snapshot: Snapshot, request: HtmlMapRequest, folder: Path | None = None) -> DrawnMap:
    """Draw the fields that `request` wants, with their zones and markers, as one HTML file in the language in use.

    folder: where it will stand, so that its name leaves room for the path. Raises RequestError for a choice without
    any field, SnapshotError for a damaged snapshot.
    """
    titles = chosen_titles(snapshot, request.of(Layer.FIELDS))
    layers = _layers(snapshot, request)
    # What is empty is not offered.
    content, simplified_m, warnings = _written(snapshot, titles, [layer for layer in layers if layer.titles])
    return DrawnMap(
        name=_name(snapshot, titles, folder),
        content=content,
        rows={layer.layer.value: len(layer.titles) for layer in layers},
        hectares=layers[0].hectares,
        simplified_m=simplified_m,
        warnings=warnings,
    )


def write_html_map(
    snapshot: Snapshot, request: HtmlMapRequest, target: Path, *, replace: bool = False
) -> HtmlMapResult:
    """Write what `draw_html_map` draws to `target`.

    target: a file, or a folder that is there, where a name is proposed. The file appears whole or not at all. Raises
    RequestError for what cannot be done as asked (nothing was written then, and a file that is there stays unless
    `replace`), SnapshotError for a damaged snapshot, StorageError for a disk that is full or not there.
    """
    folder = target if target.is_dir() else None
    titles = chosen_titles(snapshot, request.of(Layer.FIELDS)) if folder else []
    place = target / _name(snapshot, titles, target) if folder else target
    path = require_place(place, TITLE, SUFFIX, replace=replace)
    map_ = draw_html_map(snapshot, request, folder)
    with writing(path) as temporary:
        temporary.write_bytes(map_.content)
    return HtmlMapResult(
        path=path,
        snapshot_id=snapshot.id,
        rows=map_.rows,
        hectares=map_.hectares,
        bytes=len(map_.content),
        simplified_m=map_.simplified_m,
        warnings=map_.warnings,
    )


def _layers(snapshot: Snapshot, request: HtmlMapRequest) -> list[DrawnLayer]:
    """Read what is drawn; the fields come first, and there is at least one."""
    fields, *others = request.layers
    found = [select(snapshot, request.of(fields)), *(matching(snapshot, request.of(layer)) for layer in others)]
    return [drawn(rows) for rows in found]


def _name(snapshot: Snapshot, titles: Sequence[str], folder: Path | None) -> str:
    return map_name(Season.parse(snapshot.manifest.season), titles, folder)


def _written(snapshot: Snapshot, titles: Sequence[str], layers: list[DrawnLayer]) -> tuple[bytes, float, list[Notice]]:
    """Write the page; gives the metres by which outlines were simplified, and what has to be said."""
    from modules.html_map.page import page  # brings folium, which takes seconds

    fields = layers[0]
    farms = farm_places(fields.rows)
    bounds = box_of(fields.rows.bounds)
    places = [bounds, *(farm.bounds for farm in farms)] if len(farms) > 1 else []
    data, simplified_m = drawing_data(layers, places, _ROOM)
    doubts, drawing = [], []
    if snapshot.held_back:
        doubts.append(notice(N_("This backup waits in quarantine: nobody has accepted it yet.")))
    if simplified_m:
        drawing.append(
            notice(N_("Outlines are simplified for this picture, by {metres} m at most."), metres=_metres(simplified_m))
        )
    text = page(
        layers,
        bounds,
        title=page_title(snapshot, titles),
        header=header(snapshot, titles, fields, doubts),
        legend=legend(layers, farms, drawing),
        data=data,
    )
    content = text.encode()
    warnings = [*doubts, *drawing]
    if len(content) > _MOST_BYTES:
        warnings.append(
            notice(
                N_("The map takes {size}, more than many mails carry. A map of fewer farms is smaller."),
                size=file_size(len(content)),
            )
        )
    return content, simplified_m, warnings


def _metres(value: float) -> str:
    return number(value, 0 if value >= 1 else 1)
