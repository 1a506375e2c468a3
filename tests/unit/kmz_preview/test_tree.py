"""The tree: counts, order, what the file draws, and what switches make of it."""

import pytest

from modules.kmz_preview.tree import (
    Switch,
    first_expanded,
    is_on,
    read_switches,
    seen_rows,
    shown_folders,
    switched,
    write_switches,
)
from tests.unit.kmz_preview.made_up import overlay, preview
from tests.unit.kmz_reading.made_up import kml, placemark

#: 0 document · 1 A · 2 A/a · 3 A/b · 4 B · 5 B/"" · 6 B/""
FARMS = kml(
    "<name>Grupo</name>"
    + placemark()
    + f"<Folder><name>A</name><open>1</open><Folder><name>a</name>{placemark() * 2}</Folder>"
    + f"<Folder><name>b</name><visibility>0</visibility>{placemark('<visibility>0</visibility>')}</Folder></Folder>"
    + f"<Folder><name>B</name><description><![CDATA[<b>Sur</b>]]></description><Folder>{placemark()}</Folder>"
    + f"<Folder>{overlay()}<NetworkLink/></Folder></Folder>"
)
OFF = "<visibility>0</visibility>"
POINT = "<Point><coordinates>1,1</coordinates></Point>"


def test_folders_stand_in_the_order_of_the_file_with_what_is_in_them():
    tree = preview(FARMS).tree
    assert [(f.number, f.parent, f.depth, f.end, f.name) for f in tree] == [
        (0, None, 0, 7, "Grupo"),
        (1, 0, 1, 4, "A"),
        (2, 1, 2, 3, "a"),
        (3, 1, 2, 4, "b"),
        (4, 0, 1, 7, "B"),
        (5, 4, 2, 6, ""),
        (6, 4, 2, 7, ""),
    ]
    assert [f.features for f in tree] == [1, 0, 2, 1, 0, 1, 0]
    assert [f.all_features for f in tree] == [5, 3, 2, 1, 1, 1, 0]
    assert [(f.overlays, f.links) for f in tree][-1] == (1, 1)
    assert [f.open for f in tree] == [False, True, False, False, False, False, False]
    assert tree[4].description == "Sur"


def test_things_know_their_folder_even_where_folders_have_the_same_name():
    found = preview(FARMS)
    assert found.features["folder"].to_pylist() == [0, 2, 2, 3, 5]
    assert [each.folder for each in found.overlays] == [6]
    assert [each.folder for each in found.links] == [6]


def test_what_the_file_switches_off_is_off_and_shows_all_of_it_once_it_is_on():
    found = preview(FARMS)
    assert shown_folders(found.tree) == {0, 1, 2, 4, 5, 6}
    assert found.features["shown"].to_pylist() == [True] * 5


def test_a_placemark_that_is_off_alone_stays_off_while_its_folder_is_on():
    found = preview(kml(f"<Folder>{placemark()}{placemark(OFF + POINT)}</Folder>"))
    assert found.tree[1].on
    assert found.features["shown"].to_pylist() == [True, False]
    assert found.layer.table["shown"].to_pylist() == [True, False]


def test_a_switch_takes_all_below_with_it_and_later_ones_go_before():
    tree = preview(FARMS).tree
    off = switched(tree, (), 0, on=False)
    assert shown_folders(tree, off) == frozenset()
    one_on = switched(tree, off, 3, on=True)
    assert shown_folders(tree, one_on) == {3}
    assert is_on(tree[1], {3})  # it only holds folders, and one of them is on
    assert not is_on(tree[4], {3})
    assert not is_on(tree[0], {3})  # a placemark lies directly in it
    assert switched(tree, one_on, 1, on=False) == (Switch(0, False), Switch(1, False))
    assert switched(tree, one_on, 0, on=True) == (Switch(0, True),)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("-3.5", (Switch(3, False), Switch(5, True))),
        ("-0", (Switch(0, False),)),
        ("", ()),
        ("7.99999.999999999999999999.--1.x.1e1.²", ()),
        (".".join(["1"] * 5000), (Switch(1, True),) * 200),
    ],
)
def test_switches_of_an_address_are_read_with_suspicion(text: str, read: tuple[Switch, ...]):
    tree = preview(FARMS).tree
    assert read_switches(text, tree) == read
    assert read_switches(write_switches(read), tree) == read


def test_closed_folders_hide_what_is_below_them():
    tree = preview(FARMS).tree
    assert [f.number for f in seen_rows(tree, ())] == [0]
    assert [f.number for f in seen_rows(tree, {0, 4})] == [0, 1, 4, 5, 6]
    assert [f.number for f in seen_rows(tree, range(7))] == list(range(7))


def test_as_many_levels_stand_open_as_rows_hold():
    tree = preview(FARMS).tree
    assert len(seen_rows(tree, first_expanded(tree, 25))) == 7
    assert [f.number for f in seen_rows(tree, first_expanded(tree, 5))] == [0, 1, 2, 3, 4]  # A is open in the file
    assert [f.number for f in seen_rows(tree, first_expanded(tree, 1))] == [0, 1, 4]
    flat = preview(kml("<Folder/>" * 1000)).tree
    assert len(seen_rows(flat, first_expanded(flat, 25))) == 1001  # pages are for that
