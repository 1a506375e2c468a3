"""HTML of balloons as text."""

from __future__ import annotations

import pytest

from modules.kmz.reading.plain_text import plain_text
from tests.unit.kmz_reading.made_up import only_feature, placemark


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("  Soja\n  112 ha ", "Soja\n112 ha"),
        ("Soja &amp; maíz", "Soja & maíz"),
        ("<b>Soja</b> 112&nbsp;ha", "Soja 112\u00a0ha"),
        ("uno<br>dos<br/>tres", "uno\ndos\ntres"),
        ("<p>uno\ndos</p><p>tres</p>", "uno dos\n\ntres"),
        ("<table><tr><td>Cultivo</td><td>soja</td></tr><tr><td>Ha</td><td>112</td></tr></table>",
         "Cultivo\tsoja\nHa\t112"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<pre>a\nb</pre>", "a\nb"),
        ("a < b", "a < b"),
        ("<!-- nada -->", ""),
        ("<?xml version='1.0' encoding='utf-16'?><p>ñ</p>", "ñ"),
        ("<meta charset='utf-16'><p>ñandú</p>", "ñandú"),
        ("<div>" * 3000 + "x", ""),
    ],
)  # fmt: skip
def test_html_becomes_its_text(html: str, text: str):
    assert plain_text(html) == text


def test_tags_that_nobody_escaped_are_html_too():
    assert only_feature(placemark("<description>Lote <b>7</b><br/>soja</description>")).description == "Lote 7\nsoja"
