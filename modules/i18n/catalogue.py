"""Gettext catalogues, read from the `.po` files beside this module.

English is what the code says; Spanish stands in `locales/es/*.po`, one file a part of the program. They are compiled
in memory at first use, so there is no binary file that can fall behind its source.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Literal, get_args

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "es"

_LOCALES = Path(__file__).parent / "locales"
_active: ContextVar[Language] = ContextVar("language", default=DEFAULT_LANGUAGE)


@cache
def _translations(code: Language) -> NullTranslations:
    # Babel's messages take a tenth of a second to import: too long for what is imported by all and says nothing yet.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    merged = NullTranslations()
    for path in sorted((_LOCALES / code).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=code))
        compiled.seek(0)
        part = GNUTranslations(compiled)
        part.add_fallback(merged)
        merged = part
    return merged


def N_(message: str) -> str:  # noqa: N802  (the customary name of gettext's marker)
    """Mark `message` for the catalogues without translating it yet."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """Translate `message` into the active language and fill in its `{names}`."""
    text = _translations(_active.get()).gettext(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Translate by number: `one` for a single thing, `many` otherwise; `{count}` is the number as given."""
    text = _translations(_active.get()).ngettext(one, many, count)
    return text.format(**{"count": count, **values})


def language() -> Language:
    """Tell the language of this context (a request, a flow run, a command)."""
    return _active.get()


@contextmanager
def use_language(code: Language) -> Iterator[None]:
    """Speak `code` inside the block."""
    token = _active.set(code)
    try:
        yield
    finally:
        _active.reset(token)
