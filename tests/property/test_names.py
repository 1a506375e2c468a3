"""Whatever names are, they have an order, and numbers in them are ordered as numbers are."""

from hypothesis import example, given
from hypothesis import strategies as st

from modules.domain.names import natural_key

#: More digits than `int` takes, which is 4,300.
LONG = "9" * 5_000
digits = st.text("0123456789", min_size=1, max_size=30) | st.integers(1, 6_000).map(lambda count: "7" * count)


@given(st.lists(st.text() | digits | st.tuples(st.text(max_size=3), digits, st.text(max_size=3)).map("".join)))
@example([LONG, f"Lote {LONG}", "Lote 2", "٣", "²"])
def test_any_names_have_an_order(names: list[str]):
    keys = sorted(natural_key(name) for name in names)
    assert sorted(natural_key(name) for name in reversed(names)) == keys


@given(st.integers(0, 10**40), st.integers(0, 10**40), st.integers(0, 5))
@example(2, 10, 0)
def test_numbers_in_names_are_ordered_as_numbers_are(one: int, other: int, zeros: int):
    first, second = natural_key(f"Lote {'0' * zeros}{one}"), natural_key(f"Lote {other}")
    assert (first < second) == (one < other)
    assert (first == second) == (one == other)


def test_a_number_of_more_digits_than_python_reads_is_the_larger_one():
    names = [f"Lote {LONG}", "Lote 10", "Lote 2", f"Lote 1{LONG}", f"Lote 8{LONG[1:]}", "Lote ٣"]
    assert sorted(names, key=natural_key) == [
        "Lote 2", "Lote ٣", "Lote 10", f"Lote 8{LONG[1:]}", f"Lote {LONG}", f"Lote 1{LONG}",
    ]  # fmt: skip
