"""Answers shared for a few seconds by everybody who looks, so that a page full of people asks each part once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address
from app.services import backups, health, portal
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.i18n import use_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.backups import Basis
    from app.services.choices import Choices
    from app.services.health import PartHealth
    from modules.i18n import Language

#: Less than the pause between two looks of the strip: each is answered at once with what is known and has it asked for
#: anew, which the next one shows.
_HEALTH_S: Final = 4


def parts_health() -> Sequence[PartHealth]:
    """Tell how each part is, a few seconds after `services.health` knew it at most."""
    return _health(address.language())


def portal_choices() -> Choices | TranqueraError:
    """Give the portal's seasons and farms, at most a minute old, or the error that stands in their way."""
    found = _choices()
    if isinstance(found, TranqueraError):
        _choices.clear()  # the next look asks again
    return found


def basis(environment: Environment, season: Season) -> Basis | TranqueraError:
    """Give what the backups of a season offer, a few seconds old, or the error that stands in their way."""
    found = _basis(str(environment), str(season))
    if isinstance(found, TranqueraError) or found.manifest is None:
        _basis.clear()  # the first backup may end at any moment
    return found


@st.cache_data(ttl=5, show_spinner=False)
def _basis(environment: str, season: str) -> Basis | TranqueraError:
    try:
        return backups.basis(address.settings().home, Environment(environment), Season.parse(season))
    except TranqueraError as error:
        return error


@st.cache_data(ttl=_HEALTH_S, show_spinner=False, refresh_mode="background")
def _health(language: Language) -> Sequence[PartHealth]:
    with use_language(language):
        return health.check(address.settings())


@st.cache_data(ttl=60, show_spinner=False)
def _choices() -> Choices | TranqueraError:
    try:
        return portal.choices(address.settings().portal)
    except TranqueraError as error:
        return error
