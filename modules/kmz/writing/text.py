"""Values as text that a reader of XML, or of HTML inside it, takes as nothing but text.

XML 1.0 (https://www.w3.org/TR/xml/#charsets) has no way to write most control characters, nor U+FFFE and U+FFFF; the
replacement character stands for them. `>` is always escaped, so no `]]>` is ever written, and a carriage return too,
which a reader would else turn into a line feed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from modules.exporters.columns import iso_instants
from modules.i18n import use_language
from modules.i18n.formats import hectares

#: What XML 1.0 cannot hold.
_IMPOSSIBLE: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
#: Python's separators to those of Spanish in Argentina.
_SPANISH_SIGNS: Final = str.maketrans(",.", ".,")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_XML: Final = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
_XML_SIGNS: Final = str.maketrans(
    {chr(code): _REPLACEMENT for code in {*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)} - {0x09, 0x0A, 0x0D}}
    | dict(_XML)
)
#: `$[` begins what Google Earth fills in by itself.
_HTML: Final = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&#34;"),
    ("'", "&#39;"),
    ("$[", "&#36;["),
    ("\n", "<br>"),
)
#: Bytes that at least one of the above looks for; 0xEF begins U+FFFE and U+FFFF, among others.
_SUSPECT: Final = bytes({*range(0x20), *b"&<>\"'$", 0xEF} - {0x09})


def xml_text(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Escape text for XML's elements; null stays null."""
    texts = _whole(column)
    if not _is_suspect(texts):
        return texts
    texts = pc.replace_substring_regex(texts, _IMPOSSIBLE, _REPLACEMENT)
    return _replaced(texts, _XML)


def balloon_text(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Escape text for HTML, and that for XML's elements; null stays null."""
    texts = _whole(column)
    return xml_text(_replaced(texts, _HTML)) if _is_suspect(texts) else texts


def value_text(column: pa.ChunkedArray) -> pa.Array:
    """Write a column of any type as XML Schema's types have it, escaped; null stays null."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return xml_text(column)
    if pa.types.is_timestamp(kind):
        return _whole(iso_instants(column))
    if pa.types.is_floating(kind):
        return _schema_numbers(_whole(column))
    return _whole(column).cast(pa.string())


def decimal_text(column: pa.ChunkedArray, digits: int) -> pa.Array:
    """Write numbers in Spanish with exactly `digits` decimals, `1.234,5`; null stays null."""
    values = _whole(column).cast(pa.float64())
    known = values.is_valid().to_numpy(zero_copy_only=False)
    numbers = np.nan_to_num(values.fill_null(0).to_numpy(zero_copy_only=False), posinf=0, neginf=0)
    # A few distinct values are formatted once; hectares hardly repeat, and Python's own formatting is exact.
    texts = [f"{number:,.{digits}f}".translate(_SPANISH_SIGNS) for number in numbers.tolist()]
    return pa.array(texts, pa.string(), mask=~known)


def hectares_text(value: float) -> str:
    """Write an area given in ha in Spanish: files people open are, whatever the screens speak."""
    with use_language("es"):
        return hectares(value)


def escaped(text: str) -> str:
    """Escape one text for XML."""
    return text.translate(_XML_SIGNS)


def balloon_escaped(text: str) -> str:
    """Escape one text for HTML inside XML."""
    for pattern, replacement in _HTML:
        text = text.replace(pattern, replacement)
    return escaped(text)


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _is_suspect(texts: pa.Array) -> bool:
    """Tell whether any text may need escaping: one pass over the bytes of all of them."""
    data = texts.buffers()[2]
    if data is None:
        return False
    content = data.to_pybytes()
    return len(content.translate(None, _SUSPECT)) != len(content)


def _replaced(texts: pa.Array, pairs: tuple[tuple[str, str], ...]) -> pa.Array:
    for pattern, replacement in pairs:
        texts = pc.replace_substring(texts, pattern, replacement)
    return texts


def _schema_numbers(values: pa.Array) -> pa.Array:
    """Write floats; XML Schema spells infinities and NaN its own way."""
    texts = values.cast(pa.string())
    if bool(pc.all(pc.is_finite(values)).as_py() in (True, None)):
        return texts
    for pattern, replacement in (("^inf$", "INF"), ("^-inf$", "-INF"), ("^-?nan$", "NaN")):
        texts = pc.replace_substring_regex(texts, pattern, replacement)
    return texts
