"""The form that starts a run: live choices, remembered values, and a second question before production."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address, inert, live, words
from app.components.faults import told
from app.services import access, runs
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import PortalError, TranqueraError
from modules.i18n import gettext as _
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.services.portal import Choices
    from app.services.run import Deployment, ParameterField

BACKUP: Final = "backup-lotes-daily-3am"

_CONFIRMING: Final = "run-form-confirming"
_FIELD: Final = "run-form-field-"
_ENVIRONMENT: Final = "run-form-environment"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form says at this moment."""

    environment: Environment
    parameters: Mapping[str, Any]
    #: Parameters as people read them: label and value.
    told: Mapping[str, str]


def open_form(deployment: str, values: Mapping[str, Any] | None = None) -> None:
    """Open the form of a deployment, filled with `values`, else with those of its last run in this environment."""
    for key in [key for key in st.session_state if str(key).startswith("run-form-")]:
        del st.session_state[key]
    with told():
        found = runs.deployment(deployment)
        if values is None:
            last = runs.recent(1, deployment=deployment, environment=address.environment())
            values = last[0].parameters if last else {}
            environment = address.environment()
        else:
            environment = Environment.of(test=bool(values.get("test", True)))
        title = _("Run: {what}", what=words.flow_word(found.flow))
        st.dialog(title, width="medium")(address.speaking(_form))(found, values, environment)


def _form(deployment: Deployment, values: Mapping[str, Any], environment: Environment) -> None:
    confirming = st.session_state.get(_CONFIRMING)
    if confirming is None:
        _ask(deployment, values, environment)
    else:
        _ask_again(deployment, confirming)


def _ask(deployment: Deployment, values: Mapping[str, Any], environment: Environment) -> None:
    fields = [field for field in deployment.fields if field.name != "test"]
    with_choices = any(field.choices for field in fields)
    choices = live.portal_choices() if with_choices else None
    if isinstance(choices, PortalError):
        st.warning(
            inert.markdown(choices.sentence())
            + "\n\n"
            + _("The lists of the portal are not available; what is written by hand is checked when the run begins."),
            icon=":material/cloud_off:",
        )
        choices = None
    chosen = {field.name: _control(field, values.get(field.name, field.default), choices) for field in fields}
    writes = any(field.name == "test" for field in deployment.fields)
    target = _environment_control(environment) if writes else None
    wanted = _wanted(deployment, chosen, target, choices)
    if target is Environment.PRODUCTION:
        st.button(
            _("Continue …"),
            type="primary",
            on_click=_go_to_confirmation,
            args=(wanted,),
            width="stretch",
            key="continue",
        )
    elif st.button(_("Run now"), type="primary", icon=":material/play_arrow:", width="stretch", key="run-now"):
        _start(deployment, wanted)


def _environment_control(environment: Environment) -> Environment:
    chosen: Environment = st.segmented_control(
        _("Environment"),
        list(Environment),
        default=environment,
        format_func=words.environment_word,
        key=_ENVIRONMENT,
        required=True,
        width="stretch",
    )
    return chosen


def _control(field: ParameterField, value: Any, choices: Choices | None) -> Any:
    label = field.label.get(address.language(), field.name)
    about = field.help.get(address.language())
    key = _FIELD + field.name
    control = _CONTROLS.get(field.choices or "", _KINDS.get(field.kind, _text))
    return control(label, about, key, value, choices)


def _season(label: str, about: str | None, key: str, value: Any, choices: Choices | None) -> str:
    if choices is None:
        return str(st.text_input(label, value=value or "", placeholder=_present(), help=about, key=key)).strip()
    options = ["", *choices.seasons]
    if value and value not in options:
        options.append(value)
    return st.selectbox(
        label,
        options,
        index=options.index(value or ""),
        format_func=lambda season: season or _present(),
        help=about,
        key=key,
    )


def _present() -> str:
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
    )


def _farm_name(names: Mapping[str, str], farm: str, *, twins: bool) -> str:
    name = names.get(farm, farm)
    return f"{name} ({farm})" if twins and list(names.values()).count(name) > 1 else name


def _text(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> str:
    return str(st.text_input(label, value=str(value or ""), help=about, key=key)).strip()


def _switch(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> bool:
    return st.toggle(label, value=bool(value), help=about, key=key)


def _integer(label: str, about: str | None, key: str, value: Any, _choices: Choices | None) -> int:
    return int(st.number_input(label, value=int(value or 0), step=1, help=about, key=key))


_CONTROLS: Final[Mapping[str, Callable[..., Any]]] = {"seasons": _season, "farms": _farms}
_KINDS: Final[Mapping[str, Callable[..., Any]]] = {"boolean": _switch, "integer": _integer}


def _wanted(
    deployment: Deployment, chosen: Mapping[str, Any], target: Environment | None, choices: Choices | None
) -> _Wanted:
    labels = {field.name: field.label.get(address.language(), field.name) for field in deployment.fields}
    told = {labels[name]: _value_words(name, value, choices) for name, value in chosen.items()}
    parameters = dict(chosen) if target is None else {**chosen, "test": target.test}
    return _Wanted(target or Environment.TEST, parameters, told)


def _value_words(name: str, value: Any, choices: Choices | None) -> str:
    if name == "campania":
        return value or _present()
    if name == "campos":
        names = {farm.id: farm.name for farm in choices.farms} if choices else {}
        return ", ".join(names.get(farm, farm) for farm in value) or _("All farms")
    return str(value)


def _go_to_confirmation(wanted: _Wanted) -> None:
    st.session_state[_CONFIRMING] = wanted


def _go_back() -> None:
    st.session_state[_CONFIRMING] = None


def _ask_again(deployment: Deployment, wanted: _Wanted) -> None:
    with st.container(key="band-production"):
        st.markdown("**" + _("This writes to PRODUCTION, the company's own folders.") + "**")
    for label, value in wanted.told.items():
        st.text(inert.plain(f"{label}: {value}"))
    for sentence in _consequences(wanted):
        st.markdown("- " + inert.markdown(sentence))
    back, go = st.columns(2)
    back.button(_("Back"), on_click=_go_back, width="stretch", key="back")
    with go, st.container(key="danger-run"):
        if st.button(_("Run in production"), icon=":material/play_arrow:", width="stretch", key="run-production"):
            _start(deployment, wanted)


def _consequences(wanted: _Wanted) -> list[str]:
    """Say where a backup writes and what it replaces."""
    season = wanted.parameters.get("campania") or str(Season.current())
    added = _(
        "A backup is added to {folder}. The earlier ones stay as they are.",
        folder=f"{Folder.SNAPSHOTS} / {season.replace('/', '-')}",
    )
    if wanted.parameters.get("campos"):
        return [added, _("With chosen farms, no other folder is touched.")]
    folders = ", ".join((Folder.CROPS, Folder.SAMPLES, Folder.SUSTAINABILITY))
    return [added, _("The files of season {season} in {folders} are replaced.", season=season, folders=folders)]


def _start(deployment: Deployment, wanted: _Wanted) -> None:
    try:
        _check(wanted)
        with st.spinner(_("Starting …")):
            run = runs.start(deployment.name, wanted.parameters, who=access.person())
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
        return
    st.switch_page(address.RUNS, query_params=address.params(env=run.environment, run=run.id))


def _check(wanted: _Wanted) -> None:
    if wanted.parameters.get("campania"):
        Season.parse(wanted.parameters["campania"])
