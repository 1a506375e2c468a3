"""The names of a Shapefile's columns."""

import re

from modules.export import FORMATS
from modules.exporters.shapefile import SHORT_NAMES, short_name
from modules.settings import PROJECT
from modules.snapshots.layers import SNAPSHOT_COLUMNS


def test_every_column_of_a_snapshot_has_a_name_of_its_own_that_fits():
    for columns in SNAPSHOT_COLUMNS.values():
        names = [short_name(name) for name in columns.names]
        assert len({name.casefold() for name in names}) == len(names)
        assert all(len(name) <= 10 and name.isascii() for name in names)


def test_every_long_column_of_a_snapshot_has_a_name_that_was_chosen():
    known = {name for columns in SNAPSHOT_COLUMNS.values() for name in columns.names}
    long = {name for name in known if len(name) > 10 and not name.startswith("huella")}
    assert long == {name for name in SHORT_NAMES if name in known}


def test_columns_of_another_version_get_stable_names_too():
    names = ["rendimiento_estimado_kg", "rendimiento_estimado_qq", "año", "campaña_anterior_soja"]
    short = [short_name(name) for name in names]
    assert short == [short_name(name) for name in names]
    assert len(set(short)) == 4
    assert all(len(name) <= 10 and name.isascii() for name in short)


def test_the_documentation_tells_the_names_and_the_formats():
    page = (PROJECT / "docs" / "exports.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|$", page, re.MULTILINE)) == dict(SHORT_NAMES)
    formats = page.partition("## Formats")[2].partition("## Shapefile")[0]
    assert set(FORMATS) <= set(re.findall(r"^\| `(\w+)` \|", formats, re.MULTILINE))
