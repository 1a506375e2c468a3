from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from lxml import etree

from modules.i18n import LANGUAGES, Language, use_language
from modules.kmz.writing.text import (
    balloon_escaped,
    balloon_text,
    decimal_text,
    escaped,
    hectares_text,
    value_text,
    xml_text,
)

AWKWARD = ["a & b", "<b>", "]]>", "\r\n\t", "\x00\x1f\ufffe\uffff", "ñ\U0001f33e", "$[id]", "'\"", "", "plain"]


def test_a_column_and_a_single_text_are_escaped_alike():
    assert xml_text(pa.array(AWKWARD)).to_pylist() == [escaped(text) for text in AWKWARD]
    assert balloon_text(pa.array(AWKWARD)).to_pylist() == [balloon_escaped(text) for text in AWKWARD]


@pytest.mark.parametrize("text", AWKWARD)
def test_xml_reads_back_what_it_can_hold(text):
    read = etree.fromstring(f"<a>{escaped(text)}</a>").text or ""
    assert read == "".join("\ufffd" if each in "\x00\x1f\ufffe\uffff" else each for each in text)


def test_one_suspect_text_among_others_is_enough():
    assert xml_text(pa.array(["a", None, "<"])).to_pylist() == ["a", None, "&lt;"]


def test_a_slice_of_a_column_is_escaped_as_its_rows_are():
    assert xml_text(pa.array(["<", "a", ">"]).slice(1)).to_pylist() == ["a", "&gt;"]


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        ([1.5, None, 40.0, 1e-7], pa.float64(), ["1.5", None, "40", "1e-7"]),
        ([float("inf"), float("-inf"), float("nan")], pa.float64(), ["INF", "-INF", "NaN"]),
        ([True, False, None], pa.bool_(), ["true", "false", None]),
        ([date(2026, 2, 3)], pa.date32(), ["2026-02-03"]),
        ([datetime(2026, 3, 1, 12, tzinfo=UTC)], pa.timestamp("us", tz="UTC"), ["2026-03-01T12:00:00Z"]),
        ([7], pa.int64(), ["7"]),
    ],
)
def test_values_are_written_as_xml_schema_has_them(values, kind, written):
    texts = value_text(pa.chunked_array([pa.array(values, kind)])).to_pylist()
    assert [text and text.replace("e-07", "e-7") for text in texts] == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_hectares_are_spanish_whatever_the_screens_speak(language: Language):
    with use_language(language):
        assert [hectares_text(each) for each in (42.26, 1763.4, 1_234_567)] == ["42,3 ha", "1.763 ha", "1.234.567 ha"]


def test_hectares_have_a_comma():
    column = pa.chunked_array([pa.array([26.46, None, 0.04, 1234.0])])
    assert decimal_text(column, 1).to_pylist() == ["26,5", None, "0,0", "1.234,0"]
