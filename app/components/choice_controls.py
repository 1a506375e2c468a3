"""Controls with live choices: seasons, farms and crops, of the portal or of backups."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address
from modules.domain.season import Season
from modules.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.services.choices import Choices
    from app.services.run import ParameterField

PREFIX: Final = "run-form-"


def key_of(field: ParameterField) -> str:
    """Tell under which key the control of a parameter keeps its value."""
    return f"{PREFIX}field-{field.name}"


def common(field: ParameterField) -> dict[str, Any]:
    """Give what every control has: label, help, key, and a memory for as long as the page stays."""
    return {
        "label": field.label.get(address.language(), field.name),
        "help": field.help.get(address.language()),
        "key": key_of(field),
        "persist_state": "page",
    }


def present_season() -> str:
    """Say which season an empty one means."""
    return _("The present one ({season})", season=str(Season.current()))


def _season(field: ParameterField, value: Any, choices: Choices | None) -> str:
    if choices is None:
        return str(st.text_input(value=value or "", placeholder=present_season(), **common(field))).strip()
    kept = [each for each in (value, st.session_state.get(key_of(field))) if each]
    options = list(dict.fromkeys(["", *choices.seasons, *kept]))
    chosen: str = st.selectbox(
        options=options,
        index=options.index(value or ""),
        format_func=lambda season: season or present_season(),
        **common(field),
    )
    return chosen


def _portal_farms(field: ParameterField, value: Any, choices: Choices | None) -> list[str]:
    """Take all farms one by one for all: only that backup renews the current files and is held against the last one."""
    chosen = _farms(field, value, choices)
    return [] if choices is not None and set(chosen) >= {farm.id for farm in choices.farms} else chosen


def _farms(field: ParameterField, value: Any, choices: Choices | None) -> list[str]:
    return _several(field, value, None if choices is None else _farm_names(choices), _("All farms"))


def _crops(field: ParameterField, value: Any, choices: Choices | None) -> list[str]:
    if choices is None:
        return _several(field, value, None, _("All crops"))
    others = {crop: _("{name} (not on these farms)", name=crop) for crop in choices.other_crops}
    return _several(field, value, {crop: crop for crop in choices.crops}, _("All crops"), others)


def chosen_farms(field: ParameterField, value: Any, choices: Choices) -> list[str]:
    """Tell which farms, by their ids, the control of a form stands at before it is drawn."""
    return _ids(st.session_state.get(key_of(field), value) or [], _farm_names(choices))


def _several(
    field: ParameterField,
    value: Any,
    names: Mapping[str, str] | None,
    placeholder: str,
    others: Mapping[str, str] | None = None,
) -> list[str]:
    """Draw a choice of several by their ids.

    What was chosen and is not offered any more stays to be seen: leaving it out could leave nothing, which means all.
    `others` names what is there and not offered.
    """
    known = names or {}
    before = _ids(value or [], known)
    options = list(dict.fromkeys([*known, *before, *st.session_state.get(key_of(field), [])]))

    def name(each: str) -> str:
        if names is None or each in known:
            return known.get(each, each)
        return (others or {}).get(each, _("{name} (not there any more)", name=each))

    return st.multiselect(
        options=options,
        default=before,
        format_func=name,
        placeholder=placeholder,
        disabled=not options,
        select_all=False,  # none chosen means all, and its words would be English
        **common(field),
    )


def _ids(chosen: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Put ids for names, by which a run that was started elsewhere may have named them."""
    ids = {name: id_ for id_, name in names.items()}
    return [each if each in names else ids.get(each, each) for each in chosen]


def _farm_names(choices: Choices) -> dict[str, str]:
    """Name farms by their ids; those that share a name carry their id too."""
    counted = Counter(farm.name for farm in choices.farms)
    return {farm.id: f"{farm.name} ({farm.id})" if counted[farm.name] > 1 else farm.name for farm in choices.farms}


def _season_words(value: Any, _choices: Choices | None) -> str:
    return value or present_season()


def _farm_words(value: Any, choices: Choices | None) -> str:
    names = _farm_names(choices) if choices else {}
    return ", ".join(names.get(farm, farm) for farm in value) or _("All farms")


def _crop_words(value: Any, _choices: Choices | None) -> str:
    return ", ".join(value) or _("All crops")


#: By where choices come from: what the schema of a flow names.
CONTROLS: Final[Mapping[str, Callable[[ParameterField, Any, Choices | None], Any]]] = {
    "seasons": _season,
    "farms": _portal_farms,
    "backup-seasons": _season,
    "backup-farms": _farms,
    "crops": _crops,
}
WORDS: Final[Mapping[str, Callable[[Any, Choices | None], str]]] = {
    "seasons": _season_words,
    "farms": _farm_words,
    "backup-seasons": _season_words,
    "backup-farms": _farm_words,
    "crops": _crop_words,
}
