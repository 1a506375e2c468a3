"""Encodings and namespaces of all ages."""

from __future__ import annotations

from codecs import BOM_UTF8

import pytest

from modules.kmz.reading.refusals import KmlUnreadable
from tests.unit.kmz_reading.made_up import KML_22, kml, notes, placemark, read

NAME = "Ñandú Güé"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252", "latin1"])
def test_each_declared_encoding_is_read(encoding: str):
    document = read(kml(placemark(name=NAME), encoding=encoding))
    assert [feature.name for feature in document.features] == [NAME]
    assert document.notes == ()


def test_a_mark_before_utf8_is_read():
    assert read(BOM_UTF8 + kml(placemark(name=NAME))).features[0].name == NAME


@pytest.mark.parametrize("encoding", ["UTF-16-LE", "UTF-16-BE"])
def test_utf16_is_known_without_a_mark(encoding: str):
    content = f'<?xml version="1.0" encoding="UTF-16"?><kml>{placemark(name=NAME)}</kml>'.encode(encoding)
    assert read(content).features[0].name == NAME


def test_blanks_before_the_declaration_are_forgiven():
    assert read(b"\r\n   \n" + kml(placemark(name=NAME))).features[0].name == NAME


def test_without_a_declaration_it_is_utf8():
    assert read(f"<kml>{placemark(name=NAME)}</kml>".encode()).features[0].name == NAME


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_letters_of_windows_that_claim_utf8_are_guessed(declared: str):
    document = read(f"{declared}<kml>{placemark(name=NAME)}</kml>".encode("cp1252"))
    assert [feature.name for feature in document.features] == [NAME]
    assert notes(document) == ["Its encoding is not the one it tells; some letters may be wrong."]


def test_letters_of_windows_in_a_broken_file_are_told_as_broken():
    with pytest.raises(KmlUnreadable, match="línea 2"):
        read(f"<kml>{placemark(name=NAME)}\n<a></b></kml>".encode("cp1252"))


@pytest.mark.parametrize("encoding", ["utf-7", "ebcdic-cp-us", "utf-32", "x-nonsense"])
def test_other_encodings_are_told(encoding: str):
    with pytest.raises(KmlUnreadable, match=encoding):
        read(f'<?xml version="1.0" encoding="{encoding}"?><kml/>'.encode())


@pytest.mark.parametrize(
    "namespace",
    [
        "http://earth.google.com/kml/2.0",
        "http://earth.google.com/kml/2.1",
        "http://earth.google.com/kml/2.2",
        KML_22,
        "http://www.opengis.net/kml/2.3",
        None,
    ],
)
def test_each_namespace_is_read(namespace: str | None):
    assert len(read(kml(placemark(), namespace)).features) == 1


def test_elements_of_other_namespaces_are_not_taken_for_kml():
    name = "<x:name xmlns:x='http://example.com/x'>b</x:name>"
    body = f"<x:Placemark xmlns:x='http://example.com/x'/>{placemark(name)}"
    assert [feature.name for feature in read(kml(body)).features] == ["Lote 1"]


def test_prefixes_that_nobody_declared_are_forgiven():
    track = "<gx:Track><when>2026</when><gx:coord>1 2 3</gx:coord><gx:coord>2 3 4</gx:coord></gx:Track>"
    document = read(f'<kml xsi:schemaLocation="x"><Document>{placemark(track)}</Document></kml>'.encode())
    assert document.features[0].geometry.wkt == "LINESTRING (1 2, 2 3)"
