"""What an ended run left: its summary or its error, its files, and what was rejected or repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.components import address, file_words, inert, words
from app.components.faults import told
from app.components.file_browser import item_table
from app.components.held_back import held_back
from app.services import catalog, runs
from app.services.catalog import Item
from app.services.run import Run, RunOutcome, RunState
from modules.domain.reasons import reason_words
from modules.i18n import gettext as _
from modules.i18n.formats import number
from modules.snapshots.products import PRODUCT_FOLDERS
from modules.snapshots.result import BackupResult, summary, warning_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modules.environments import Environment
    from modules.snapshots.manifest import Manifest

_ROWS = 100


def outcome(run: Run) -> None:
    """Draw what an ended run left."""
    with told():
        left = runs.outcome(run.id) or RunOutcome()
        match run.state:
            case RunState.COMPLETED:
                _completed(run, left)
            case RunState.CANCELLED:
                st.info(words.cancelled_sentence(), icon=":material/block:")
            case RunState.CRASHED:
                st.error(words.crash_sentence(), icon=":material/error:")
            case _:
                _failed(run, left)


def _completed(run: Run, left: RunOutcome) -> None:
    if left.result is None or run.environment is None or "kind" in left.result:  # no backup: its sentence says it all
        st.success(inert.markdown(run.message or _("The run has ended well.")), icon=":material/check_circle:")
        return
    result = BackupResult.from_dict(left.result)
    st.success(inert.markdown(summary(result)), icon=":material/check_circle:")
    for sentence in warning_sentences(result):
        st.warning(inert.markdown(sentence), icon=":material/warning:")
    manifest = catalog.manifest_of(address.settings().home, run.environment, result.snapshot)
    if manifest is None:
        st.info(_("The files of this backup are not there any more."), icon=":material/folder_off:")
        return
    _snapshot(run.environment, result.snapshot, manifest)


def _failed(run: Run, left: RunOutcome) -> None:
    sentence = left.error_sentence() or _("The run failed. The last backup is as it was.")
    if run.environment is None or not left.held_back:
        st.error(inert.markdown(sentence), icon=":material/error:")
        return
    waiting = held_back(run, run.environment, sentence)
    if waiting:
        path = catalog.path_of(address.settings().home, waiting)
        _snapshot(run.environment, path, waiting.manifest)


def _snapshot(environment: Environment, path: str, manifest: Manifest) -> None:
    st.subheader(_("Files"), anchor=False)
    home = address.settings().home
    item_table([Item(entry) for entry in catalog.snapshot_files(home, environment, path)], environment, manifest)
    if not manifest.held_back and not manifest.farms:
        _current_folders(environment)
    _rejected(manifest)
    _repaired(manifest)


def _current_folders(environment: Environment) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("The current files by crop, farm and season were renewed too:"), width="content")
        for folder in PRODUCT_FOLDERS:
            link = address.params(env=environment, path=folder)
            st.page_link(address.FILES, label=folder, icon=":material/folder:", query_params=link)


def _rejected(manifest: Manifest) -> None:
    if not manifest.rejected:
        return
    st.subheader(_("Left out"), anchor=False)
    st.caption(_("These rows of the portal have no geometry that can be kept. All else is in the backup."))
    _table(
        (_("Layer"), _("Name"), _("Why"), _("Id")),
        [(file_words.layer_word(row.layer), row.name, reason_words(row.reason), row.id) for row in manifest.rejected],
    )


def _repaired(manifest: Manifest) -> None:
    repaired = [(file_words.layer_word(name), row) for name, layer in manifest.layers.items() for row in layer.repaired]
    if not repaired:
        return
    with st.expander(_("Repaired outlines ({count})", count=len(repaired)), icon=":material/healing:"):
        st.caption(_("Their outline crossed itself. The repaired one is used; the original stays in the raw copy."))
        _table((_("Layer"), _("Id")), repaired)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw the first rows of a table; the record of the backup holds all of them."""
    drawn = [dict(zip(heads, map(inert.markdown, row), strict=True)) for row in rows[:_ROWS]]
    st.table(drawn, border="horizontal", hide_index=True)
    more = len(rows) - len(drawn)
    if more:
        st.caption(_("And {count} more, see manifest.json.", count=number(more)))
