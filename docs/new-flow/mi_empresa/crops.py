"""What is known of crops, without Prefect: tried by calling it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa


class Crops(NamedTuple):
    """Of so many fields, the hectares of each crop."""

    fields: int
    hectares: dict[str, float]


def count_hectares(fields: pa.Table) -> Crops:
    """Sum geodesic hectares of a backup's fields by crop; fields without one are `sin cultivo`."""
    import pyarrow.compute as pc

    crops = fields.set_column(0, "cultivo", fields["cultivo"].fill_null("sin cultivo"))
    sums = crops.group_by("cultivo").aggregate([("superficie_geodesica_ha", "sum")]).sort_by("cultivo")
    hectares = pc.round(sums["superficie_geodesica_ha_sum"], 1)
    return Crops(len(fields), dict(zip(sums["cultivo"].to_pylist(), hectares.to_pylist(), strict=True)))
