"""What the map shows, as one description that becomes JSON. `docs/map.md` is the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from modules.i18n import language

Kind: TypeAlias = Literal["fields", "zones", "markers", "areas", "h3", "changes", "kmz"]
Side: TypeAlias = Literal["a", "b", "both"]
Comparison: TypeAlias = Literal["none", "swipe", "blink"]
#: west, south, east, north in degrees
Bounds: TypeAlias = tuple[float, float, float, float]
#: longitude and latitude in degrees
Position: TypeAlias = tuple[float, float]

NO_BASEMAP = "none"
#: Colour of what has no value.
OTHER = "#9A9A9A"


@dataclass(frozen=True)
class ValueStop:
    """A value and its colour (`#RRGGBB`); None is “has no value”."""

    value: str | float | None
    colour: str
    label: str


@dataclass(frozen=True)
class ClassStop:
    """A class of numbers, from its lower border up to that of the next."""

    start: float
    colour: str
    label: str


@dataclass(frozen=True)
class ByValue:
    """A colour for each value of a column; `other` is of values without a stop (in the legend if it has a label)."""

    by: str
    stops: tuple[ValueStop, ...]
    other: str = OTHER
    other_label: str = ""

    def to_json(self) -> dict[str, Any]:
        """Make JSON."""
        stops = [{"value": each.value, "colour": each.colour, "label": each.label} for each in self.stops]
        return {"kind": "values", "by": self.by, "stops": stops, "other": self.other, "other_label": self.other_label}


@dataclass(frozen=True)
class ByClass:
    """A colour for each class of a column of numbers; what lies below the first border has the first colour."""

    by: str
    stops: tuple[ClassStop, ...]
    other: str = OTHER
    other_label: str = ""

    def to_json(self) -> dict[str, Any]:
        """Make JSON."""
        stops = [{"from": each.start, "colour": each.colour, "label": each.label} for each in self.stops]
        return {"kind": "classes", "by": self.by, "stops": stops, "other": self.other, "other_label": self.other_label}


@dataclass(frozen=True)
class Own:
    """The styles that the features of a KMZ bring with them."""

    def to_json(self) -> dict[str, Any]:
        """Make JSON."""
        return {"kind": "own"}


@dataclass(frozen=True)
class Single:
    """One colour for all."""

    colour: str

    def to_json(self) -> dict[str, Any]:
        """Make JSON."""
        return {"kind": "single", "colour": self.colour}


Colour: TypeAlias = ByValue | ByClass | Own | Single


@dataclass(frozen=True)
class Fact:
    """A column that is told beside the pointer, `label: value unit`; numbers with `digits` decimals or as they are."""

    column: str
    label: str = ""
    digits: int | None = None
    unit: str = ""


@dataclass(frozen=True)
class Overlay:
    """A picture on the ground: its address, and its corners clockwise from the upper left."""

    image: str
    corners: tuple[Position, Position, Position, Position]
    opacity: float = 1.0


@dataclass(frozen=True)
class Layer:
    """A layer on the map, the first of a list on top.

    `source` is a source's path (`docs/map.md`); `filter` keeps the rows with one of the values of a column, before they
    are drawn; `side` tells the side of a comparison, where “a” is the whole map without one; `hidden_folders` are the
    folders of a KMZ that are switched off. `bounds` is where a layer lies that may be elsewhere than the rest: the map
    goes there when it comes, and the list has a button that does.
    """

    id: str
    kind: Kind
    title: str
    source: str
    colour: Colour
    side: Side = "both"
    visible: bool = True
    opacity: float = 0.6
    label: bool = False
    filter: dict[str, tuple[str, ...]] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    hidden_folders: tuple[int, ...] = ()
    bounds: Bounds | None = None

    def to_json(self, version: str) -> dict[str, Any]:
        """Make JSON; `version` is that of what makes the tiles."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "source": self.source,
            "version": version,
            "side": self.side,
            "visible": self.visible,
            "opacity": self.opacity,
            "label": self.label,
            "filter": {column: list(values) for column, values in self.filter.items() if values},
            "colour": self.colour.to_json(),
            "facts": [vars(each) for each in self.facts],
            "overlays": [
                {"image": each.image, "corners": [list(corner) for corner in each.corners], "opacity": each.opacity}
                for each in self.overlays
            ],
            "hidden_folders": list(self.hidden_folders),
            "bounds": self.bounds and list(self.bounds),
        }


@dataclass(frozen=True)
class Basemap:
    """A background of raster tiles (addresses with `{z}`, `{x}`, `{y}`). `dark`: labels on it are written in white."""

    id: str
    title: str
    tiles: tuple[str, ...]
    attribution: str
    maxzoom: int = 18
    dark: bool = False


@dataclass(frozen=True)
class Focus:
    """A feature to go to and to show the card of. Another serial does it again, the same one does nothing."""

    id: str
    serial: int


@dataclass(frozen=True)
class MapSpec:
    """All that the map shows.

    `coming` are ids of layers whose files are still read: they come with another spec.
    `bounds` is where everything is: what the map opens on when neither the address nor `view` (longitude, latitude,
    zoom) tells a place, and what “show everything” shows. `titles` are those of the sides a and b. `height` is in px.
    `selection_hectares` are those of each selected field, in the same order; None where nobody knows them.
    `link` is what a copied link says beside the page's address, so that it shows the same tomorrow.
    """

    layers: tuple[Layer, ...]
    title: str = ""
    coming: tuple[str, ...] = ()
    bounds: Bounds | None = None
    view: tuple[float, float, float] | None = None
    basemaps: tuple[Basemap, ...] = ()
    basemap: str = NO_BASEMAP
    selection: tuple[str, ...] = ()
    selection_hectares: tuple[float | None, ...] = ()
    focus: Focus | None = None
    compare: Comparison = "none"
    titles: tuple[str, str] = ("", "")
    height: int = 560
    link: dict[str, str] = field(default_factory=dict)

    def to_json(self, words: dict[str, str], version: str, tiles_version: str) -> dict[str, Any]:
        """Make the JSON that the component reads; versions are those of the bundle and of what makes tiles."""
        return {
            "language": language(),
            "words": words,
            "version": version,
            "title": self.title,
            "layers": [layer.to_json(tiles_version) for layer in self.layers],
            "coming": list(self.coming),
            "bounds": self.bounds and list(self.bounds),
            "view": self.view and list(self.view),
            "basemaps": [vars(each) | {"tiles": list(each.tiles)} for each in self.basemaps],
            "basemap": self.basemap,
            "selection": list(self.selection),
            "selection_hectares": list(self.selection_hectares),
            "focus": self.focus and {"id": self.focus.id, "serial": self.focus.serial},
            "compare": self.compare,
            "titles": {"a": self.titles[0], "b": self.titles[1]},
            "height": self.height,
            "link": self.link,
        }
