"""Texts of `coordinates` elements as numbers, many at a time.

KML 2.2, clause 16 (coordinatesType): tuples of lon,lat[,altitude] set apart by blanks, no blanks within. Whole columns
of texts are cut and turned into numbers by Arrow; only texts that are written otherwise are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_NUMBER: Final = r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))"
_WHOLE_NUMBER: Final = re.compile(_NUMBER)
_ARROW_NUMBER: Final = f"^{_NUMBER}$"
#: An altitude that is not zero, however it is written.
_NOT_ZERO: Final = "[1-9]"


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Positions of n texts. NaN and infinity stand as they were written.

    positions: shape (m, 2), lon and lat of all texts one after another
    counts: shape (n,), positions of each text, m together; 0 for one that is empty or unreadable
    unreadable: shape (n,), whether something else than numbers stands there
    high: shape (n,), whether a position has an altitude other than zero
    """

    positions: NDArray[np.float64]
    counts: NDArray[np.int64]
    unreadable: NDArray[np.bool_]
    high: NDArray[np.bool_]


def read_coordinates(texts: Sequence[str]) -> Coordinates:
    """Read n texts."""
    odd = np.zeros(len(texts), dtype=bool)
    usual, also_odd, good = np.arange(len(texts)), odd, None
    # Oddities are found one after another, the missing number before the wrong one: four rounds at most.
    while good is None:
        odd[usual[also_odd]] = True
        usual = np.flatnonzero(~odd)
        also_odd, good = _read_usual([texts[index] for index in usual.tolist()])
    if not odd.any():
        return good
    single = {index: _read_odd(texts[index]) for index in np.flatnonzero(odd).tolist()}
    return _merged(len(texts), usual, good, single)


def _merged(
    size: int, usual: NDArray[np.int64], good: Coordinates, single: dict[int, NDArray[np.float64] | None]
) -> Coordinates:
    counts = np.zeros(size, dtype=np.int64)
    counts[usual] = good.counts
    unreadable, high = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    high[usual] = good.high
    is_odd = np.ones(size, dtype=bool)
    is_odd[usual] = False
    for index, positions in single.items():
        unreadable[index] = positions is None
        counts[index] = 0 if positions is None else len(positions)
    merged = np.empty((int(counts.sum()), 2))
    from_odd = np.repeat(is_odd, counts)
    merged[~from_odd] = good.positions
    # In the order of the texts, as the dictionary is.
    merged[from_odd] = np.concatenate([np.empty((0, 2)), *(each for each in single.values() if each is not None)])
    return Coordinates(merged, counts, unreadable, high)


def _read_usual(texts: Sequence[str]) -> tuple[NDArray[np.bool_], Coordinates | None]:
    """Read texts that are all written as KML has it; otherwise only tell which ones are not."""
    odd = np.zeros(len(texts), dtype=bool)
    column = pc.ascii_trim_whitespace(pa.array(texts, pa.string()))
    tuples = pc.ascii_split_whitespace(column)
    counts = tuples.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    flat = tuples.flatten()
    values = pc.split_pattern(flat, ",")
    lengths = values.value_lengths().to_numpy(zero_copy_only=False)
    owner = np.repeat(np.arange(len(texts)), counts)
    empty = pc.equal(column, "").to_numpy(zero_copy_only=False)
    short = (lengths < 2) & ~empty[owner]
    if short.any():
        odd[owner[short]] = True
        return odd, None
    kept = ~empty[owner]
    numbers = values.flatten()
    starts = values.offsets.to_numpy()[:-1][kept]
    owner = owner[kept]
    counts[empty] = 0
    positions = np.empty((len(starts), 2))
    for axis in (0, 1):
        tokens = numbers.take(pa.array(starts + axis))
        try:
            positions[:, axis] = pc.cast(tokens, pa.float64()).to_numpy()
        except pa.ArrowInvalid:
            wrong = ~pc.match_substring_regex(tokens, _ARROW_NUMBER).to_numpy(zero_copy_only=False)
            odd[owner[wrong]] = True
            if not wrong.any():  # Arrow and the pattern disagree: look at all of them
                odd[owner] = True
            return odd, None
    return odd, Coordinates(positions, counts, odd, _high(numbers, starts, lengths[kept], owner, len(texts)))


def _high(
    numbers: pa.Array, starts: NDArray[np.int32], lengths: NDArray[np.int32], owner: NDArray[np.int64], size: int
) -> NDArray[np.bool_]:
    high = np.zeros(size, dtype=bool)
    with_altitude = lengths >= 3
    altitudes = numbers.take(pa.array(starts[with_altitude] + 2))
    not_zero = pc.match_substring_regex(altitudes, _NOT_ZERO).to_numpy(zero_copy_only=False)
    high[owner[with_altitude][not_zero]] = True
    return high


def _read_odd(text: str) -> NDArray[np.float64] | None:
    """Read one text with blanks around its commas, or commas between its tuples. None if it cannot be."""
    words = text.split()
    tuples = [word.strip(",").split(",") for word in words if word.strip(",")]
    if any(len(each) < 2 for each in tuples):
        tuples = [word.split(",") for word in _joined_at_commas(words)]
    positions = []
    for each in tuples:
        if len(each) < 2 or not all(_WHOLE_NUMBER.fullmatch(number) for number in each[:2]):
            return None
        positions.append((float(each[0]), float(each[1])))
    return np.array(positions, dtype=np.float64).reshape(-1, 2)


def _joined_at_commas(words: Sequence[str]) -> list[str]:
    """Put words together that a comma holds together: `-60.5,`, `-33.1`."""
    groups: list[list[str]] = []
    for before, word in zip(["", *words], words, strict=False):
        if groups and (before.endswith(",") or word.startswith(",")):
            groups[-1].append(word)
        else:
            groups.append([word])
    return ["".join(group) for group in groups]
