"""What a map's file says, read by the standard library's parser of HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

NASTY = [
    "<script>alert(1)</script>",
    "</script><script>window.taken = 1</script>",
    "<!--<script>",
    '"><img src=x onerror="window.taken = 1">',
    "javascript:window.taken=1",
    "{{ 7 * 7 }}{% raw %}",
    "<!--data--><!--legend-->",
    "]]> &amp; &#60;b&#62; \u2028 \u202e`${window.taken = 1}`",
]


class Parsed(HTMLParser):
    """Elements in their order, with the names of their attributes; the texts outside scripts and styles; the data."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self._open = ""
        self._data = ""
        self.feed(content)
        self.close()

    @property
    def data(self) -> dict[str, Any]:
        layers: dict[str, Any] = json.loads(self._data)["layers"]
        return layers

    @property
    def places(self) -> list[list[float]]:
        """The boxes to which buttons go."""
        places: list[list[float]] = json.loads(self._data)["places"]
        return places

    def names(self, layer: str) -> list[str]:
        return [each["properties"]["name"] for each in self.data[layer]["features"]]

    def facts(self, layer: str, row: int = 0) -> dict[str, str]:
        found = self.data[layer]
        pairs = zip(found["labels"], found["features"][row]["properties"]["facts"], strict=True)
        return {label: fact for label, fact in pairs if fact is not None}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = "data" if ("id", "map-data") in attrs else tag
        self.elements.append((tag, tuple(name for name, _value in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self._open == "data":
            self._data += data
            self._open = ""
        elif self._open not in {"script", "style"} and data.strip():
            self.texts.append(data.strip())


def parsed(path: Path) -> Parsed:
    return Parsed(path.read_text(encoding="utf-8"))
