import unicodedata
from pathlib import Path

import pytest

from modules.storage.safe_names import MAX_PATH, safe_name, safe_names, safe_names_by_id

#: What Windows and OneDrive refuse, written down apart from the code that avoids it.
FORBIDDEN = set('<>:"/\\|?*') | {chr(code) for code in range(32)}
DEVICES = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}


#: What turns the direction of text or breaks its line (Unicode, "Bidi_Control" and the two separators).
DECEIVING = set(map(chr, [0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]))


def assert_safe(name: str) -> None:
    assert name
    assert not (FORBIDDEN | DECEIVING) & set(name)
    assert name.partition(".")[0].casefold() not in DEVICES
    assert not name.startswith((" ", "~$"))
    assert not name.endswith((" ", "."))
    assert len(name.encode()) <= 255
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize("plain", ["La Escondida 7", "Ñandú", "soja 25-26.gpkg", "3 de Febrero", "lote~1", "a.b"])
def test_a_name_that_is_safe_stays_as_it_is(plain):
    assert safe_name(plain) == plain


@pytest.mark.parametrize(
    "text",
    ["CON", "con.", "aux.kmz", "NUL ", "COM1", "lpt9.txt", "x.", "x ", " x", "a/b", "a\\b", "a:b", "...", "", "\x00",
     "a\nb", "~$x", "desktop.ini", "?", "*" * 300, "soja\u202exslx.exe", *sorted(DECEIVING)],
)  # fmt: skip
def test_f29_awkward_names_become_safe(text):
    assert_safe(safe_name(text))
    assert_safe(safe_name(text, " 25-26.gpkg"))


def test_f29_names_that_become_the_same_are_kept_apart():
    names = safe_names(["a/b", "a:b", "a_b"], ".kmz")
    assert len({name.casefold() for name in names.values()}) == 3
    assert all(name.endswith(".kmz") for name in names.values())


@pytest.mark.parametrize(
    "twins",
    [[unicodedata.normalize(form, "Ñandú") for form in ("NFC", "NFD")], ["Soja", "SOJA"], ["straße", "STRASSE"]],
    ids=["NFC and NFD", "case", "folded case"],
)
def test_f30_twins_have_two_files_whatever_their_order(twins, tmp_path):
    names = safe_names(twins, ".gpkg")
    assert names == safe_names(reversed(twins), ".gpkg")
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names.values()}) == 2
    for name in names.values():
        assert_safe(name)
        (tmp_path / name).write_text(name)
    assert len([*tmp_path.iterdir()]) == 2


def test_f30_a_third_twin_leaves_the_others_their_names():
    two, three = safe_names(["Soja", "soja"]), safe_names(["Soja", "soja", "SOJA"])
    assert two.items() <= three.items()


def test_things_of_the_same_name_are_told_apart_by_their_id():
    names = safe_names_by_id({"C1": "San José", "C2": "San José", "C3": "El Ñandú"}, ".csv")
    assert len(set(names.values())) == 3
    assert names["C3"] == "El Ñandú.csv"


def test_f31_a_long_name_is_shortened_with_a_stable_hash():
    one, other = "ñ" * 300 + "1", "ñ" * 300 + "2"
    assert_safe(safe_name(one, ".gpkg"))
    assert safe_name(one, ".gpkg") == safe_name(one, ".gpkg") != safe_name(other, ".gpkg")
    assert safe_name(one, ".gpkg").endswith(".gpkg")


def test_f31_a_long_path_is_shortened(tmp_path: Path):
    folder = tmp_path / ("f" * 120)
    name = safe_name("n" * 230, ".gpkg", folder=folder)
    assert len(str(folder / name)) <= MAX_PATH
    folder.mkdir()
    (folder / name).write_text("")
