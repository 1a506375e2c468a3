"""What is looked at stands in the address, and nowhere else: a link opens the page as it is.

`env` (absent: test) · `lang` (absent: the installation's) · `run` · `path` · `page` · `find` · `all`; those of the
analysis stand in `grid_choice`, those of the map in `map_choice`, those of a KMZ that is looked at in
`kmz_preview_page`
"""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import streamlit as st

from modules.environments import Environment
from modules.i18n import LANGUAGES, Language, use_language
from modules.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modules.snapshots.store import Snapshot

P = ParamSpec("P")
T = TypeVar("T")

HOME: Final = "views/inicio.py"
MAP: Final = "views/mapa.py"
RUNS: Final = "views/corridas.py"
FILES: Final = "views/archivos.py"
PREVIEW: Final = "views/vista_previa.py"


@cache
def settings() -> Settings:
    """Give the settings of this installation, read once."""
    return load_settings()


def environment() -> Environment:
    """Tell the environment that is looked at."""
    written = st.query_params.get("env", "")
    return Environment(written) if written in set(Environment) else Environment.TEST


def language() -> Language:
    """Tell the language that is read."""
    written = st.query_params.get("lang", "")
    return next((code for code in LANGUAGES if code == written), settings().language)


def params(*, env: Environment | None = None, **others: str | int | None) -> dict[str, str]:
    """Give the address of another page in the same environment (or in `env`) and language; None leaves one out."""
    chosen = env or environment()
    wanted = {
        "env": None if chosen is Environment.TEST else str(chosen),
        "lang": None if language() == settings().language else language(),
        **others,
    }
    return {name: str(value) for name, value in wanted.items() if value is not None}


def map_link(snapshot: Snapshot, against: Snapshot | None = None) -> dict[str, str]:
    """Give the address of the map of a snapshot, with what differs from another one."""
    return params(env=snapshot.scope.environment, snap=snapshot.id, vs=against and against.id)


def show(**wanted: str | Sequence[str] | None) -> None:
    """Write to this page's address; a list stands in it value by value, None takes a name out of it."""
    for name, value in wanted.items():
        if value is not None:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def page_number() -> int:
    """Tell the page of a long list, from 1."""
    written = st.query_params.get("page", "1")
    return max(1, int(written)) if written.isdecimal() and len(written) < 7 else 1


def speaking(function: Callable[P, T]) -> Callable[P, T]:
    """Speak the reader's language in a fragment or dialog, which run without the page around them."""

    @wraps(function)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> T:
        with use_language(language()):
            return function(*args, **kwargs)

    return spoken
