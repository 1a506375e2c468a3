"""Fields that were split or merged, recognised by how their outlines overlap.

A field was split when at least two fields of the later snapshot lie in it, each with `SHARE` of its own area at least,
and together cover `SHARE` of it at least. They are new ids; the field's own id may live on as one of them. A merge is
the same seen from the other side. A field that would be part of a split and of a merge is part of neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from modules.changes.kinds import Kind
from modules.changes.result import Family
from modules.changes.shapes import common_areas
from modules.geometry.batches import Geometries

#: More than a half, so that a piece has one whole; less than all, since headlands and roads are left out and borders
#: are drawn again.
SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Candidates:
    """n fields of one snapshot that the other has not, or with another outline: ids and outlines on a plane."""

    ids: Sequence[str]
    shapes: Geometries


def find_families(before: Candidates, now: Candidates) -> list[Family]:
    """Find what was split and what was merged, sorted by the id of the one."""
    # Laying one over the other lets go of the interpreter.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="changes") as beside:
        merging = beside.submit(_pieces, now, before)
        splits, merges = _pieces(before, now), merging.result()
    in_splits, in_merges = _members(splits), _members(merges)
    found = [
        *(Family(Kind.SPLIT, one, pieces) for one, pieces in splits.items() if in_merges.isdisjoint((one, *pieces))),
        *(Family(Kind.MERGED, one, pieces) for one, pieces in merges.items() if in_splits.isdisjoint((one, *pieces))),
    ]
    return sorted(found, key=lambda family: (family.one, family.kind))


def _members(families: Mapping[str, tuple[str, ...]]) -> set[str]:
    return set(families).union(*families.values())


def _pieces(wholes: Candidates, parts: Candidates) -> dict[str, tuple[str, ...]]:
    """Find the wholes that `parts` cover, with the ids of their pieces."""
    if not len(wholes.ids) or len(parts.ids) < 2:
        return {}
    part, whole = _overlapping(wholes.shapes, parts.shapes)
    shared = common_areas(parts.shapes[part], wholes.shapes[whole])
    inside = shared >= SHARE * shapely.area(parts.shapes[part])
    homes: dict[int, tuple[float, str, int]] = {}
    for index in np.flatnonzero(inside).tolist():
        # A piece of two that lie upon each other belongs to the one it shares most with, then to the first id.
        home = (-float(shared[index]), wholes.ids[int(whole[index])], int(whole[index]))
        homes[int(part[index])] = min(home, homes.get(int(part[index]), home))
    covered: dict[int, float] = defaultdict(float)
    pieces: dict[int, list[str]] = defaultdict(list)
    continuing = set(wholes.ids) & set(parts.ids)
    for index, (share, one, home_index) in sorted(homes.items()):
        # An id that both have is a piece of itself and of nothing else.
        if parts.ids[index] not in continuing or parts.ids[index] == one:
            pieces[home_index].append(parts.ids[index])
            covered[home_index] -= share
    areas = shapely.area(wholes.shapes)
    return {
        wholes.ids[index]: tuple(sorted(ids))
        for index, ids in pieces.items()
        if len(ids) > 1
        and covered[index] >= SHARE * areas[index]
        and (wholes.ids[index] not in continuing or wholes.ids[index] in ids)
    }


def _overlapping(wholes: Geometries, parts: Geometries) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find pairs (part, whole) whose boxes share enough that the part may lie in the whole; neighbours do not.

    A whole with only one such part was not divided. Were all ids others one day, that spares laying all fields over.
    """
    part, whole = shapely.STRtree(wholes).query(parts)
    boxes, others = shapely.bounds(parts)[part], shapely.bounds(wholes)[whole]
    sides = np.minimum(boxes[:, 2:], others[:, 2:]) - np.maximum(boxes[:, :2], others[:, :2])
    near = np.prod(np.maximum(sides, 0.0), axis=1) >= SHARE * shapely.area(parts)[part]
    part, whole = part[near], whole[near]
    divided = np.bincount(whole, minlength=len(wholes))[whole] > 1
    return part[divided], whole[divided]
