"""The folders of a file as a flat list in the order of the file, and which of them are switched on.

A folder's number is its place in that list, so a folder with all below it is a range of numbers. Switches are kept as
what somebody did, on top of what the file itself says: a short text in an address, however many folders there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from modules.kmz.reading.document import Feature, Folder, GroundOverlay, KmlDocument
from modules.kmz_preview.texts import balloon, one_line

#: Switches that are read from an address at most.
_SWITCHES: Final = 200
#: Digits of a folder's number; the reader takes no more than 50,000 folders.
_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class TreeFolder:
    """A folder; number 0 is the document itself.

    end: the first number that lies no longer below it
    open: whether the file shows what is in it
    on: whether the file draws what lies directly in it
    features, overlays, links: how many lie directly in it; `all_features` counts those of the folders below too
    """

    number: int
    parent: int | None
    depth: int
    end: int
    name: str
    description: str
    open: bool
    on: bool
    features: int
    all_features: int
    overlays: int
    links: int

    @property
    def holds_itself(self) -> bool:
        """Tell whether something to draw lies directly in it."""
        return bool(self.features or self.overlays)

    def holds(self, number: int) -> bool:
        """Tell whether a folder is this one or lies below it."""
        return self.number <= number < self.end


Tree = tuple[TreeFolder, ...]


class Switch(NamedTuple):
    """A folder that somebody switched on or off, with all below it."""

    folder: int
    on: bool


def make_tree(document: KmlDocument) -> Tree:
    """List the folders of a document."""
    rows = _walk(document.root)
    drawn: list[Feature | GroundOverlay] = [*document.features, *document.overlays]
    held = {each.place for each in drawn}
    seen = {each.place for each in drawn if each.visible}
    overlays = Counter(each.place for each in document.overlays)
    links = Counter(each.place for each in document.links)
    before = list(accumulate((row.folder.features for row in rows), initial=0))
    return tuple(
        TreeFolder(
            number=number,
            parent=row.parent,
            depth=row.depth,
            end=row.end,
            name=one_line(row.folder.name),
            description=balloon(row.folder.description),
            open=row.folder.open,
            on=number in seen if number in held else row.shown,
            features=row.folder.features,
            all_features=before[row.end] - before[number],
            overlays=overlays[number],
            links=links[number],
        )
        for number, row in enumerate(rows)
    )


@dataclass(slots=True)
class _Row:
    folder: Folder
    parent: int | None
    depth: int
    shown: bool
    end: int = 0


def _walk(root: Folder) -> list[_Row]:
    """List folders in the order of the file."""
    rows: list[_Row] = []
    waiting: list[tuple[Folder, int | None, int, bool]] = [(root, None, 0, True)]
    while waiting:
        folder, parent, depth, shown = waiting.pop()
        row = _Row(folder, parent, depth, shown and folder.visible)
        waiting += [(each, len(rows), depth + 1, row.shown) for each in reversed(folder.folders)]
        rows.append(row)
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        row.end = max(row.end, number + 1)
        if row.parent is not None:
            rows[row.parent].end = max(rows[row.parent].end, row.end)
    return rows


def shown_folders(tree: Tree, switches: Sequence[Switch] = ()) -> frozenset[int]:
    """Tell the numbers of the folders whose own contents are drawn, after all switches in their order."""
    on = np.fromiter((folder.on for folder in tree), dtype=bool, count=len(tree))
    for switch in switches:
        on[switch.folder : tree[switch.folder].end] = switch.on
    return frozenset(np.flatnonzero(on).tolist())


def is_on(folder: TreeFolder, shown: Collection[int]) -> bool:
    """Tell whether a folder's box is ticked: its own contents are drawn, or any below where it only holds folders."""
    if folder.holds_itself or folder.end == folder.number + 1:
        return folder.number in shown
    return any(number in shown for number in range(folder.number + 1, folder.end))


def switched(tree: Tree, switches: Sequence[Switch], folder: int, *, on: bool) -> tuple[Switch, ...]:
    """Add a switch; what was done before to the folders below it no longer counts."""
    kept = [each for each in switches if not tree[folder].holds(each.folder)]
    return (*kept, Switch(folder, on))


def write_switches(switches: Sequence[Switch]) -> str:
    """Write switches for an address: `-3.7` for 3 off, then 7 on."""
    return ".".join(f"{'' if each.on else '-'}{each.folder}" for each in switches)


def read_switches(text: str, tree: Tree) -> tuple[Switch, ...]:
    """Read switches from an address; what makes no sense for this tree is left out."""
    found = []
    for word in text.split(".", _SWITCHES)[:_SWITCHES]:
        digits = word.removeprefix("-")
        if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS and int(digits) < len(tree):
            found.append(Switch(int(digits), on=not word.startswith("-")))
    return tuple(found)


def first_expanded(tree: Tree, rows: int) -> frozenset[int]:
    """Tell which folders stand open at first: those that the file opens, and whole levels while `rows` hold them."""
    expanded = {0} | {folder.number for folder in tree if folder.open}
    for depth in range(1, max(folder.depth for folder in tree) + 1):
        tried = expanded | {folder.number for folder in tree if folder.depth < depth}
        if len(seen_rows(tree, tried)) > rows:
            break
        expanded = tried
    return frozenset(expanded) if len(seen_rows(tree, expanded)) <= rows else frozenset({0})


def seen_rows(tree: Tree, expanded: Collection[int]) -> list[TreeFolder]:
    """List the folders that are not hidden in one that is closed."""
    seen = []
    number = 0
    while number < len(tree):
        folder = tree[number]
        seen.append(folder)
        number = number + 1 if number in expanded else folder.end
    return seen
