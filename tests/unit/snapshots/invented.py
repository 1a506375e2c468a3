"""A source without a portal: invented fields of any number, in the shape that every source delivers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from modules.domain.farm import Farm
from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.season import Season
from modules.domain.source_columns import COLUMNS
from modules.sources.base import FetchedLayer, RawSink

SEASON = Season.parse("25/26")
CROPS = ("soja", "maíz", "trigo", None)
TOUCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def outline(number: int, vertices: int = 9) -> shapely.Polygon:
    """A field of about 40 ha on the pampas, a place of its own for each number."""
    lon, lat = -62.0 + (number % 100) * 0.02, -34.0 - (number // 100) * 0.02
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    reach = 0.003 + 0.0005 * np.cos(3 * angle + number)
    return shapely.Polygon(np.round(np.c_[lon + reach * np.cos(angle), lat + reach * np.sin(angle)], 7))


def field_row(number: int, **changes: Any) -> dict[str, Any]:
    farm = number % 3
    row = {
        "id": f"L{number:06}",
        "lote": str(number),
        "campo_id": f"C{farm}",
        "campo": ("La Escondida", "El Ñandú", "San José")[farm],
        "campania": "25/26",
        "cultivo": CROPS[number % len(CROPS)],
        "superficie_ha": 40.0,
        "actualizado": TOUCHED,
    }
    return row | changes


def layer_of(layer: Layer, rows: Sequence[dict[str, Any]], geometry: Sequence[Any], **more: Any) -> FetchedLayer:
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = geometry
    order = sorted(range(len(rows)), key=lambda index: rows[index]["id"])
    table = pa.Table.from_pylist([rows[index] for index in order], schema=COLUMNS[layer])
    return FetchedLayer(layer, table, shapes[order], pages=1, **more)


def fields(count: int, **changes: Any) -> FetchedLayer:
    numbers = range(count)
    return layer_of(Layer.FIELDS, [field_row(n, **changes) for n in numbers], [outline(n) for n in numbers])


def zones(count: int) -> FetchedLayer:
    rows = [
        field_row(n) | {"id": f"A{n:06}", "ambiente": f"A{n % 3}", "lote_id": f"L{n // 3:06}", "productividad": 0.5}
        for n in range(count)
    ]
    return layer_of(Layer.ZONES, [_only(Layer.ZONES, row) for row in rows], [outline(n // 3) for n in range(count)])


def markers(count: int, **changes: Any) -> FetchedLayer:
    rows = [
        field_row(n)
        | {"id": f"M{n:06}", "marcador": f"=1+{n}", "tipo": "muestreo", "lote_id": f"L{n:06}"}
        | {"fecha": date(2026, 2, 3), "profundidad_cm": 20.0, "observaciones": "-arena"}
        | changes
        for n in range(count)
    ]
    points = [outline(n).centroid for n in range(count)]
    return layer_of(Layer.MARKERS, [_only(Layer.MARKERS, row) for row in rows], points)


def areas(count: int) -> FetchedLayer:
    rows = [
        field_row(n) | {"id": f"Z{n:06}", NAME_COLUMN[Layer.AREAS]: f"Monte {n}", "tipo": "monte"} for n in range(count)
    ]
    return layer_of(Layer.AREAS, [_only(Layer.AREAS, row) for row in rows], [outline(n) for n in range(count)])


def _only(layer: Layer, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in COLUMNS[layer].names}


@dataclass
class InventedSource:
    """Delivers the layers it was given; `page_body` is what it says for each of them."""

    layers: dict[Layer, FetchedLayer]
    label: str = "invented https://portal.internal/api"
    name: str = "invented"
    simulator: bool = False
    fetched: list[Layer] = field(default_factory=list)

    def close(self) -> None:
        """Nothing is open."""

    def is_simulator(self) -> bool:
        return self.simulator

    def seasons(self) -> list[Season]:
        return [SEASON]

    def farms(self) -> list[Farm]:
        return [Farm("C0", "La Escondida"), Farm("C1", "El Ñandú"), Farm("C2", "San José")]

    def fetch(
        self,
        layer: Layer,
        season: Season,  # noqa: ARG002
        farms: Sequence[str],  # noqa: ARG002
        *,
        raw: RawSink,
        on_page: Callable[[int, int], None],
    ) -> FetchedLayer:
        self.fetched.append(layer)
        on_page(0, 1)
        raw.page(layer, 1, page_body(layer))
        on_page(1, 1)
        return self.layers[layer]


def page_body(layer: Layer) -> bytes:
    return f'{{"layer": "{layer}"}}\n'.encode()


def source_of(count: int = 12, **replaced: FetchedLayer) -> InventedSource:
    """A source of `count` fields, thrice as many zones, as many markers, and two areas."""
    layers = {
        Layer.FIELDS: fields(count),
        Layer.ZONES: zones(3 * count),
        Layer.MARKERS: markers(count),
        Layer.AREAS: areas(2 if count else 0),
    }
    return InventedSource(layers | {Layer[name.upper()]: layer for name, layer in replaced.items()})
