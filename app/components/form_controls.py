"""The controls of a form, one for each kind of parameter: a choice where its schema or a live list offers one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import streamlit as st

from app.components import address, choice_controls, inert
from app.components.choice_controls import common
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.services.choices import Choices
    from app.services.run import ParameterField

N = TypeVar("N", int, float)

#: So many values stand side by side, of which one or several are chosen; more of them fold into a list.
_SEGMENTS: Final = 4
_PILLS: Final = 6


def control(field: ParameterField, value: Any, choices: Choices | None) -> Any:
    """Draw the control of a parameter and give its value. Without `choices` live ones are written by hand."""
    live = choice_controls.CONTROLS.get(field.choices or "")
    if live is not None:
        return live(field, value, choices)
    if field.values:
        return _some_of(field, value) if field.kind == "array" else _one_of(field, value)
    draw: Callable[[ParameterField, Any], Any] = _KINDS.get(field.kind, _text)
    return draw(field, value)


def words_of(field: ParameterField, value: Any, choices: Choices | None) -> str:
    """Say a parameter's value as people read it."""
    live = choice_controls.WORDS.get(field.choices or "")
    if live is not None:
        return live(value, choices)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(value_word(field, each) for each in value) or "–"
    return value_word(field, value) or "–"


def value_word(field: ParameterField, value: Any) -> str:
    """Name a value; one without a name is its own."""
    return field.value_words.get(str(value), {}).get(address.language(), str(value))


def _one_of(field: ParameterField, value: Any) -> Any:
    options = list(field.values)
    chosen = value if value in options else field.default
    if len(options) <= _SEGMENTS:
        return st.segmented_control(
            options=options,
            default=chosen,
            format_func=lambda each: inert.markdown(value_word(field, each)),
            required=chosen is not None,
            width="stretch",
            **common(field),
        )
    return st.selectbox(
        options=options,
        index=options.index(chosen) if chosen in options else None,
        format_func=lambda each: value_word(field, each),
        **common(field),
    )


def _some_of(field: ParameterField, value: Any) -> list[Any]:
    options = list(field.values)
    chosen = [each for each in value or [] if each in options]
    if len(options) <= _PILLS:
        picked = st.pills(
            options=options,
            selection_mode="multi",
            default=chosen,
            format_func=lambda each: inert.markdown(value_word(field, each)),
            **common(field),
        )
    else:
        picked = st.multiselect(
            options=options,
            default=chosen,
            format_func=lambda each: value_word(field, each),
            placeholder="",
            **common(field),
        )
    return [each for each in options if each in picked]


def _text(field: ParameterField, value: Any) -> str:
    return str(st.text_input(value=str(value or ""), **common(field))).strip()


def _list(field: ParameterField, value: Any) -> list[str]:
    return st.multiselect(
        options=value or [], default=value or [], accept_new_options=True, placeholder="", **common(field)
    )


def _switch(field: ParameterField, value: Any) -> bool:
    return st.toggle(value=bool(value), **common(field))


def _integer(field: ParameterField, value: Any) -> int:
    least, most = (None if each is None else int(each) for each in (field.minimum, field.maximum))
    start = _within(int(value or 0), least, most)
    return int(st.number_input(min_value=least, max_value=most, value=start, step=1, **common(field)))


def _number(field: ParameterField, value: Any) -> float:
    least, most = (None if each is None else float(each) for each in (field.minimum, field.maximum))
    start = _within(float(value or 0), least, most)
    return float(st.number_input(min_value=least, max_value=most, value=start, **common(field)))


def _within(value: N, least: N | None, most: N | None) -> N:
    """Keep a value between its bounds: the control refuses to be drawn with another."""
    value = value if least is None else max(value, least)
    return value if most is None else min(value, most)


_KINDS: Final[Mapping[str, Callable[[ParameterField, Any], Any]]] = {
    "array": _list,
    "boolean": _switch,
    "integer": _integer,
    "number": _number,
}
