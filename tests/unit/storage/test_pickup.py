"""Files that wait for somebody: found by their token alone, and for a day."""

import os
import time
from pathlib import Path

import pytest

from modules.errors import RequestError
from modules.storage.pickup import find_file, new_place
from modules.storage.roots import exports_of


def test_a_file_is_found_by_its_token(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    (place / ".tmp-half.gpkg").touch()
    (place / "lotes.gpkg").write_bytes(b"a")
    assert find_file(tmp_path, place.name) == place / "lotes.gpkg"
    assert new_place(tmp_path).name != place.name


def test_f32_nothing_else_is_found(tmp_path: Path) -> None:
    place = new_place(tmp_path)
    (place / "link.gpkg").symlink_to("/etc/passwd")
    elsewhere = exports_of(tmp_path) / ("a" * 32)
    elsewhere.symlink_to("/etc")
    (exports_of(tmp_path) / "plain").mkdir()
    (exports_of(tmp_path) / "plain" / "a.gpkg").touch()
    for token in (place.name, elsewhere.name, "plain", "", ".", "..", "b" * 32, "0" * 31, place.name.upper() + "/.."):
        with pytest.raises(RequestError):
            find_file(tmp_path, token)


def test_a_day_later_it_goes_away(tmp_path: Path) -> None:
    old, young = new_place(tmp_path), new_place(tmp_path)
    for place, age_s in ((old, 25 * 3600), (young, 23 * 3600)):
        (place / "lotes.gpkg").touch()
        os.utime(place, (time.time() - age_s,) * 2)
    new_place(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)
