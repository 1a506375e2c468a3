"""Colours of any column: the commonest texts, and classes of numbers that hold about as many rows each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.domain.colour_scales import RAMP, Common, classes_of, common_values, ramp_of


def test_texts_are_counted_with_their_hectares_blanks_as_none() -> None:
    column = pa.chunked_array([["soja", "maíz", None], ["soja", "  ", "maíz"]])
    found = common_values(column, np.array([10.0, 50.0, 1.0, 20.0, 2.0, 5.0]))
    assert found == [Common("maíz", 2, 55.0), Common("soja", 2, 30.0), Common(None, 2, 3.0)]


def test_truths_are_texts_too() -> None:
    (one, other) = common_values(pa.chunked_array([[True, False, True]]), np.ones(3))
    assert (one.value, one.rows, other.value, other.rows) == ("true", 2, "false", 1)


def test_classes_hold_about_as_many_rows_each_at_borders_that_can_be_read() -> None:
    classes = classes_of(np.arange(1, 601, dtype=float))
    assert [each.low for each in classes] == [1, 100, 200, 300, 400, 500]
    assert [each.rows for each in classes] == [99, 100, 100, 100, 100, 101]


@pytest.mark.parametrize(("values", "classes"), [([], 0), ([np.nan], 0), ([7.0, 7.0], 1), ([1.0, 2.0, np.inf], 2)])
def test_few_values_make_few_classes(values: list[float], classes: int) -> None:
    assert len(classes_of(np.array(values, dtype=float))) == classes


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_every_number_is_in_exactly_one_class(values: list[float]) -> None:
    numbers = np.array(values)
    classes = classes_of(numbers)
    assert sum(each.rows for each in classes) == len(numbers)
    for place, each in enumerate(classes):
        last = place == len(classes) - 1
        inside = (numbers >= each.low) & ((numbers <= each.high) if last else (numbers < each.high))
        assert inside.sum() == each.rows


@pytest.mark.parametrize("count", range(1, len(RAMP) + 1))
def test_colours_of_classes_are_different(count: int) -> None:
    assert len(set(ramp_of(count))) == count
