"""The rows of a source as people ask for them: one by its id, or those that are like what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from modules.domain.names import natural_key, plain_name
from modules.tiles.columns import Column
from modules.tiles.mercator import WORLD, unproject
from modules.tiles.shapes import Shapes

#: Rows that a search gives.
MOST_FOUND: Final = 20
#: Of rows that are alike to the same degree so many are put into the order of their names.
_ORDERED: Final = 5_000
_IDENTITY: Final = "id"
_DEGREES: Final = 4
_UNLIKE: Final = 100


class Directory:
    """Finds rows. columns: n rows each, `id` among them; names: of each row; searched: what of them is searched."""

    def __init__(self, shapes: Shapes, columns: Mapping[str, Column], names: Column, searched: Sequence[str]) -> None:
        self._shapes = shapes
        self._columns = columns
        self._names = names
        self._searched = [columns[name] for name in searched if name in columns]

    @property
    def nbytes(self) -> int:
        """Bytes of what it has made for searches."""
        made = self.__dict__.get("_plain", ())
        return sum(values.nbytes for values, _code in made)

    def record(self, identity: str) -> dict[str, Any] | None:
        """Tell of the row of an id: `row`, `id`, `name`, `centre`, `bounds` and the `values` of all columns."""
        column = self._columns[_IDENTITY]
        code = pc.index(column.values, pa.scalar(identity, column.values.type)).as_py()
        rows = np.flatnonzero(column.code == code)
        return self._record(int(rows[0])) if code >= 0 and len(rows) else None

    def search(self, text: str, keep: NDArray[np.bool_] | None = None) -> list[dict[str, Any]]:
        """Find the rows whose name or other text is like `text`, case and accents aside; best first, 20 at most.

        keep: the rows to look among, shape (n,); all by default
        """
        wanted = plain_name(text)
        if not wanted:
            return []
        degree = self._degrees(wanted)
        if (degree == _UNLIKE).all() and " " in wanted:
            degree = np.max([self._degrees(word) for word in wanted.split()], axis=0)
        if keep is not None:
            degree = np.where(keep, degree, _UNLIKE)
        return [self._record(int(row)) for row in self._best(degree)]

    def bounds(self, row: int | None = None) -> list[float] | None:
        """Tell west, south, east, north in degrees of a row or of all; None where nothing is drawn.

        What crosses the antimeridian has its east beyond 180°.
        """
        own = np.ones(len(self._shapes), bool) if row is None else self._shapes.ragged.shape == row
        bounds = self._shapes.bounds[own]
        inside = (bounds[:, 0] >= 0) & (bounds[:, 0] <= WORLD)  # the others are copies
        bounds = bounds[inside] if inside.any() else bounds
        if not len(bounds):
            return None
        west, north = (float(each) for each in bounds[:, :2].min(axis=0))
        east, south = (float(each) for each in bounds[:, 2:].max(axis=0))
        return [round(each, 7) for each in (*unproject(west, south), *unproject(east, north))]

    def _record(self, row: int) -> dict[str, Any]:
        return {
            "row": row,
            "id": self._columns[_IDENTITY].at(row),
            "name": self._names.at(row) or "",
            "centre": self._centre(row),
            "bounds": self.bounds(row),
            "values": {name: column.at(row) for name, column in self._columns.items()},
        }

    def _centre(self, row: int) -> list[float] | None:
        labels = self._shapes.label[self._shapes.ragged.shape == row]
        labels = labels[np.argsort((labels[:, 0] < 0) | (labels[:, 0] >= WORLD), kind="stable")]
        return [round(each, 7) for each in unproject(*labels[0].tolist())] if len(labels) else None

    @cached_property
    def _plain(self) -> list[tuple[pa.Array, NDArray[np.int32]]]:
        return [(_plain(column.values), column.code) for column in self._searched]

    def _degrees(self, wanted: str) -> NDArray[np.int64]:
        """Tell how like each row is: the same, begins so, has a word that begins so, holds it; by its best column."""
        best = np.full(len(self._names.code), _UNLIKE)
        for place, (values, code) in enumerate(self._plain):
            degree = np.full(len(values) + 1, _UNLIKE)  # the last one answers for -1
            tests = (
                pc.match_substring(values, wanted),
                pc.match_substring(values, f" {wanted}"),
                pc.starts_with(values, wanted),
                pc.equal(values, wanted),
            )
            for number, test in enumerate(tests):
                like = np.append(test.to_numpy(zero_copy_only=False), False)
                degree[like] = (_DEGREES - 1 - number) * len(self._plain) + place
            best = np.minimum(best, degree[code])
        return best

    def _best(self, degree: NDArray[np.int64]) -> list[int]:
        found: list[int] = []
        for each in np.unique(degree[degree < _UNLIKE]):
            alike = np.flatnonzero(degree == each)[:_ORDERED].tolist()
            found += sorted(alike, key=lambda row: natural_key(self._names.at(row) or ""))
            if len(found) >= MOST_FOUND:
                break
        return found[:MOST_FOUND]


def _plain(values: pa.Array) -> pa.Array:
    """Do to all values what `plain_name` does to one."""
    plain = pc.utf8_normalize(pc.utf8_lower(values.cast(pa.string())), form="NFKD")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"\p{Mn}+", ""))
