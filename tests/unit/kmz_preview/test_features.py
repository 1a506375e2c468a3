"""The table of placemarks, and the rows of the map with their styles."""

import pytest
import shapely

from modules.kmz_preview.features import FEATURES, LAYER
from modules.kmz_preview.texts import BALLOON_LETTERS
from tests.unit.kmz_preview.made_up import image, preview, warnings
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon

LINE = "<LineString><coordinates>-60,-33 -59,-32</coordinates></LineString>"
POINT = "<Point><coordinates>-60,-33</coordinates></Point>"
STYLE = (
    '<Style id="s"><LineStyle><color>80ff0000</color><width>3</width></LineStyle><PolyStyle><color>40112233</color>'
    "</PolyStyle><IconStyle><color>ff00ff00</color><scale>1.2</scale><Icon><href>files/a.png</href></Icon></IconStyle></Style>"
)


def style_of(inside: str, style: str = STYLE, icon: bool = True) -> dict[str, object]:
    document = kml(style + placemark(f"<styleUrl>#s</styleUrl>{inside}"))
    members = {"doc.kml": document} | ({"files/a.png": image()} if icon else {})
    (row,) = preview(kmz(members)).layer.table.to_pylist()
    names = ("fill", "fill_opacity", "stroke", "stroke_opacity", "width", "icon")
    return {name: row[name] for name in names}


def test_a_polygon_has_the_fill_and_line_of_its_style():
    assert style_of(polygon(SQUARE)) == {
        "fill": "#332211", "fill_opacity": 0.251, "stroke": "#0000FF", "stroke_opacity": 0.502, "width": 3.0,
        "icon": None,
    }  # fmt: skip


@pytest.mark.parametrize(("switch", "column"), [("fill", "fill_opacity"), ("outline", "stroke_opacity")])
def test_fill_and_outline_can_be_off(switch: str, column: str):
    off = STYLE.replace("</PolyStyle>", f"<{switch}>0</{switch}></PolyStyle>")
    assert style_of(polygon(SQUARE), off)[column] == 0.0


def test_a_line_has_no_fill_and_a_point_its_icon_and_colour():
    assert style_of(LINE)["fill_opacity"] == 0.0
    assert style_of(LINE)["stroke"] == "#0000FF"
    assert style_of(POINT)["fill"] == "#00FF00"
    assert style_of(POINT)["icon"] == 0
    assert style_of(POINT, icon=False)["icon"] is None


def test_a_point_without_style_is_a_dot_of_the_colour_of_a_pin_and_a_label_is_nothing():
    assert style_of(POINT, "", icon=False) == {
        "fill": "#FDD835", "fill_opacity": 1.0, "stroke": "#3C3C3C", "stroke_opacity": 1.0, "width": 1.0, "icon": None,
    }  # fmt: skip
    label = style_of(POINT, '<Style id="s"><IconStyle><scale>0</scale></IconStyle></Style>', icon=False)
    assert (label["fill_opacity"], label["stroke_opacity"]) == (0.0, 0.0)


@pytest.mark.parametrize("width", ["-3", "1e300"])
def test_widths_that_no_line_has_are_bounded(width: str):
    found = style_of(LINE, f'<Style id="s"><LineStyle><width>{width}</width></LineStyle></Style>')["width"]
    assert isinstance(found, float)
    assert 0 <= found <= 64


def test_a_feature_of_several_kinds_is_a_row_for_each_with_its_style():
    inside = f"<MultiGeometry>{POINT}{polygon(SQUARE)}{LINE}{polygon(SQUARE)}</MultiGeometry>"
    found = preview(kml(STYLE + placemark(name="antes") + placemark(f"<styleUrl>#s</styleUrl>{inside}", "todo")))
    assert found.features["kind"].to_pylist() == ["point", "mixed"]
    layer = found.layer
    assert layer.table["id"].to_pylist() == ["0", "1", "1-1", "1-2"]
    assert layer.table["feature"].to_pylist() == [0, 1, 1, 1]
    kinds = [each.geom_type for each in layer.geometry]
    assert kinds == ["Point", "MultiPolygon", "MultiLineString", "MultiPoint"]
    assert layer.table["fill_opacity"].to_pylist() == [1.0, 0.251, 0.0, 1.0]


def test_what_has_no_geometry_is_listed_and_not_drawn():
    found = preview(kml(placemark("", "nada") + placemark()))
    assert found.features["name"].to_pylist() == ["nada", "Lote 1"]
    assert found.features["kind"].to_pylist() == [None, "point"]
    assert found.layer.table["name"].to_pylist() == ["Lote 1"]
    assert found.layer.table["id"].to_pylist() == ["1"]


def test_hectares_are_geodesic_and_only_polygons_have_them():
    hundredth = "-60,-33 -59.99,-33 -59.99,-32.99 -60,-32.99 -60,-33"
    found = preview(kml(placemark(polygon(hundredth)) + placemark(LINE) + placemark()))
    area = found.features["hectares"].to_pylist()
    assert area[0] == pytest.approx(103.7, abs=0.3)
    assert area[1:] == [None, None]
    assert found.facts.hectares == area[0]


def test_a_balloon_is_the_description_else_the_data_and_tells_times():
    pairs = {"cultivo": "Soja", "ha": "12"}
    data = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in pairs.items())
    data = f"<ExtendedData>{data}</ExtendedData>"
    times = "<TimeSpan><begin>2026-01-01</begin><end>2026-02</end></TimeSpan>"
    found = preview(kml(placemark(data) + placemark(f"<description>Lote bajo</description>{data}") + placemark(times)))
    assert found.features["balloon"].to_pylist() == ["cultivo: Soja\nha: 12", "Lote bajo", "2026-01-01 – 2026-02"]


def test_a_text_without_end_is_cut_and_told():
    found = preview(kml(placemark(f"<description>{'x' * (BALLOON_LETTERS + 5)}</description>", "n" * 2000)))
    assert len(found.features["balloon"][0].as_py()) == BALLOON_LETTERS + 1
    assert len(found.features["name"][0].as_py()) < 600
    assert "Textos cortados después de 20.000 letras: 1." in warnings(found)


def test_tables_have_their_columns_also_when_they_are_empty():
    found = preview(kml(""))
    assert found.features.schema.equals(FEATURES)
    assert found.layer.table.schema.equals(LAYER)
    assert found.facts.bounds is None
    assert shapely.get_num_coordinates(found.layer.geometry).sum() == 0
    assert "No trae nada que un mapa pueda dibujar." in warnings(found)
