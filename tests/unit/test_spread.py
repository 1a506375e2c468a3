"""Cutting work into parts."""

from __future__ import annotations

import numpy as np
import pytest

from modules.spread import HERE, cut


@pytest.mark.parametrize(
    ("work", "parts", "expected"),
    [
        ([1, 1, 1, 1], 2, [(0, 2), (2, 4)]),
        ([1, 1, 1, 1], 1, [(0, 4)]),
        ([5, 1, 1, 1], 2, [(0, 1), (1, 4)]),
        ([1, 1, 1, 5], 2, [(0, 4)]),  # what the second has is half of all, and cannot be cut
        ([1, 1], 8, [(0, 1), (1, 2)]),
        ([7], 3, [(0, 1)]),
        ([], 3, []),
    ],
)
def test_work_is_cut_into_runs_of_about_equal_work(
    work: list[float], parts: int, expected: list[tuple[int, int]]
) -> None:
    assert cut(np.array(work, dtype=np.float64), parts) == expected


def test_here_a_part_is_done_when_it_is_asked_for() -> None:
    done: list[int] = []

    def do(part: int) -> int:
        done.append(part)
        return part * 2

    results = HERE(do, [1, 2, 3])

    assert done == []
    assert next(results) == 2
    assert done == [1]
    assert list(results) == [4, 6]
