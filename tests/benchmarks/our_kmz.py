"""Our KMZ as a process: `python -m tests.benchmarks.our_kmz FIELDS FOLDER one|farm|field|field-durable`.

The way of a product's files: planned, written, read back; synced and put into their places where the split is durable.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from modules.domain.layers import Layer
from modules.environments import Environment
from modules.kmz_products.contents import Contents
from modules.kmz_products.edition import Edition
from modules.kmz_products.files import write_files
from modules.kmz_products.plan import PlannedFile, plan
from modules.kmz_products.request import KmzRequest, Label, Product
from modules.kmz_products.sheets import Sheets
from modules.snapshots.layers import CheckedLayer
from modules.storage.replacement import Replacement
from tests.benchmarks.pampas_fields import SEASON, empty_layer, read_fields
from tests.benchmarks.peer_kmz import DAY, DURABLE, SOURCE
from tests.benchmarks.stopwatch import stopwatch

MODIFIED = datetime(2026, 11, 23, 3, tzinfo=UTC)
PRODUCTS = {"one": Product.BY_FARM, "farm": Product.BY_FARM, "field": Product.BY_FIELD}


def write_durably(fields: CheckedLayer, folder: Path, split: str) -> None:
    """Stage all files, wait for the disk, change the folder as a whole."""
    replacement = Replacement(folder, "benchmark")
    write(fields, folder, split, replacement.stage)
    replacement.prepare([]).commit()


def write(fields: CheckedLayer, folder: Path, split: str, place: Callable[[str], Path]) -> None:
    """Write all files, each to where `place` says."""
    request = KmzRequest(Environment.TEST, "benchmark", labels=Label.NONE, terminal_names=False)
    sheets = Sheets.of(fields, empty_layer(Layer.ZONES), empty_layer(Layer.MARKERS))
    contents = Contents(sheets, Edition(str(SEASON), DAY, SOURCE), request)
    files = plan(PRODUCTS[split], sheets, SEASON, folder)
    if split == "one":
        files = [_gathered(sheets, files)]
    for _written in write_files(contents, PRODUCTS[split], files, lambda file: place(file.name), MODIFIED):
        pass


def _gathered(sheets: Sheets, files: list[PlannedFile]) -> PlannedFile:
    """All fields in one file, in folders by crop."""
    nothing = files[0].zones
    order = sheets.crop_ranks[sheets.crops.codes].argsort(kind="stable")
    return PlannedFile("todos.kmz", "Todos", (), (), order, nothing, nothing)


def main(data: Path, folder: Path, split: str) -> None:
    fields = read_fields(data)
    with stopwatch() as told:
        if split.endswith(DURABLE):
            write_durably(fields, folder, split.removesuffix(DURABLE))
        else:
            write(fields, folder, split, folder.joinpath)
    print(json.dumps({"folder": str(folder), **told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
