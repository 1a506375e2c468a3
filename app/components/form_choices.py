"""Where the choices of a form come from, said at its head: the portal, or the backup that something is made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address, choice_controls, file_words, inert, live
from app.components.last_backups import nothing_yet
from app.services import catalog
from app.services.run import Process
from modules.domain.season import Season
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import recent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.services.backups import Basis
    from app.services.choices import Choices
    from app.services.run import Deployment, ParameterField
    from modules.environments import Environment

_OF_PORTAL: Final = frozenset({"seasons", "farms"})
_OF_BACKUPS: Final = frozenset({"backup-seasons", "backup-farms", "crops"})


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form offers; `choices` None: nothing, live choices are written by hand.

    some_farms: the backup holds only some farms, so that some of them have to be chosen
    """

    choices: Choices | None = None
    ready: bool = True
    some_farms: bool = False

    def allows(self, fields: Sequence[ParameterField], chosen: Mapping[str, Any]) -> bool:
        """Tell whether a run with these values has something to work on."""
        farms = any(chosen[field.name] for field in fields if field.choices == "backup-farms")
        enough = all(len(chosen[field.name]) >= field.least for field in fields if field.least)
        return self.ready and enough and (farms or not self.some_farms)


def offer(
    deployment: Deployment, fields: Sequence[ParameterField], values: Mapping[str, Any], environment: Environment
) -> Offer:
    """Find the choices for a form whose controls stand at `values` or were moved since, and say what they are of."""
    sources = {field.choices for field in fields}
    if sources & _OF_BACKUPS:
        found = _of_backups(deployment.process, environment, _season(fields, values))
        return found if found.choices is None else replace(found, choices=_of_farms(found.choices, fields, values))
    return Offer(_of_portal() if sources & _OF_PORTAL else None)


def _season(fields: Sequence[ParameterField], values: Mapping[str, Any]) -> str:
    for field in fields:
        if field.choices == "backup-seasons":
            return str(st.session_state.get(choice_controls.key_of(field), values.get(field.name)) or "")
    return ""


def _of_farms(choices: Choices, fields: Sequence[ParameterField], values: Mapping[str, Any]) -> Choices:
    """Leave the crops of the farms that are chosen now."""
    for field in fields:
        if field.choices == "backup-farms":
            return choices.of_farms(choice_controls.chosen_farms(field, values.get(field.name), choices))
    return choices


def _of_portal() -> Choices | None:
    choices = live.portal_choices()
    if not isinstance(choices, TranqueraError):
        return choices
    st.warning(
        inert.markdown(choices.sentence())
        + "\n\n"
        + _("The lists of the portal are not available; what is written by hand is checked when the run begins."),
        icon=":material/cloud_off:",
    )
    return None


def _of_backups(process: Process | None, environment: Environment, written: str) -> Offer:
    try:
        season = Season.parse(written) if written else Season.current()
        basis = live.basis(environment, season)
    except TranqueraError as error:
        basis = error
    if isinstance(basis, TranqueraError):
        st.warning(inert.markdown(basis.sentence()), icon=":material/folder_off:")
        return Offer(ready=False)
    return _said(process, environment, season, basis)


def _said(process: Process | None, environment: Environment, season: Season, basis: Basis) -> Offer:
    manifest = basis.manifest
    if manifest is None:
        st.warning(_no_backup(environment, season), icon=":material/folder_off:")
        return Offer(basis.choices, ready=False)
    if manifest.empty:
        sentence = _("The last backup of season {season} holds no field. Run the backup again.", season=str(season))
        st.warning(inert.markdown(sentence), icon=":material/folder_off:")
        return Offer(basis.choices, ready=False)
    if not basis.whole and process is Process.KMZ:
        sentence = _(
            "The backups of season {season} hold only some farms, and KMZ are made of all. Run the backup of all farms "
            "first.",
            season=str(season),
        )
        st.warning(inert.markdown(sentence), icon=":material/folder_off:")
        return Offer(basis.choices, ready=False)
    made_from = _(
        "Made from the backup of {when}: {told}.",
        when=recent(manifest.started_at),
        told=file_words.fields_and_hectares(manifest),
    )
    st.caption(inert.markdown(made_from))
    if not basis.whole:
        st.caption(_("It holds only some farms: choose among them."))
    return Offer(basis.choices, some_farms=not basis.whole)


def _no_backup(environment: Environment, season: Season) -> str:
    if not catalog.is_connected(address.settings().home, environment):
        return inert.markdown(nothing_yet(environment))
    sentence = _(
        "There is no backup of season {season} yet, and this is made from one. Run the backup first.",
        season=str(season),
    )
    return inert.markdown(sentence)
