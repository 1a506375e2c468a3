"""For any tree and any switches: the boxes say what is drawn, and an address gives back what was clicked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from modules.kmz_preview.tree import (
    Tree,
    first_expanded,
    is_on,
    read_switches,
    seen_rows,
    shown_folders,
    switched,
    write_switches,
)
from tests.unit.kmz_preview.made_up import preview
from tests.unit.kmz_reading.made_up import kml, placemark

OFF = "<visibility>0</visibility>"
leaves = st.sampled_from(["", placemark(), placemark(OFF), OFF])
bodies = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4).map(
        lambda parts: "".join(f"<Folder><name>x</name>{part}</Folder>" for part in parts)
    ),
    max_leaves=12,
)
clicks = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=8)


def tree_of(body: str) -> Tree:
    return preview(kml(body)).tree


@settings(max_examples=60)
@given(bodies, clicks)
def test_the_last_click_on_a_folder_or_above_it_decides(body: str, clicked: list[tuple[int, bool]]):
    tree = tree_of(body)
    expected = {folder.number: folder.on for folder in tree}
    switches = ()
    for number, on in clicked:
        folder = tree[number % len(tree)]
        switches = switched(tree, switches, folder.number, on=on)
        expected.update(dict.fromkeys(range(folder.number, folder.end), on))
    shown = shown_folders(tree, switches)
    assert shown == {number for number, on in expected.items() if on}
    assert read_switches(write_switches(switches), tree) == switches
    for folder in tree:
        below = set(range(folder.number, folder.end))
        assert is_on(folder, shown) <= bool(below & shown)
        assert is_on(folder, shown) or not below <= shown


@settings(max_examples=60)
@given(bodies, st.sets(st.integers(0, 30)))
def test_a_row_is_seen_when_all_it_lies_in_stand_open(body: str, expanded: set[int]):
    tree = tree_of(body)
    seen = {folder.number for folder in seen_rows(tree, expanded)}
    for folder in tree:
        assert (folder.number in seen) == (
            folder.parent is None or (folder.parent in seen and folder.parent in expanded)
        )
    assert sum(folder.features for folder in tree) == tree[0].all_features
    assert first_expanded(tree, 25) <= {folder.number for folder in tree}


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_any_text_of_an_address_is_read(text: str):
    tree = tree_of("<Folder/>" * 3)
    assert all(0 <= switch.folder < len(tree) for switch in read_switches(text, tree))
