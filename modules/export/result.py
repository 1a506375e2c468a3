"""What an export came to, in plain values, and what has to be said about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from modules.i18n import gettext as _
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


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A file that was written.

    crs:        `EPSG:n` of its coordinates; empty for a format of attributes alone
    accuracy_m: of the change of coordinates, as EPSG states it, in metres; 0 where nothing was changed
    """

    path: Path
    format: str
    layer: str
    snapshot_id: str
    rows: int
    bytes: int
    crs: str = ""
    accuracy_m: float = 0.0
    warnings: list[Notice] = field(default_factory=list)


def warning_sentences(warnings: Iterable[Notice]) -> list[str]:
    """Say warnings in the active language."""
    return [_said(**each) for each in warnings]


def _said(template: str, values: dict[str, Any]) -> str:
    written = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    return _(template, **written)
