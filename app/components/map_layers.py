"""The layers of the map and in which order, from what somebody chose. No Streamlit in here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.components import field_map
from app.components.field_map import Fact, Single
from app.components.map_colours import cell_colours, change_colours, field_colours, layer_colours
from app.services import maps
from app.services.tiles.kinds import CHANGES, detail_column, grid_source
from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.i18n import N_, language
from modules.i18n import gettext as _
from modules.i18n.formats import recent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from app.components.field_map import LayerState
    from app.components.field_map.spec import Colour, Kind, Side
    from app.components.map_choice import Choice
    from modules.environments import Environment
    from modules.h3_grid.stored import StoredGrid
    from modules.snapshots.store import Snapshot

GRID: Final = "celdas"
#: How the address tells that the grid is looked at instead of the fields.
SHOWN_GRID: Final = f"{GRID}~80,-{Layer.FIELDS}~55"
#: From the top down: what is small lies above what is large.
_ORDER: Final = (CHANGES, Layer.MARKERS, Layer.FIELDS, Layer.ZONES, Layer.AREAS, GRID)
_TITLES: Final[Mapping[Layer, str]] = {
    Layer.FIELDS: N_("Fields"),
    Layer.ZONES: N_("Management zones"),
    Layer.MARKERS: N_("Markers"),
    Layer.AREAS: N_("Areas"),
}
_KINDS: Final[Mapping[Layer, Kind]] = {
    Layer.FIELDS: "fields",
    Layer.ZONES: "zones",
    Layer.MARKERS: "markers",
    Layer.AREAS: "areas",
}
#: Of the side that is compared with: a layer's id has to be its own.
_OTHER_SIDE: Final = ":b"
_OPACITY: Final = 0.55
_OPACITIES: Final[Mapping[str, float]] = {Layer.MARKERS: 1.0, Layer.AREAS: 0.25, CHANGES: 0.75}
#: Of fields below what has changed in them: the colours of changes are those of some crops too.
_UNCHANGED: Final = Single("#9A9A9A")


def map_layers(choice: Choice, environment: Environment, grid: StoredGrid | None) -> list[field_map.Layer]:
    """Make the layers of a choice, the top one first; those without rows are left out.

    Raises SnapshotError for a snapshot that cannot be read.
    """
    layers = [layer for layer in _of_snapshots(choice, environment) if layer is not None]
    if choice.against is not None and choice.mode == "differences":
        layers.append(_changes(choice, choice.against, environment))
    if grid is not None:
        layers.append(_grid(choice, environment, grid))
    return sorted(layers, key=lambda layer: _ORDER.index(layer.id.removesuffix(_OTHER_SIDE)))


def as_left(layers: Sequence[field_map.Layer], states: Sequence[LayerState]) -> list[field_map.Layer]:
    """Order layers as somebody left them, shown or hidden as they were; new ones keep their place from the top."""
    known = {state.id: state for state in states}
    kept = [
        replace(layer, visible=known[layer.id].visible, opacity=known[layer.id].opacity) if layer.id in known else layer
        for layer in layers
    ]
    order = list(known)
    places = [place for place, layer in enumerate(kept) if layer.id in known]
    moved = sorted((layer for layer in kept if layer.id in known), key=lambda layer: order.index(layer.id))
    for place, layer in zip(places, moved, strict=True):
        kept[place] = layer
    return kept


def _of_snapshots(choice: Choice, environment: Environment) -> Iterator[field_map.Layer | None]:
    compared = choice.against if choice.mode != "differences" else None
    for layer in Layer:
        yield _layer(choice, environment, choice.snapshot, layer, "both" if compared is None else "a")
        if compared is not None:
            yield _layer(choice, environment, compared, layer, "b")


def _layer(
    choice: Choice, environment: Environment, snapshot: Snapshot, layer: Layer, side: Side
) -> field_map.Layer | None:
    rows = choice.filter.within(maps.rows(snapshot, layer))
    if len(rows) == 0:
        return None
    fields = layer is Layer.FIELDS
    return field_map.Layer(
        id=f"{layer}{_OTHER_SIDE}" if side == "b" else layer.value,
        kind=_KINDS[layer],
        title=_(_TITLES[layer]) if side == "both" else f"{_(_TITLES[layer])} · {recent(snapshot.manifest.started_at)}",
        source=f"{environment}/{snapshot.id}/{layer}",
        side=side,
        visible=fields,
        opacity=_OPACITIES.get(layer, _OPACITY),
        label=fields,
        filter=_filter(choice, layer),
        colour=_field_colours(choice, rows, snapshot) if fields else layer_colours(layer, rows),
        facts=(Fact("cultivo"), Fact(HECTARES, digits=1, unit="ha")) if fields else (),
    )


def _field_colours(choice: Choice, rows: pa.Table, snapshot: Snapshot) -> Colour:
    if choice.against is None:
        return field_colours(rows, choice.by)
    if choice.mode == "differences":
        return _UNCHANGED
    other = choice.against if snapshot is choice.snapshot else choice.snapshot
    return field_colours(rows, choice.by, choice.filter.within(maps.rows(other, Layer.FIELDS)))


def _filter(choice: Choice, layer: Layer) -> dict[str, tuple[str, ...]]:
    wanted = {"campo": choice.filter.farms, "cultivo": () if layer is Layer.AREAS else choice.filter.crops}
    return {name: values for name, values in wanted.items() if values}


def _changes(choice: Choice, against: Snapshot, environment: Environment) -> field_map.Layer:
    return field_map.Layer(
        id=CHANGES,
        kind="changes",
        title=_("Changes since {when}", when=recent(against.manifest.started_at)),
        source=f"{environment}/{choice.snapshot.id}/{CHANGES}-{against.id}",
        colour=change_colours(),
        opacity=_OPACITIES[CHANGES],
        filter=_filter(choice, Layer.FIELDS),
        facts=(Fact(detail_column(language())),),
    )


def _grid(choice: Choice, environment: Environment, grid: StoredGrid) -> field_map.Layer:
    title = _("H3 grid, resolution {resolution}", resolution=grid.resolution)
    return field_map.Layer(
        id=GRID,
        kind="h3",
        title=f"{title} · {recent(grid.made_at)}",
        source=grid_source(environment, grid),
        colour=cell_colours(choice.filter.within(maps.rows(choice.snapshot, Layer.FIELDS)), choice.by),
        filter=_filter(choice, Layer.FIELDS),
        visible=False,
        facts=(Fact("superficie_ha", digits=1, unit="ha"), Fact("cultivo")),
    )
