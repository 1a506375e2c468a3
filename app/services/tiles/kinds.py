"""Which paths name a source, and how it is loaded. A new kind is a pattern and a function: `register`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Protocol

from modules.environments import Environment
from modules.errors import RequestError
from modules.h3_grid.stored import StoredGrid, list_grids
from modules.i18n import LANGUAGES, N_, Language, use_language
from modules.snapshots.store import Snapshot, SnapshotStore
from modules.storage.roots import Folder, root_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modules.tiles.request import TileAddress, Wanted

ENVIRONMENT: Final = "(?P<environment>test|production)"
_SNAPSHOT_ID: Final = r"\d{4}-\d{2}-\d{2}T\d{6}Z_[0-9a-f]{8}"
SNAPSHOT: Final = f"(?P<snapshot>{_SNAPSHOT_ID})"
#: What differs from another snapshot, and what a KMZ draws.
CHANGES: Final = "cambios"
KMZ: Final = "kmz"
#: So long a comparison that is under way is waited for.
_PATIENCE_S: Final = 120
_NOW_HECTARES: Final = "superficie_ahora_ha"
_POINTS: Final = (0, 4)  # of shapely: a point, several points
_SEARCHED: Final = ("lote", "name", "campo", "cultivo")


class Rows(Protocol):
    """What a source must be able to do; `modules.tiles.vector.VectorSource` can."""

    @property
    def nbytes(self) -> int:
        """Bytes that it holds now."""
        ...

    def shed(self, most: int) -> None:
        """Forget what can be made again, but for `most` bytes of it."""
        ...

    def tile(self, at: TileAddress, wanted: Wanted) -> bytes:
        """Make a tile, not compressed; no bytes where nothing lies. Raises RequestError."""
        ...

    def info(self) -> dict[str, Any]:
        """Tell what `info.json` says, but for what belongs to the kind."""
        ...

    def record(self, identity: str) -> dict[str, Any] | None:
        """Tell of the row of an id its `row`, `name`, `centre`, `bounds` and `values`; None for no such row."""
        ...

    def search(self, text: str, wanted: Wanted, /) -> list[dict[str, Any]]:
        """Find the rows that are like a text, best first, as `record` tells them."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source in memory.

    rows:     what it holds
    layer:    how its kind of rows is called: `lotes`, `celdas`, …
    snapshot: which it is of, where it is of one
    more:     what else the kind wants to know of it
    """

    rows: Rows
    layer: str
    snapshot: Snapshot | None = None
    more: Any = field(default=None)


_KINDS: dict[re.Pattern[str], Callable[[Path, re.Match[str]], Loaded]] = {}


def register(pattern: str, load: Callable[[Path, re.Match[str]], Loaded]) -> None:
    """Let paths that match all of `pattern` be sources. load: is given the home and the match.

    A pattern must not match what could lead out of a folder: name each character that may occur.
    """
    _KINDS[re.compile(pattern, re.ASCII)] = load


def load(home: Path, path: str) -> Loaded:
    """Load the source that a path names. Raises RequestError for no such path, else what its loader does."""
    for pattern, loader in _KINDS.items():
        match = pattern.fullmatch(path)
        if match is not None:
            return loader(home, match)
    raise RequestError(N_("There is no such source. It may be gone: reload the page."))


def find_snapshot(home: Path, match: re.Match[str]) -> Snapshot:
    """Find the snapshot, published or held back, that a path names. Raises SnapshotError when there is none."""
    return SnapshotStore(home, Environment(match["environment"])).find_whole(match["snapshot"])


def _layer(home: Path, match: re.Match[str]) -> Loaded:
    from modules.domain.layers import Layer
    from modules.tiles.snapshots import load_layer

    snapshot, layer = find_snapshot(home, match), Layer(match["layer"])
    return Loaded(load_layer(snapshot.path, layer), layer.value, snapshot)


def _grid(home: Path, match: re.Match[str]) -> Loaded:
    from modules.tiles.cells import load_cells

    for grid in list_grids(root_of(home, Environment(match["environment"])) / Folder.H3):
        if mark_of(grid) == match["mark"]:
            return Loaded(load_cells(grid.path), "celdas")
    raise RequestError(N_("This grid is not here any more: it was made again, or removed. Reload the page."))


def _changes(home: Path, match: re.Match[str]) -> Loaded:
    from app.services.changes import comparison
    from modules.changes.layer import changes_layer
    from modules.changes.words import detail
    from modules.tiles.snapshots import full_names
    from modules.tiles.tables import table_source

    now = find_snapshot(home, match)
    before = SnapshotStore(home, Environment(match["environment"])).find_whole(match["base"])
    # What takes longer goes on, and is asked for again: TimeoutError.
    changes = comparison(before, now, _PATIENCE_S).result(0)
    layer = changes_layer(changes, before, now)
    table = layer.table.drop_columns(["detalle"])
    for language in LANGUAGES:
        # One source is for the readers of all languages.
        with use_language(language):
            table = table.append_column(detail_column(language), [[detail(each, changes) for each in changes.fields]])
    rows = table_source(table, layer.geometry, full_names(table, "lote"), hectares=_NOW_HECTARES, searched=_SEARCHED)
    return Loaded(rows, CHANGES, now)


def _kmz(home: Path, match: re.Match[str]) -> Loaded:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import shapely

    from app.services import previews
    from modules.settings import load_settings
    from modules.tiles.tables import table_source

    token = match["token"]
    preview = previews.shared(load_settings(home)).find(token)
    table = preview.layer.table
    shown = table["shown"].to_numpy()
    drawn, geometry = table.filter(table["shown"]), preview.layer.geometry[shown]
    # As in Google Earth, points alone have their names written beside them; `icon` and `label` of others are null.
    is_point = pa.array(np.isin(shapely.get_type_id(geometry), _POINTS))
    drawn = drawn.append_column("label", pc.if_else(is_point, drawn["name"], None))
    # Of the preview only its token: it has a bound of its own, and kept here it would be in memory beyond both.
    rows = table_source(drawn, geometry, drawn["name"], searched=("name",), ordered=True, apart="folder")
    return Loaded(rows, KMZ, more=token)


def detail_column(language: Language) -> str:
    """Name the column of a source of changes that says in a language what happened."""
    return f"detalle_{language}"


def is_compared(path: str) -> bool:
    """Tell whether a path names changes, which may be long in coming."""
    return path.rpartition("/")[2].startswith(f"{CHANGES}-")


def mark_of(grid: StoredGrid) -> str:
    """Make the mark of a grid's file: another one when it was written again."""
    said = f"{grid.path.name}\0{grid.made_at.isoformat()}\0{grid.size}"
    return blake2b(said.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def grid_source(environment: Environment, grid: StoredGrid) -> str:
    """Tell the path of a grid as a source."""
    return f"{environment}/h3-{mark_of(grid)}/celdas"


register(f"{ENVIRONMENT}/{SNAPSHOT}/(?P<layer>lotes|ambientes|marcadores|zonas)", _layer)
register(rf"{ENVIRONMENT}/{SNAPSHOT}/{CHANGES}-(?P<base>{_SNAPSHOT_ID})", _changes)
register(rf"(?P<token>[\w-]{{8,80}})/{KMZ}", _kmz)
register(rf"{ENVIRONMENT}/h3-(?P<mark>[0-9a-f]{{16}})/celdas", _grid)
