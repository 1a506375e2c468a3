"""The controls of a form, one for each kind of parameter, with live choices where the portal offers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address
from modules.domain.season import Season
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.services.portal import Choices
    from app.services.run import ParameterField

PREFIX: Final = "run-form-"


def control(field: ParameterField, value: Any, choices: Choices | None) -> Any:
    """Draw the control of a parameter and give its value. Without `choices` it is written by hand."""
    label = field.label.get(address.language(), field.name)
    about = field.help.get(address.language())
    key = f"{PREFIX}field-{field.name}"
    draw = _CONTROLS.get(field.choices or "", _KINDS.get(field.kind, _text))
    return draw(label, about, key, value, choices)


def words_of(field: ParameterField, value: Any, choices: Choices | None) -> str:
    """Say a parameter's value as people read it."""
    if field.choices == "seasons":
        return value or present_season()
    if field.choices == "farms":
        names = {farm.id: farm.name for farm in choices.farms} if choices else {}
        return ", ".join(names.get(farm, farm) for farm in value) or _("All farms")
    return str(value)


def _season(label: str, about: str | None, key: str, value: Any, choices: Choices | None) -> str:
    if choices is None:
        return str(
            st.text_input(
                label, value=value or "", placeholder=present_season(), help=about, key=key, persist_state="page"
            )
        ).strip()
    options = ["", *choices.seasons]
    if value and value not in options:
        options.append(value)
    return st.selectbox(
        label,
        options,
        index=options.index(value or ""),
        format_func=lambda season: season or present_season(),
        help=about,
        key=key,
        persist_state="page",
    )


def present_season() -> str:
    """Say which season an empty one means."""
    return _("The present one ({season})", season=str(Season.current()))


def _farms(label: str, about: str | None, key: str, value: Any, choices: Choices | None) -> list[str]:
    names = {farm.id: farm.name for farm in choices.farms} if choices else {}
    known = [farm for farm in value or [] if farm in names or choices is None]
    twins = len(set(names.values())) < len(names)
    return st.multiselect(
        label,
        [*names] or known,
        default=known,
        format_func=lambda farm: _farm_name(names, farm, twins=twins),
        placeholder=_("All farms"),
        help=about,
        disabled=choices is None and not known,
        key=key,
        persist_state="page",
    )


def _farm_name(names: Mapping[str, str], farm: str, *, twins: bool) -> str:
    name = names.get(farm, farm)
    return f"{name} ({farm})" if twins and list(names.values()).count(name) > 1 else name


def _text(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> str:
    return str(st.text_input(label, value=str(value or ""), help=about, key=key, persist_state="page")).strip()


def _list(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> list[str]:
    return st.multiselect(
        label,
        value or [],
        default=value or [],
        accept_new_options=True,
        placeholder="",
        help=about,
        key=key,
        persist_state="page",
    )


def _switch(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> bool:
    return st.toggle(label, value=bool(value), help=about, key=key, persist_state="page")


def _integer(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> int:
    return int(st.number_input(label, value=int(value or 0), step=1, help=about, key=key, persist_state="page"))


_CONTROLS: Final[Mapping[str, Callable[..., Any]]] = {"seasons": _season, "farms": _farms}
_KINDS: Final[Mapping[str, Callable[..., Any]]] = {"array": _list, "boolean": _switch, "integer": _integer}
