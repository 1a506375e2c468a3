"""Facts and warnings: what somebody wants to know before a file is sent."""

import os
from pathlib import Path

import pytest

from modules.i18n import use_language
from modules.i18n.notices import warning_sentences
from modules.kmz_preview.preview import read_preview
from tests.unit.kmz_preview.made_up import image, overlay, preview, warnings
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon


def test_counts_and_bounds():
    content = kmz(
        {
            "doc.kml": kml(
                f"<Folder>{placemark(polygon(SQUARE))}{placemark('')}</Folder>{placemark()}{overlay()}<NetworkLink/>"
            ),
            "a.png": image(),
        }
    )
    facts = preview(content).facts
    assert (facts.bytes, facts.placemarks, facts.polygons, facts.points, facts.lines) == (len(content), 3, 1, 1, 0)
    assert (facts.without_geometry, facts.overlays, facts.links, facts.folders) == (1, 1, 1, 1)
    assert facts.bounds == (-61, -34, -59, -32)


def test_over_ten_megabytes_is_told_once():
    text = kml(placemark("<description>" + "x" * 9_000_000 + "</description>") * 2)
    sentences = [each for each in warnings(preview(text)) if "celulares" in each]
    assert sentences == ["Descomprimido ocupa 18 MB; puede que los celulares no abran más de 10 MB."]
    heavy = kmz({"doc.kml": kml(overlay()), "a.png": os.urandom(11_000_000)})
    sentences = [each for each in warnings(preview(heavy)) if "celulares" in each]
    assert sentences == ["El archivo ocupa 11 MB; puede que los celulares no abran más de 10 MB."]
    assert not any("celulares" in each for each in warnings(preview(kml(placemark()))))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (placemark(""), "Sin geometría, en la lista y sin dibujar: 1."),
        (
            placemark("<visibility>0</visibility>"),
            "Apagados en el mismo archivo, ocultos hasta que se prenda su carpeta: 1.",
        ),
        (
            placemark("<TimeStamp><when>2026</when></TimeStamp>"),
            "Con fecha u hora, que se leen en el globo y no se dibujan: 1.",
        ),
        (placemark(), "Íconos que el archivo no trae, dibujados como un punto: 1."),
        ("<NetworkLink/>", "Enlaces a otros archivos, en la lista y sin seguir: 1."),
        (overlay("https://example.com/a.png"), "Imágenes que están en la web y no se buscaron: 1."),
        (
            placemark("<Point><coordinates>200,0</coordinates></Point>", "Lejos"),
            "Sin dibujar, con una coordenada fuera del globo: 1. El primero es “Lejos”, línea 2 del KML.",
        ),
        (placemark("<Model/>"), "Sin mostrar, modelos 3D: 1."),
    ],
)
def test_what_is_worth_knowing_is_told(body: str, sentence: str):
    found = preview(kml(body))
    said = warnings(found)
    assert sentence in said
    with use_language("en"):
        assert not set(warning_sentences(found.warnings)) & set(said)


def test_nothing_is_said_of_a_file_that_is_as_it_should_be():
    assert warnings(preview(kml(placemark(polygon(SQUARE))))) == []


def test_every_real_file_has_a_preview(real_data: Path):
    files = sorted((real_data / "kml").glob("*.kml"))
    assert len(files) == 35
    drawn = 0
    for file in files:
        found = read_preview(file, file.name)
        assert found.facts.placemarks == len(found.features)
        assert len(found.layer.geometry) == len(found.layer.table)
        assert all(sentence.endswith(".") for sentence in warnings(found))
        assert found.weight > 0
        drawn += bool(len(found.layer.table) or found.overlays)
    assert drawn >= 30
