"""What changed between two backups: in a line, in a table, in hectares by farm and crop, and as a layer to save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from app.components import address, file_words, inert, questions
from app.components.plain_table import plain_table
from app.services import changes, exports
from modules.domain.layers import Layer
from modules.errors import TranqueraError
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, number, recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.changes.result import Balance, Changes, FieldChange
    from modules.environments import Environment
    from modules.snapshots.store import Snapshot

#: Rows of a table that are drawn; the layer holds all of them.
_ROWS: Final = 100
_PATIENCE_S: Final = 0.7
_WRITING_S: Final = 60


def changes_section(environment: Environment, snapshot_id: str) -> None:
    """Draw, under a heading, what differs from the backup before the one with this id."""
    st.subheader(_("Changes"), anchor=False)
    home = address.settings().home
    try:
        snapshot = changes.find(home, environment, snapshot_id)
    except TranqueraError as error:
        st.caption(inert.markdown(error.sentence()))
        return
    before = changes.predecessor(home, snapshot)
    if before is None:
        st.caption(first_sentence(snapshot))
        return
    ready = changes.comparison(before, snapshot, _PATIENCE_S).done()
    st.fragment(run_every=None if ready else questions.pace(1))(_section)(before, snapshot, drawn=ready)


def first_sentence(snapshot: Snapshot) -> str:
    """Say that there is nothing to compare a backup with."""
    if snapshot.scope.whole:
        return _("It is the first backup of this season: there is nothing to compare it with.")
    return _("It is the first backup of these farms and this season: there is nothing to compare it with.")


def unbroken(text: str) -> str:
    """Keep what stands between ` · ` on one line: a number goes with what it counts."""
    return text.replace(" ", "\u00a0").replace("\u00a0·\u00a0", " · ")


def changes_panel(before: Snapshot, now: Snapshot) -> None:
    """Draw what differs; for a dialog, when it is known already."""
    found = changes.comparison(before, now, _WRITING_S)
    st.caption(_("Compared with the backup before: {when}", when=recent(before.manifest.started_at)))
    try:
        said = found.result(0)
    except TimeoutError:
        st.caption(_("Comparing …"))
    except TranqueraError as error:
        st.warning(inert.markdown(error.sentence()), icon=":material/warning:")
    else:
        _panel(said, before, now)


@address.speaking
def _section(before: Snapshot, now: Snapshot, *, drawn: bool) -> None:
    found = changes.comparison(before, now)
    if not found.done():
        st.caption(_("Comparing …"))
        return
    if not drawn:
        st.rerun()
    changes_panel(before, now)


def map_of_changes(before: Snapshot, now: Snapshot) -> None:
    """Draw the link to the map of what differs."""
    link = address.map_link(now, before)
    st.page_link(address.MAP, label=_("Differences on the map"), icon=":material/map:", query_params=link)


def _panel(said: Changes, before: Snapshot, now: Snapshot) -> None:
    from modules.changes.words import summary

    st.markdown(f"**{inert.markdown(unbroken(summary(said)))}**")
    _other_layers(said)
    if said.fields:
        _fields(said)
        _hectares(said)
        with st.container(horizontal=True, vertical_alignment="center"):
            map_of_changes(before, now)
            _save(before, now)


def _fields(said: Changes) -> None:
    from modules.changes.words import detail, in_reading_order

    def row(change: FieldChange) -> tuple[str, ...]:
        areas = [unbroken(hectares(facts.hectares)) if facts else "–" for facts in (change.before, change.now)]
        return change.latest.name, change.latest.farm, detail(change, said), *areas

    ordered = in_reading_order(said)
    heads = (_("Field"), _("Farm"), _("What changed"), _("Before"), _("Now"))
    plain_table(heads, [row(change) for change in ordered[:_ROWS]])
    if len(ordered) > _ROWS:
        st.caption(_("And {count} more: the map layer has all of them.", count=number(len(ordered) - _ROWS)))


def _hectares(said: Changes) -> None:
    farms = [each for each in said.farms if each.differs]
    crops = [each for each in said.crops if each.differs]
    if not farms and not crops:
        return
    with st.expander(_("Hectares by farm and crop"), icon=":material/square_foot:"):
        for head, balances in ((_("Farm"), farms), (_("Crop"), crops)):
            if balances:
                _balances(head, balances)


def _balances(head: str, balances: Sequence[Balance]) -> None:
    from modules.changes.words import signed_hectares

    most = sorted(balances, key=lambda each: -abs(each.gained_ha))[:_ROWS]
    plain_table(
        (head, _("Before"), _("Now"), _("Difference")),
        [
            (
                each.name or _("none"),
                unbroken(hectares(each.hectares_before)),
                unbroken(hectares(each.hectares_now)),
                unbroken(signed_hectares(each.gained_ha)),
            )
            for each in most
        ],
    )


def _other_layers(said: Changes) -> None:
    from modules.changes.words import layer_parts

    for name, counts in said.layers.items():
        parts = layer_parts(counts)
        if name != Layer.FIELDS and parts:
            st.caption(f"{file_words.layer_word(name).capitalize()}: {', '.join(parts)}")


def _save(before: Snapshot, now: Snapshot) -> None:
    """Draw the button that makes the layer, then the one that fetches it."""
    key = f"changes-layer-{before.id}-{now.id}"
    job: exports.Job | None = st.session_state.get(key)
    place = st.empty()
    if job is None:
        clicked = place.button(
            _("Map layer (GeoPackage)"),
            icon=":material/layers:",
            help=_("The fields that differ, with their outlines, for QGIS."),
            key=f"{key}-make",
        )
        if not clicked:
            return
        job = exports.Job(
            address.settings().home, lambda place, progress: changes.write_layer(before, now, place, progress)
        )
        st.session_state[key] = job
    with place, st.spinner(_("Writing the file …")):
        job.ended(_WRITING_S)
    place.empty()
    try:
        result = job.result()
    except TranqueraError as error:
        del st.session_state[key]
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            _("Save file"), exports.address_of(result), type="primary", icon=":material/download:", key=f"{key}-save"
        )
        st.caption(_("It can be fetched for a day."), width="content")
