"""What a backup left: its summary, its files, what changed, and what was rejected or repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address, file_words, inert, process_words
from app.components.changes_section import changes_section
from app.components.file_browser import item_table
from app.components.held_back import held_back
from app.components.plain_table import plain_table
from app.services import catalog
from app.services.catalog import Item
from modules.domain.reasons import reason_words
from modules.i18n import gettext as _
from modules.i18n.formats import number
from modules.snapshots.products import PRODUCT_FOLDERS
from modules.snapshots.result import BackupResult, summary, warning_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.services.run import Run, RunOutcome
    from modules.environments import Environment
    from modules.snapshots.manifest import Manifest

#: Rows of a table that are drawn; the record of the backup holds all of them.
_ROWS: Final = 100


def backup_outcome(left: Mapping[str, Any], environment: Environment) -> None:
    """Draw what a completed backup left; `left` is `BackupResult.to_dict()`."""
    result = BackupResult.from_dict(left)
    st.success(inert.markdown(summary(result)), icon=":material/check_circle:")
    for sentence in warning_sentences(result):
        st.warning(inert.markdown(sentence), icon=":material/warning:")
    manifest = catalog.manifest_of(address.settings().home, environment, result.snapshot)
    if manifest is None:
        st.info(_("The files of this backup are not there any more."), icon=":material/folder_off:")
        return
    _snapshot(environment, result.snapshot, manifest)


def held_back_outcome(run: Run, environment: Environment, left: RunOutcome) -> None:
    """Draw why a backup was held back, what can be done with it, and what it holds."""
    waiting = held_back(run, environment, left.error_sentence() or process_words.failed_sentence(run.process))
    if waiting:
        path = catalog.path_of(address.settings().home, waiting)
        _snapshot(environment, path, waiting.manifest)


def _snapshot(environment: Environment, path: str, manifest: Manifest) -> None:
    st.subheader(_("Files"), anchor=False)
    home = address.settings().home
    item_table([Item(entry) for entry in catalog.snapshot_files(home, environment, path)], environment, manifest)
    if not manifest.held_back:
        link = address.params(env=environment, snap=manifest.id)
        st.page_link(address.MAP, label=_("See on the map"), icon=":material/map:", query_params=link)
    if not manifest.held_back and not manifest.farms:
        _current_folders(environment)
    changes_section(environment, manifest.id)
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
    _first_rows(
        (_("Layer"), _("Name"), _("Why"), _("Id")),
        [(file_words.layer_word(row.layer), row.name, reason_words(row.reason), row.id) for row in manifest.rejected],
    )


def _repaired(manifest: Manifest) -> None:
    repaired = [(file_words.layer_word(name), row) for name, layer in manifest.layers.items() for row in layer.repaired]
    if not repaired:
        return
    with st.expander(_("Repaired outlines ({count})", count=len(repaired)), icon=":material/healing:"):
        st.caption(_("Their outline crossed itself. The repaired one is used; the original stays in the raw copy."))
        _first_rows((_("Layer"), _("Id")), repaired)


def _first_rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    plain_table(heads, rows[:_ROWS])
    more = len(rows) - _ROWS
    if more > 0:
        st.caption(_("And {count} more, see manifest.json.", count=number(more)))
