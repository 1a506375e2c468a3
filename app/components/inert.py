"""Text from outside (names of farms, files, errors) in places that read Markdown: shown as it is, never obeyed."""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~^$&\"'/@=%?,;])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
#: Breaks up `:smile:`, `:red[…]` and `https://`, which Streamlit reads after Markdown's own escapes are gone.
_WORD_JOINER = "\u2060"


def plain(text: str) -> str:
    """Keep one line of text: no control characters, none that turn the direction of writing."""
    return _CONTROL.sub(" ", text)


def markdown(text: str) -> str:
    """Escape text for a place that reads Markdown."""
    escaped = _PUNCTUATION.sub(r"\\\1", plain(text))
    return re.sub(r":(?=\S)", ":" + _WORD_JOINER, escaped)
