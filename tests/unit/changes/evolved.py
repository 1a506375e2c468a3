"""A home with two backups of the same farms, between which each kind of thing happened to a field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely
import shapely.affinity

from modules.domain.layers import Layer
from tests.faults.backups import back_up, settings_of
from tests.unit.snapshots.invented import InventedSource, field_row, layer_of, markers, outline, source_of

FIRST, SECOND = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
Rows = dict[int, tuple[dict[str, Any], Any]]


def happened(rows: Rows) -> None:
    """2 renamed to «El 2», 3 moved, 4 cut in two, 5 sown with another crop, 6 gone, 12 and 13 new."""
    rows[2] = field_row(2, lote="El 2 [bold]"), rows[2][1]
    rows[3] = rows[3][0], shapely.affinity.translate(rows[3][1], 0.001, 0.0)
    whole = rows[4][1]
    west = shapely.box(-180, -90, whole.centroid.x, 90)
    rows[4] = rows[4][0], whole.intersection(west)
    rows[40] = field_row(40, id="L000004-b", lote="4 B", campo_id="C1", campo="El Ñandú"), whole.difference(west)
    rows[5] = field_row(5, cultivo="girasol"), rows[5][1]
    del rows[6]
    rows[12], rows[13] = (field_row(12), outline(12)), (field_row(13), outline(13))


def source_after(change: Callable[[Rows], None], count: int = 12) -> InventedSource:
    rows = {number: (field_row(number), outline(number)) for number in range(count)}
    change(rows)
    fields = layer_of(Layer.FIELDS, [row for row, _ in rows.values()], [shape for _, shape in rows.values()])
    return source_of(count, fields=fields, markers=markers(count, observaciones="arcilla"))


def evolved_home(home: Path, **request: Any) -> Path:
    settings = settings_of(home)
    back_up(settings, source_of(), run_id=FIRST, **request)
    back_up(settings, source_after(happened), run_id=SECOND, **request)
    return home
