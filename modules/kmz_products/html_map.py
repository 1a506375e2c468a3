"""The HTML map among the products: one file for a season and a choice, beside those of other choices."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from modules.domain.season import Season
from modules.html_map import HtmlMapRequest, draw_html_map
from modules.kmz_products.request import KmzRequest
from modules.kmz_products.result import ProductResult
from modules.snapshots.store import Snapshot
from modules.storage.replacement import Replacement
from modules.storage.roots import Folder

FOLDER = Folder.HTML_MAP


def stage_html_map(
    snapshot: Snapshot, season: Season, request: KmzRequest, root: Path, replacement: Replacement
) -> ProductResult:
    """Stage the map of the chosen farms and crops. Raises RequestError when they have no field together."""
    began = perf_counter()
    drawn = draw_html_map(snapshot, HtmlMapRequest(season, request.farms, request.crops), root / FOLDER)
    replacement.stage(drawn.name).write_bytes(drawn.content)
    replacement.prepare(gone=())
    return ProductResult(
        files=1, features=dict(drawn.rows), bytes=len(drawn.content), seconds=round(perf_counter() - began, 3)
    )
