"""Homes with a snapshot, and the KMZ made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from modules.domain.layers import Layer
from modules.environments import Environment
from modules.kmz_products.contents import Contents
from modules.kmz_products.edition import Edition
from modules.kmz_products.files import write_files
from modules.kmz_products.plan import plan
from modules.kmz_products.request import KmzRequest, Product
from modules.kmz_products.result import KmzResult
from modules.kmz_products.run import run_kmz
from modules.kmz_products.sheets import Sheets
from modules.snapshots.layers import check_layer
from modules.sources.base import FetchedLayer
from tests.faults.backups import SEASON, back_up, settings_of
from tests.unit.snapshots.invented import TOUCHED, field_row, layer_of, outline, source_of

EDITION = Edition("25/26", "23/11/2026", "invented")


def request_of(**changes: Any) -> KmzRequest:
    return KmzRequest(**{"environment": Environment.TEST, "run_id": "run", "season": SEASON} | changes)


def make_kmz(home: Path, **changes: Any) -> KmzResult:
    return run_kmz(request_of(**changes), settings_of(home))


def home_with_snapshot(home: Path, count: int = 12, **layers: FetchedLayer) -> Path:
    home.mkdir(exist_ok=True)
    back_up(settings_of(home), source_of(count, **layers))
    return home


def fields_named(*names: str, shapes: list[Any] | None = None, **changes: Any) -> FetchedLayer:
    """A field for each name, all of one farm and crop unless `changes` say otherwise."""
    rows = [
        field_row(number, lote=name, **{"campo_id": "C0", "campo": "La Escondida", "cultivo": "soja"} | changes)
        for number, name in enumerate(names)
    ]
    return layer_of(Layer.FIELDS, rows, shapes or [outline(number) for number in range(len(rows))])


def write_product(
    folder: Path, product: Product, fields: FetchedLayer, *others: FetchedLayer, **changes: Any
) -> list[Path]:
    """The files of a product of some layers, without a snapshot."""
    layers = {each.layer: check_layer(each, None) for each in (fields, *others)}
    for layer in (Layer.ZONES, Layer.MARKERS):
        layers.setdefault(layer, check_layer(layer_of(layer, [], np.empty(0, dtype=object)), None))
    sheets = Sheets.of(layers[Layer.FIELDS], layers[Layer.ZONES], layers[Layer.MARKERS])
    contents = Contents(sheets, EDITION, request_of(**changes))
    files = plan(product, sheets, SEASON, folder)
    made = write_files(contents, product, files, lambda file: folder / file.name, TOUCHED)
    return [folder / file.name for file in made]


def product_folder(home: Path, product: Product) -> Path:
    return home / "test_outputs" / product.value


def names_in(home: Path, product: Product) -> set[str]:
    """What people see in a product's folder, but for the indexes."""
    names = {path.name for path in product_folder(home, product).iterdir() if not path.name.startswith(".")}
    return names - {"index.json", "index.kmz"}
