"""The form that starts a run: live choices, remembered values, and a second question before production."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address, form_choices, form_controls, inert, questions, words
from app.components.choice_controls import PREFIX
from app.components.consequences import consequences
from app.components.faults import told
from app.services import access, runs
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import recent
from modules.run_protocol import BACKUP_DEPLOYMENT, GRID_DEPLOYMENT, KMZ_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.choices import Choices
    from app.services.run import Deployment, ParameterField, Run

BACKUP: Final = BACKUP_DEPLOYMENT
KMZ: Final = KMZ_DEPLOYMENT
GRID: Final = GRID_DEPLOYMENT

_CONFIRMING: Final = PREFIX + "confirming"
_ENVIRONMENT: Final = PREFIX + "environment"
_FROM_SCRATCH: Final = PREFIX + "from-scratch"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form says at this moment."""

    environment: Environment
    parameters: Mapping[str, Any]
    #: Parameters as people read them: label and value.
    told: Mapping[str, str]


def open_form(deployment: str, values: Mapping[str, Any] | None = None) -> None:
    """Open the form of a deployment, filled with `values`, else with those of its last run in this environment.

    Those of a last run are anybody's: the form says whose.
    """
    for key in [key for key in st.session_state if str(key).startswith(PREFIX)]:
        del st.session_state[key]
    with told():
        found = runs.deployment(deployment)
        last = None
        if values is None:
            environment = address.environment()
            last = next(iter(runs.recent(1, deployment=deployment, environment=environment)), None)
            values = last.parameters if last else {}
        else:
            environment = Environment.of(test=bool(values.get("test", True)))
        title = _("Run: {what}", what=words.flow_word(found.flow))
        questions.ask(title, form, found, values, environment, last, width="medium")


def form(deployment: Deployment, values: Mapping[str, Any], environment: Environment, last: Run | None = None) -> None:
    """Draw the form, or its second question.

    values, environment: what it starts with; last: the run that the values were taken over from without being asked for
    """
    confirming = st.session_state.get(_CONFIRMING)
    if confirming is None:
        _ask(deployment, values, environment, last)
    else:
        _ask_again(deployment, confirming)


def _ask(deployment: Deployment, values: Mapping[str, Any], environment: Environment, last: Run | None) -> None:
    fields = [field for field in deployment.fields if field.name != "test"]
    writes = len(fields) < len(deployment.fields)
    drawn = fields
    if st.session_state.get(_FROM_SCRATCH):
        values, drawn = {}, [_anew(field) for field in fields]
    elif last is not None and any(values.get(field.name, field.default) != field.default for field in fields):
        _say_whose(last)
    start = {each.name: values.get(field.name, field.default) for field, each in zip(fields, drawn, strict=True)}
    offer = form_choices.offer(deployment, drawn, start, st.session_state.get(_ENVIRONMENT, environment))
    stand = {each.name: form_controls.control(each, start[each.name], offer.choices) for each in drawn}
    chosen = {field.name: stand[each.name] for field, each in zip(fields, drawn, strict=True)}
    target = _environment_control(environment) if writes else None
    wanted = _wanted(deployment, chosen, target, offer.choices)
    disabled = not offer.allows(drawn, stand)
    if target is Environment.PRODUCTION:
        st.button(
            _("Continue …"),
            type="primary",
            on_click=_go_to_confirmation,
            args=(wanted,),
            width="stretch",
            disabled=disabled,
            key="continue",
        )
    elif st.button(
        _("Run now"), type="primary", icon=":material/play_arrow:", width="stretch", disabled=disabled, key="run-now"
    ):
        _start(deployment, wanted)


def _say_whose(last: Run) -> None:
    when = recent(last.started or last.created)
    with st.container(horizontal=True, vertical_alignment="center"):
        told = _("Values of the last run ({who}, {when}).", who=words.who_word(last), when=when)
        st.caption(inert.markdown(told), width="content")
        st.button(_("Start from scratch"), on_click=_start_from_scratch, type="tertiary", key="from-scratch")


def _start_from_scratch() -> None:
    st.session_state[_FROM_SCRATCH] = True


def _anew(field: ParameterField) -> ParameterField:
    """Give a parameter another name, its control another key: a browser keeps what stands in one of the same key."""
    label = {address.language(): field.name} | dict(field.label)
    return replace(field, name=f"{field.name}-anew", label=label)


def _environment_control(environment: Environment) -> Environment:
    chosen: Environment = st.segmented_control(
        _("Environment"),
        list(Environment),
        default=environment,
        format_func=words.environment_word,
        key=_ENVIRONMENT,
        persist_state="page",
        required=True,
        width="stretch",
    )
    return chosen


def _wanted(
    deployment: Deployment, chosen: Mapping[str, Any], target: Environment | None, choices: Choices | None
) -> _Wanted:
    fields = [field for field in deployment.fields if field.name in chosen]
    told = {
        field.label.get(address.language(), field.name): form_controls.words_of(field, chosen[field.name], choices)
        for field in fields
    }
    parameters = dict(chosen) if target is None else {**chosen, "test": target.test}
    return _Wanted(target or Environment.TEST, parameters, told)


def _go_to_confirmation(wanted: _Wanted) -> None:
    st.session_state[_CONFIRMING] = wanted


def _go_back() -> None:
    st.session_state[_CONFIRMING] = None


def _ask_again(deployment: Deployment, wanted: _Wanted) -> None:
    with st.container(key="band-production-question"):
        st.markdown("**" + _("This writes to PRODUCTION, the company's own folders.") + "**")
    for label, value in wanted.told.items():
        st.text(inert.plain(f"{label}: {value}"))
    for sentence in consequences(deployment.process, wanted.parameters):
        st.markdown("- " + inert.markdown(sentence))
    back, go = st.columns(2)
    back.button(_("Back"), on_click=_go_back, width="stretch", key="back")
    with go, st.container(key="danger-run"):
        if st.button(_("Run in production"), icon=":material/play_arrow:", width="stretch", key="run-production"):
            _start(deployment, wanted)


def _start(deployment: Deployment, wanted: _Wanted) -> None:
    try:
        _check(wanted)
        with st.spinner(_("Starting …")):
            run = runs.start(deployment.name, wanted.parameters, who=access.person())
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
        return
    questions.forget()
    st.switch_page(address.RUNS, query_params=address.params(env=run.environment, run=run.id))


def _check(wanted: _Wanted) -> None:
    if wanted.parameters.get("campania"):
        Season.parse(wanted.parameters["campania"])
