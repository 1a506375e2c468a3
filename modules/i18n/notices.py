"""Sentences that are kept to be said later, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from modules.i18n.catalogue import gettext
from modules.i18n.formats import number


class Notice(TypedDict):
    """A sentence that is said in the reader's language when it is read: a template marked by `N_`, and its values.

    Whole numbers among the values are counts, and are written in that language too.
    """

    template: str
    values: dict[str, Any]


def notice(template: str, /, **values: Any) -> Notice:
    """Make a notice."""
    return {"template": template, "values": values}


def warning_sentences(warnings: Iterable[Notice]) -> list[str]:
    """Say warnings in the active language."""
    return [_said(**each) for each in warnings]


def recorded_warnings(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say the warnings that a run left, but for those that a version left whose sentences named other values."""
    return [sentence for each in records if (sentence := _said_if_possible(each))]


def _said_if_possible(record: Mapping[str, Any]) -> str | None:
    try:
        return _said(record["template"], record["values"])
    except (KeyError, IndexError):
        return None


def _said(template: str, values: Mapping[str, Any]) -> str:
    written = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    return gettext(template, **written)
