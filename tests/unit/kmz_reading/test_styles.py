"""Styles: colours, shared and inline ones, StyleMaps."""

from __future__ import annotations

import pytest

from modules.kmz.reading.document import DEFAULT_STYLE, Style
from modules.kmz.reading.styles import read_colour
from tests.unit.kmz_reading.made_up import kml, kmz, notes, only_feature, placemark, read

LINE = "<LineStyle><color>ff0000ff</color><width>3</width></LineStyle>"
POLY = "<PolyStyle><color>7f00ff00</color><fill>0</fill><outline>0</outline></PolyStyle>"
RED, GREEN = (255, 0, 0, 255), (0, 255, 0, 127)


def styled(styles: str, inside: str) -> Style:
    return only_feature(styles + placemark(inside)).style


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("ff0000ff", (255, 0, 0, 255)),
        ("7fFF8000", (0, 128, 255, 127)),
        (" #ff0000ff ", (255, 0, 0, 255)),
        ("ff0", None),
        ("ff0011", None),
        ("gg0000ff", None),
        ("", None),
    ],
)
def test_colours_are_aabbggrr(text: str, colour: object):
    assert read_colour(text) == colour


def test_a_feature_without_style_has_the_standards_defaults():
    assert styled("", "") is DEFAULT_STYLE
    assert Style(line_width=1, icon_scale=1, label_scale=1, fill=True, outline=True) == DEFAULT_STYLE


def test_a_shared_style_is_found_before_or_after_its_use():
    style = f'<Style id="s">{LINE}{POLY}</Style>'
    expected = Style(line_colour=RED, line_width=3, fill_colour=GREEN, fill=False, outline=False)
    assert styled(style, "<styleUrl> #s </styleUrl>") == expected
    assert only_feature(placemark("<styleUrl>#s</styleUrl>") + style).style == expected


def test_icons_and_labels_are_read():
    style = styled(
        "",
        """<Style><IconStyle><color>ff0000ff</color><scale>1.2</scale><heading>90</heading>
        <Icon><href>files/i.png</href></Icon></IconStyle>
        <LabelStyle><color>7f00ff00</color><scale>0</scale></LabelStyle></Style>""",
    )
    assert style == Style(
        icon_colour=RED, icon_scale=1.2, icon_heading=90, icon_href="files/i.png", label_colour=GREEN, label_scale=0
    )


def test_an_inline_style_goes_before_the_shared_one_property_by_property():
    shared = f'<Style id="s">{LINE}{POLY}</Style>'
    inline = "<styleUrl>#s</styleUrl><Style><LineStyle><width>9</width></LineStyle></Style>"
    assert styled(shared, inline) == Style(line_colour=RED, line_width=9, fill_colour=GREEN, fill=False, outline=False)


def test_a_stylemap_gives_the_style_and_the_highlight():
    feature = only_feature(
        f"""<Style id="n">{LINE}</Style>
        <StyleMap id="m"><Pair><key>normal</key><styleUrl>#n</styleUrl></Pair>
        <Pair><key>highlight</key><Style>{POLY}</Style></Pair></StyleMap>
        {placemark("<styleUrl>#m</styleUrl><Style><LabelStyle><scale>2</scale></LabelStyle></Style>")}"""
    )
    assert feature.style == Style(line_colour=RED, line_width=3, label_scale=2)
    assert feature.highlight == Style(fill_colour=GREEN, fill=False, outline=False, label_scale=2)


def test_a_stylemap_may_stand_in_the_feature():
    feature = only_feature(
        f"""<Style id="n">{LINE}</Style>
        {placemark("<StyleMap><Pair><key>normal</key><styleUrl>#n</styleUrl></Pair></StyleMap>")}"""
    )
    assert feature.style == feature.highlight == Style(line_colour=RED, line_width=3)


def test_stylemaps_in_a_circle_end():
    circle = "".join(
        f'<StyleMap id="{one}"><Pair><key>normal</key><styleUrl>#{other}</styleUrl></Pair></StyleMap>'
        for one, other in ("ab", "ba")
    )
    assert styled(circle, "<styleUrl>#a</styleUrl>") == DEFAULT_STYLE


def test_a_cascading_style_of_google_earth_is_a_shared_one():
    style = f"""<gx:CascadingStyle xmlns:kml="http://www.opengis.net/kml/2.2" kml:id="c"><Style>{LINE}</Style>
    </gx:CascadingStyle>"""
    assert styled(style, "<styleUrl>#c</styleUrl>") == Style(line_colour=RED, line_width=3)


def test_a_reference_to_the_file_itself_or_without_its_mark_is_found():
    uses = placemark("<styleUrl>doc.kml#s</styleUrl>") + placemark("<styleUrl>s</styleUrl>")
    body = f'<Style id="s">{LINE}</Style>{uses}'
    document = read(kmz({"doc.kml": kml(body)}))
    assert {feature.style.line_width for feature in document.features} == {3}
    assert document.notes == ()


def test_features_of_one_shared_style_share_its_object():
    document = read(kml(f'<Style id="s">{LINE}</Style>' + placemark("<styleUrl>#s</styleUrl>") * 2))
    assert document.features[0].style is document.features[1].style


def test_references_that_lead_nowhere_are_told():
    document = read(
        kml(placemark("<styleUrl>#x</styleUrl>") * 2 + placemark("<styleUrl>http://example.com/s.kml#x</styleUrl>"))
    )
    assert {note.template: note.values for note in document.notes} == {
        "Styles that the file names and does not hold: {count}.": {"count": 2},
        "Styles that stand in other files and were not fetched: {count}.": {"count": 1},
    }


def test_properties_that_make_no_sense_are_left_out():
    style = "<Style><LineStyle><color>ff0</color><width>wide</width></LineStyle></Style>"
    document = read(kml(placemark(style)))
    assert document.features[0].style == DEFAULT_STYLE
    assert notes(document) == ["Colours that are not written as KML has them, and were left out: {count}."]
