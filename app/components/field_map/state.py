"""What the map tells Python: what the reader selected, arranged and asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


#: The event of a card whose field is wanted in the table.
SHOW_IN_TABLE: Final = "show-in-table"


@dataclass(frozen=True)
class LayerState:
    """How a layer is shown; its place in the list is its place on the map."""

    id: str
    visible: bool
    opacity: float


@dataclass(frozen=True)
class MapEvent:
    """Something asked for once: `show-in-table` or `copy-link`, of which feature, and the view as in the address."""

    name: str
    id: str
    at: str | None


@dataclass(frozen=True)
class MapState:
    """What the map tells. None: the reader has changed nothing of it since the run before."""

    selection: tuple[str, ...] | None = None
    layers: tuple[LayerState, ...] | None = None
    basemap: str | None = None
    event: MapEvent | None = None


def read_state(told: Mapping[str, Any]) -> MapState:
    """Read what a browser sent: whatever is not of the right form counts as not said."""
    selection, layers, event = told.get("selection"), told.get("layers"), told.get("event")
    return MapState(
        selection=tuple(str(each) for each in selection) if isinstance(selection, list) else None,
        layers=tuple(filter(None, map(_layer, layers))) if isinstance(layers, list) else None,
        basemap=_text(told.get("basemap")),
        event=_event(event) if isinstance(event, dict) else None,
    )


def _layer(told: Any) -> LayerState | None:
    match told:
        case {"id": str(name), "visible": bool(visible), "opacity": int() | float() as opacity}:
            return LayerState(name, visible, min(1.0, max(0.0, float(opacity))))
    return None


def _event(told: dict[str, Any]) -> MapEvent | None:
    match told:
        case {"name": str(name), "id": str(identity)}:
            return MapEvent(name, identity, _text(told.get("at")))
    return None


def _text(told: Any) -> str | None:
    return told if isinstance(told, str) else None
