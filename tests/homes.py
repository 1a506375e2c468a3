"""Homes with something to look at, without a stack: all layers, a night with changes, nothing, a long name, many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import shapely
import shapely.affinity

from modules.domain.layers import Layer
from modules.domain.source_columns import COLUMNS
from modules.environments import Environment
from modules.errors import SnapshotHeldBack
from modules.h3_grid.request import GridRequest
from modules.h3_grid.run import run_grid
from modules.kmz_products.request import KmzRequest, Product
from modules.kmz_products.run import run_kmz
from modules.snapshots.decisions import accept
from modules.snapshots.store import SnapshotStore
from modules.sources.databaler.simulator.generator import Pampas
from modules.sources.databaler.simulator.ground import Amounts
from modules.sources.databaler.simulator.running import running_portal
from tests.browser.maps import home_with_fields
from tests.faults.backups import SEASON, back_up, settings_of
from tests.unit.snapshots.invented import layer_of, source_of

FIRST, SECOND = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
LONG_NAME = "Lote 14 del bajo grande detrás del monte viejo de eucaliptos, el que linda con la cañada seca"
#: Fields of the night with changes: all on three or four farms, near each other.
_FIELDS = 60
_MANY = 100_000


def usual(home: Path, fields: int = 300) -> None:
    """Two backups of invented fields with all that lies in them, the KMZ by farm and a grid."""
    with running_portal(Pampas(Amounts(fields=fields))) as portal:
        settings = settings_of(home, portal.settings())
        for run in (FIRST, SECOND):
            back_up(settings, run_id=run)
    run_kmz(KmzRequest(Environment.TEST, "run", SEASON, products=(Product.BY_FARM,)), settings)
    run_grid(GridRequest(Environment.TEST, "run", SEASON, resolution=9), settings)


def near(home: Path) -> str:
    """Tell where the fields of one farm are seen, as the map's address has it: farms lie far from each other."""
    path = max(home.glob("test_outputs/Backup_Databaler/*/*/lotes.parquet"), default=None)
    rows = pq.read_table(path) if path else None
    if path is None or rows is None or len(rows) == 0:
        return ""
    farms = rows["campo_id"].to_pylist()
    chosen = max(sorted(set(farms)), key=farms.count)
    shapes = shapely.from_wkb(rows["geometry"].to_pylist())
    west, south, east, north = shapely.total_bounds([shapes[n] for n, farm in enumerate(farms) if farm == chosen])
    return f"{(west + east) / 2:.5f},{(south + north) / 2:.5f},12"


def changed(home: Path) -> None:
    """Two backups; in the second one fields came, went, moved, and were renamed, sown otherwise and cut in two."""
    rows, shapes = _fields_of(home, _FIELDS)
    keep = range(3, len(rows))
    back_up(settings_of(home), _source(rows[3:], shapes[3:]), run_id=FIRST)
    now_rows, now_shapes = [dict(row) for row in rows], list(shapes)
    for number in list(keep)[::9]:
        now_shapes[number] = shapely.affinity.translate(now_shapes[number], 0.004, 0.002)
    for number in list(keep)[1::9]:
        now_rows[number]["cultivo"] = "girasol"
    for number in list(keep)[2::11]:
        now_rows[number]["lote"] += " bis"
    gone = set(list(keep)[4::13])
    left = [number for number in range(len(rows)) if number not in gone]
    cut = left[8]
    west = shapely.box(-180, -90, now_shapes[cut].centroid.x, 90)
    extra = now_rows[cut] | {"id": now_rows[cut]["id"] + "-b", "lote": now_rows[cut]["lote"] + " B"}
    whole = now_shapes[cut]
    now_shapes[cut] = whole.intersection(west)
    back_up(
        settings_of(home),
        _source(
            [*(now_rows[number] for number in left), extra],
            [*(now_shapes[number] for number in left), whole.difference(west)],
        ),
        run_id=SECOND,
    )


def long_name(home: Path) -> None:
    """A backup whose first field has a name of 90 characters."""
    rows, shapes = _fields_of(home, 12)
    rows[0]["lote"] = LONG_NAME
    back_up(settings_of(home), _source(rows, shapes), run_id=FIRST)


def empty(home: Path) -> None:
    """A backup of nothing, which somebody has accepted."""
    try:
        back_up(settings_of(home), source_of(0), run_id=FIRST)
    except SnapshotHeldBack:
        accept(SnapshotStore(home, Environment.TEST), FIRST[:8], typed_season="25/26")


def many(home: Path) -> None:
    """A backup of 100,000 fields."""
    home_with_fields(home, _MANY)


def _fields_of(home: Path, count: int) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows and outlines of invented fields, by the farms in which they lie."""
    folder = home.parent / f"{home.name}-invented"
    home_with_fields(folder, count)
    (path,) = folder.glob("test_outputs/Backup_Databaler/*/*/lotes.parquet")
    table = pq.read_table(path).sort_by("campo_id")
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    rows = table.select([name for name in COLUMNS[Layer.FIELDS].names if name in table.column_names]).to_pylist()
    return rows, list(shapes)


def _source(rows: list[dict[str, Any]], shapes: list[Any]) -> Any:
    nothing = {name: layer_of(Layer[name.upper()], [], []) for name in ("zones", "markers", "areas")}
    return source_of(0, fields=layer_of(Layer.FIELDS, rows, shapes), **nothing)
