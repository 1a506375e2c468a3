"""Placemarks and what they tell, folders, links, the KML that is read of an archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.errors import RequestError
from modules.i18n import use_language
from modules.kmz.reading import scanning
from modules.kmz.reading.reader import read_kmz
from modules.kmz.reading.refusals import KmlUnreadable
from tests.unit.kmz_reading.made_up import KML_22, kml, kmz, notes, only_feature, placemark, read


def test_a_placemark_tells_all_it_has():
    feature = only_feature(
        """<Folder><name>La Escondida</name><Folder><name>Soja</name>
        <Placemark id="L7">
          <name> Lote 7 &amp; bajo </name>
          <Snippet>25/26</Snippet>
          <description><![CDATA[<b>Soja</b><br>112 ha]]></description>
          <TimeSpan><begin>2025-11</begin><end>2026-04-01</end></TimeSpan>
          <ExtendedData>
            <Data name="cultivo"><displayName>Cultivo</displayName><value>soja</value></Data>
            <SchemaData schemaUrl="#s"><SimpleData name="ha">112.5</SimpleData></SchemaData>
            <lote:dueño xmlns:lote="http://example.com/lote">Ana</lote:dueño>
          </ExtendedData>
          <Point><coordinates>-60,-33,0</coordinates></Point>
        </Placemark></Folder></Folder>"""
    )
    assert (feature.id, feature.name, feature.snippet) == ("L7", "Lote 7 & bajo", "25/26")
    assert feature.description == "Soja\n112 ha"
    assert feature.folder == ("La Escondida", "Soja")
    assert (feature.begin, feature.end) == ("2025-11", "2026-04-01")
    assert feature.data == {"cultivo": "soja", "ha": "112.5", "dueño": "Ana"}
    assert feature.geometry.wkt == "POINT (-60 -33)"
    assert feature.line == 3


def test_a_moment_begins_and_ends_at_once():
    feature = only_feature(placemark("<TimeStamp><when>2026-03-01</when></TimeStamp>"))
    assert (feature.begin, feature.end) == ("2026-03-01", "2026-03-01")


def test_folders_are_a_tree_below_the_document():
    document = read(
        kml(
            f"""<name>Campos</name><Folder><name>Uno</name>{placemark()}{placemark()}<Folder><name>Dentro</name>
            <open>1</open><description>d</description></Folder></Folder><Folder/>{placemark()}"""
        )
    )
    one, nameless = document.root.folders
    assert (document.root.name, document.root.features) == ("Campos", 1)
    assert (one.name, one.features, nameless.name) == ("Uno", 2, "")
    (inside,) = one.folders
    assert (inside.name, inside.open, inside.description) == ("Dentro", True, "d")
    assert [feature.folder for feature in document.features] == [("Uno",), ("Uno",), ()]


def test_a_folder_may_say_its_name_after_what_is_in_it():
    feature = only_feature(f"<Folder>{placemark()}<name>Tarde</name></Folder>")
    assert feature.folder == ("Tarde",)


def test_a_feature_is_visible_when_it_and_all_its_folders_are():
    document = read(
        kml(
            f"""{placemark("<visibility>0</visibility>", "a")}{placemark("<visibility>1</visibility>", "b")}
            <Folder><visibility>0</visibility><Folder>{placemark(name="c")}</Folder></Folder>"""
        )
    )
    assert {feature.name: feature.visible for feature in document.features} == {"a": False, "b": True, "c": False}


def test_network_links_are_listed():
    document = read(
        kml(
            """<Folder><name>F</name><NetworkLink><name>n</name><Link><href>http://example.com/a.kml</href></Link>
            </NetworkLink></Folder><NetworkLink><visibility>0</visibility><Url><href>b.kml</href></Url></NetworkLink>"""
        )
    )
    assert [(link.name, link.folder, link.visible, link.href) for link in document.links] == [
        ("n", ("F",), True, "http://example.com/a.kml"),
        ("", (), False, "b.kml"),
    ]
    assert notes(document) == ["Links to other files, listed and not followed: {count}."]


def test_what_is_not_shown_is_counted_by_kind():
    document = read(
        kml(
            f"""<ScreenOverlay/><ScreenOverlay/><gx:Tour/><Misterio/><Schema/><LookAt/>
            {placemark("<Model/>")}<PhotoOverlay/>"""
        )
    )
    assert document.skipped == {"ScreenOverlay": 2, "Tour": 1, "Misterio": 1, "Model": 1, "PhotoOverlay": 1}
    with use_language("es"):
        told = [note.sentence() for note in document.notes]
    assert "Sin mostrar, imágenes fijas en la pantalla: 2." in told
    assert "Sin mostrar, cosas de tipo desconocido (Misterio): 1." in told


@pytest.mark.parametrize("size", [1, 5, 64])
def test_where_the_parsers_pieces_end_does_not_matter(size: int, monkeypatch: pytest.MonkeyPatch):
    body = f"""<name>Campos</name><Style id="s"><LineStyle><width>3</width></LineStyle></Style>
        <Folder>text<name>Uno</name>{placemark("<styleUrl>#s</styleUrl>") * 3}tail<visibility>0</visibility></Folder>
        <ScreenOverlay/>tail{placemark()}<open>1</open>"""
    whole = read(kml(body))
    monkeypatch.setattr(scanning, "_PIECE", size)
    assert read(kml(body)) == whole
    assert (whole.root.name, whole.root.open, len(whole.features), whole.skipped) == (
        "Campos", True, 4, {"ScreenOverlay": 1},
    )  # fmt: skip


def test_placemarks_of_an_update_are_no_features():
    update = f"<Update><Create><Folder>{placemark()}</Folder></Create></Update>"
    content = f"<kml xmlns='{KML_22}'><NetworkLinkControl>{update}</NetworkLinkControl>{placemark()}</kml>".encode()
    document = read(content)
    assert len(document.features) == 1
    assert document.skipped == {"NetworkLinkControl": 1}


@pytest.mark.parametrize("root", ["Document", "Folder"])
def test_a_root_other_than_kml_is_read(root: str):
    document = read(f"<{root}><name>n</name>{placemark()}</{root}>".encode())
    assert [feature.name for feature in document.features] == ["Lote 1"]


def test_a_placemark_may_be_the_root():
    assert len(read(placemark().encode()).features) == 1


@pytest.mark.parametrize(
    ("members", "read_one"),
    [
        (["a.kml", "files/doc.kml", "doc.kml"], "doc.kml"),
        (["a.kml", "DOC.KML"], "DOC.KML"),
        (["files/a.kml", "b.kml", "c.kml"], "b.kml"),
        (["readme.txt", "files/a.kml", "files/b.kml"], "files/a.kml"),
        (["files\\a.kml", "b.kml"], "b.kml"),
    ],
)
def test_the_root_kml_of_an_archive(members: list[str], read_one: str):
    document = read(kmz({name: kml(placemark(name=name)) for name in members}))
    assert [feature.name for feature in document.features] == [read_one]
    assert document.skipped.get("kml", 0) == sum(name.lower().endswith("kml") for name in members) - 1


def test_an_archive_without_kml_is_told(tmp_path: Path):
    with pytest.raises(KmlUnreadable, match="ningún KML"):
        read(kmz({"fotos/1.jpg": b"x"}))


def test_a_path_is_read_and_a_missing_one_told(tmp_path: Path):
    path = tmp_path / "campo.kml"
    path.write_bytes(kml(placemark()))
    assert len(read_kmz(path, "campo.kml").features) == 1
    with pytest.raises(KmlUnreadable, match=r"“campo\.kml” no se puede abrir"):
        read_kmz(tmp_path / "absent.kml", "campo.kml")


def test_a_large_kml_is_read_with_a_word_on_phones():
    document = read(
        kml(
            placemark(f"<description>{'x' * 9_000_000}</description>")
            + placemark("<description>" + "y" * 2_000_000 + "</description>")
        )
    )
    with use_language("en"):
        assert [note.sentence() for note in document.notes] == [
            "It is 11 MB unpacked; phones may not open more than 10 MB."
        ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "está vacío"),
        (b" \n", "está vacío"),
        (b"lote;cultivo\n1;soja\n", "no es un KMZ ni un KML"),
        (b"<html><body/></html>", "empieza con <html>"),
        (b"<gpx xmlns='http://www.topografix.com/GPX/1/1'/>", "empieza con <gpx>"),
        (kml("\n\n<Placemark>\n<name>x</Placemark>"), "roto en la línea 5"),
        (kml("<name>a</name>")[:-9], "roto en la línea 2"),
        (kml("\n<description>uno&nbsp;dos</description>"), "roto en la línea 3"),
        (kml("\n<gx:x/>\n<y></z>", namespace=None), "roto en la línea 4"),
        (b"PK\x03\x04 cut", "está dañado"),
        (b"PK\x05\x06" + bytes(18), "sin ningún KML"),
    ],
)  # fmt: skip
def test_what_is_broken_or_no_kml_is_told_in_a_sentence(content: bytes, sentence: str):
    with use_language("es"), pytest.raises(KmlUnreadable) as caught:
        read(content)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("“campo.kmz” ")
    assert caught.value.code == RequestError.__name__
