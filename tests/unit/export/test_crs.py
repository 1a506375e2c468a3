"""Which coordinates are offered, proposed and refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from modules.domain.layers import Layer
from modules.errors import RequestError
from modules.export import FORMATS, ExportRequest, export_layer, warning_sentences
from modules.export.crs import Crs, choose_crs, propose_faja, propose_utm
from modules.i18n import Language, use_language
from tests.faults.backups import assert_sentence
from tests.unit.export.kept import checked_fields, keep, keep_usual
from tests.unit.snapshots.invented import outline


def at(*places: tuple[float, float]) -> np.ndarray:
    """Boxes of points."""
    return np.array([(*place, *place) for place in places], dtype=float)


@pytest.mark.parametrize(
    ("lon", "epsg"), [(-72, 5343), (-69, 5344), (-66.1, 5345), (-62, 5346), (-60, 5347), (-57, 5348), (-54, 5349)]
)
def test_the_faja_is_proposed_from_the_longitude(lon: float, epsg: int):
    assert propose_faja(at((lon, -34))) == Crs(epsg)
    name = CRS.from_epsg(epsg).name
    assert name == f"POSGAR 2007 / Argentina {Crs(epsg).title[-1]}"


@pytest.mark.parametrize(("place", "epsg"), [((-62, -34), 32720), ((-45, -12), 32723), ((5, 52), 32631)])
def test_the_zone_of_utm_is_proposed_from_the_place(place: tuple[float, float], epsg: int):
    assert propose_utm(at(place)) == Crs(epsg)
    assert CRS.from_epsg(epsg).name == f"WGS 84 / UTM zone {Crs(epsg).title.removeprefix('UTM ')}"


@pytest.mark.parametrize(("language", "written"), [("es", "1.100 de 2.364 "), ("en", "1,100 of 2,364 ")])
def test_counts_are_written_as_the_reader_writes_them(language: Language, written: str):
    boxes = at(*[(-62.0, -34.0)] * 1264, *[(-66.0, -34.0)] * 1100)
    _crs, notices = choose_crs("EPSG:5346", lambda: boxes)
    with use_language(language):
        assert warning_sentences(notices)[0].startswith(written)
    with use_language(language), pytest.raises(RequestError) as caught:
        choose_crs("EPSG:5346", lambda: at(*[(-62.0, -34.0)] * 1264, *[(-62.0, -10.0)] * 1100))
    with use_language(language):
        assert written in caught.value.sentence()


def test_one_field_that_lies_elsewhere_does_not_decide():
    assert propose_faja(at((-62, -34), (-62.1, -34), (-57, -34))) == Crs(5346)


@pytest.mark.parametrize("text", ["wgs84", "WGS84", "EPSG:4326", "4326", "epsg:4326"])
def test_wgs84_needs_no_look_at_the_rows(text: str):
    assert choose_crs(text, lambda: pytest.fail("looked")) == (Crs(), [])


@pytest.mark.parametrize("text", ["posgar", "EPSG:5346", "5346", " Posgar "])
def test_posgar_is_chosen_in_several_ways(text: str):
    assert choose_crs(text, lambda: at((-62, -34))) == (Crs(5346), [])


def test_rows_beside_the_strip_are_told():
    crs, notices = choose_crs("EPSG:5346", lambda: at((-62, -34), (-59, -34)))
    assert crs == Crs(5346)
    (sentence,) = warning_sentences(notices)
    assert "1 de 2" in sentence


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("EPSG:22184", (-62, -34)),
        ("EPSG:", (-62, -34)),
        ("EPSG:٥٣٤٦", (-62, -34)),
        ("gauss", (-62, -34)),
        ("posgar", (5, 52)),
        ("posgar", (-45, -12)),
        ("EPSG:5343", (-54, -34)),
        ("EPSG:32720", (5, 52)),
        ("utm", (-62, -85)),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, place: tuple[float, float]):
    with pytest.raises(RequestError) as caught:
        choose_crs(text, lambda: at(place))
    assert_sentence(caught.value)


@pytest.mark.parametrize("kind", [name for name, each in FORMATS.items() if not each.carries_crs])
@pytest.mark.parametrize("crs", ["posgar", "utm", "EPSG:5346"])
def test_a_format_without_a_choice_refuses_one(tmp_path: Path, kind: str, crs: str):
    snapshot = keep_usual(tmp_path, 3)
    with pytest.raises(RequestError) as caught:
        export_layer(snapshot, ExportRequest(Layer.FIELDS, kind, crs=crs), tmp_path)
    assert_sentence(caught.value)
    assert not list(tmp_path.glob("lotes 25-26*"))
    assert export_layer(snapshot, ExportRequest(Layer.FIELDS, kind, crs="EPSG:4326"), tmp_path).rows == 3


@pytest.mark.parametrize("epsg", [5343, 5346, 5349, 32720, 32631])
def test_places_are_those_of_proj_and_come_back(epsg: int):
    lon, lat = {5343: (-71, -40), 5349: (-54.5, -27), 32631: (5, 52)}.get(epsg, (-62, -34))
    places = np.c_[np.linspace(lon, lon + 0.5, 5000), np.linspace(lat, lat + 0.5, 5000)]
    moved = shapely.get_coordinates(Crs(epsg).transformed(shapely.points(places)))
    there = Transformer.from_crs(4326, epsg, always_xy=True).transform(*places.T)
    assert np.abs(moved - np.array(there).T).max() < 1e-6
    back = np.array(Transformer.from_crs(epsg, 4326, always_xy=True).transform(*moved.T)).T
    assert np.abs(back - places).max() < 1e-9


def test_accuracy_is_what_epsg_states():
    assert (Crs().accuracy_m, Crs(32720).accuracy_m, Crs(5346).accuracy_m) == (0, 0, 0.5)


def test_several_threads_may_transform_at_once():
    shapes = np.array([outline(number, 60) for number in range(3000)])
    expected = Crs(5346).transformed(shapes)
    crs = Crs(5346)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: crs.transformed(shapes), range(8)):
            assert shapely.equals_exact(found, expected).all()


def test_the_file_says_how_good_its_coordinates_are(tmp_path: Path):
    snapshot = keep(tmp_path, checked_fields([outline(0)]))
    result = export_layer(snapshot, ExportRequest(Layer.FIELDS, "gpkg", crs="posgar"), tmp_path)
    assert (result.crs, result.accuracy_m) == ("EPSG:5346", 0.5)
    assert result.path.name == "lotes 25-26 POSGAR 2007 faja 4.gpkg"
