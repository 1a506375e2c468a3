"""Figures of a grid straight from its file, at a resolution to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from modules.errors import StorageError
from modules.h3_grid.parents import NEEDED, parents
from modules.i18n import N_

_TEXTS: Final = ["lote_id", "cultivo"]


def read_figures(path: Path, resolution: int, crop: str | None = None) -> pa.Table:
    """Read hectares, samples, markers, fields and the share of a crop for each cell of `resolution`; see `PARENTS`.

    path: a grid, or its short form, as Parquet. Raises StorageError for a file that cannot be read, RequestError for
    a resolution finer than the grid's.
    """
    try:
        table = pq.read_table(path, columns=list(NEEDED), read_dictionary=_TEXTS).unify_dictionaries()
    except (OSError, pa.ArrowException) as error:
        raise StorageError(
            N_("The grid “{file}” cannot be read. Make it again, or choose another one."), file=path.name
        ) from error
    return parents(table, resolution, crop)
