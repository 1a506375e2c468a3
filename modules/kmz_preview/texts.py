"""Texts from inside a file as text that does nothing: no control characters, none that turn the way of writing."""

from __future__ import annotations

import re
from typing import Final

#: Longest text of a balloon that is kept; what is longer is no text for a map.
BALLOON_LETTERS: Final = 20_000
_LINE_LETTERS: Final = 500
_ADDRESS_LETTERS: Final = 2_000
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_BREAK: Final = re.compile(r"[\t\n]+")


def one_line(text: str) -> str:
    """Keep a name: one line, not longer than a page can show."""
    return _cut(_BREAK.sub(" ", _clean(text)).strip(), _LINE_LETTERS)


def address(text: str) -> str:
    """Keep an address as the text it is; nobody is led there."""
    return _cut(_BREAK.sub(" ", _clean(text)).strip(), _ADDRESS_LETTERS)


def balloon(text: str) -> str:
    """Keep a text of several lines."""
    return _cut(_clean(text), BALLOON_LETTERS)


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[:letters] + "…"
