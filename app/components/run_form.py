"""The form that starts a run: live choices, remembered values, and a second question before production."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address, form_controls, inert, live, words
from app.components.faults import told
from app.services import access, runs
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.run_protocol import BACKUP_DEPLOYMENT
from modules.snapshots.products import PRODUCT_FOLDERS
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.portal import Choices
    from app.services.run import Deployment

BACKUP: Final = BACKUP_DEPLOYMENT

_CONFIRMING: Final = form_controls.PREFIX + "confirming"
_ENVIRONMENT: Final = form_controls.PREFIX + "environment"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form says at this moment."""

    environment: Environment
    parameters: Mapping[str, Any]
    #: Parameters as people read them: label and value.
    told: Mapping[str, str]


def open_form(deployment: str, values: Mapping[str, Any] | None = None) -> None:
    """Open the form of a deployment, filled with `values`, else with those of its last run in this environment."""
    for key in [key for key in st.session_state if str(key).startswith(form_controls.PREFIX)]:
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
    if isinstance(choices, TranqueraError):
        st.warning(
            inert.markdown(choices.sentence())
            + "\n\n"
            + _("The lists of the portal are not available; what is written by hand is checked when the run begins."),
            icon=":material/cloud_off:",
        )
        choices = None
    chosen = {
        field.name: form_controls.control(field, values.get(field.name, field.default), choices) for field in fields
    }
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
    folders = ", ".join(PRODUCT_FOLDERS)
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
