"""PowerShell is in no package that the tests may install: its script is parsed by a grammar and never run here."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter
import tree_sitter_powershell

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
_QUOTES = "'\u2018\u2019\u201a\u201b"


def errors(script: str) -> list[str]:
    """List what a grammar of PowerShell finds wrong with a script."""
    return [
        f"{node.start_point}: {node.text!r}"
        for node in _nodes(_PARSER.parse(script.encode()).root_node)
        if node.type == "ERROR" or node.is_missing
    ]


def literals(script: str) -> list[str]:
    """List the texts in single quotes of a script, as the grammar tells them apart, with their quotes."""
    found = (node for node in _nodes(_PARSER.parse(script.encode()).root_node))
    return [node.text.decode() for node in found if node.type == "verbatim_string_characters" and node.text]


def read_literal(text: str) -> tuple[str, str]:
    """Read a text in single quotes at the beginning of `text` by PowerShell's own rule; gives it and what follows.

    Any of five quotes ends it, unless another of them follows at once: then the second is meant.
    """
    assert text[0] in _QUOTES
    said, at = "", 1
    while at < len(text):
        if text[at] in _QUOTES:
            if text[at + 1 : at + 2] not in _QUOTES or at + 1 == len(text):
                return said, text[at + 1 :]
            at += 1
        said += text[at]
        at += 1
    raise AssertionError(f"{text!r} does not end")


def _nodes(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)
