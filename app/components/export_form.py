"""The dialog that makes one file of a backup: which one, of what, in which format, and then the file itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import streamlit as st

from app.components import address, file_words, inert
from app.components.faults import told
from app.services import catalog, exports
from modules.domain.layers import Layer
from modules.errors import TranqueraError
from modules.export import FORMATS, ExportRequest, ExportResult, export_layer, warning_sentences
from modules.export.choices import Choices, FieldChoice, bounds_of, read_choices
from modules.export.crs import FAJAS, WGS84, Crs, propose_faja, propose_utm
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, moment, number
from modules.progress import Progress, Step
from modules.snapshots.store import Snapshot

if TYPE_CHECKING:
    from modules.environments import Environment

_PREFIX: Final = "export-"
_JOB: Final = _PREFIX + "job"
_MAP: Final = "html"
#: More fields than this are no list to choose from: a farm or crop comes first.
_MOST_FIELDS: Final = 2_000
#: How often a page looks whether its export has got further.
_LOOK_S: Final = 0.3

_USES: Final[Mapping[str, str]] = {
    "gpkg": N_("for QGIS"),
    "geojson": N_("for web maps"),
    "kmz": N_("for Google Earth"),
    "shapefile": N_("for older programs and machine terminals"),
    "flatgeobuf": N_("for large maps"),
    "parquet": N_("for analysis"),
    "xlsx": N_("table, without outlines"),
    "csv": N_("table, without outlines"),
}
_STEPS: Final[Mapping[Step | None, str]] = {
    None: N_("Waiting for another export to end …"),
    Step.READ: N_("Reading the backup …"),
    Step.WRITE: N_("Writing the file …"),
    Step.CHECK: N_("Checking the file …"),
}

T = TypeVar("T")
#: Writes what is asked for into a folder, telling its progress.
Make = Callable[[Snapshot, ExportRequest, Path, Progress], ExportResult]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file that is offered.

    of_layer: it holds one layer, which is chosen; others hold all of them. carries_crs: its coordinates are a choice
    """

    title: str
    make: Make
    of_layer: bool = True
    carries_crs: bool = False


def export_button() -> None:
    """Draw the button that opens the dialog."""
    if st.button(_("Export …"), icon=":material/ios_share:", key="export"):
        for key in [key for key in st.session_state if str(key).startswith(_PREFIX)]:
            del st.session_state[key]
        with told():
            environment = address.environment()
            found = exports.snapshots(address.settings().home, environment)
            st.dialog(_("Export"), width="medium")(address.speaking(export_panel))(environment, found)


def export_panel(environment: Environment, found: Sequence[Snapshot]) -> None:
    """Draw what the dialog holds: the questions, or what became of the answers."""
    if not found or not catalog.is_connected(address.settings().home, environment):
        st.info(_("There is no backup to export from. Run a backup first."), icon=":material/folder_off:")
        return
    questions = st.empty()
    if st.session_state.get(_JOB) is None:
        with questions.container(), told():
            _ask(found)
    job: exports.Job | None = st.session_state.get(_JOB)
    if job is not None:
        questions.empty()
        _outcome(job)


def _kinds() -> dict[str, _Kind]:
    """List what is offered, in its order."""
    of_layer = {
        name: _Kind(_kind_title(each.title, name), _export, carries_crs=each.carries_crs)
        for name, each in FORMATS.items()
    }
    return of_layer | {_MAP: _Kind(_("HTML map · to send to somebody, works without internet"), _map, of_layer=False)}


def _kind_title(title: str, name: str) -> str:
    return f"{title} · {_(_USES[name])}" if name in _USES else title


def _export(snapshot: Snapshot, request: ExportRequest, place: Path, progress: Progress) -> ExportResult:
    return export_layer(snapshot, request, place, progress=progress)


def _map(snapshot: Snapshot, request: ExportRequest, place: Path, progress: Progress) -> ExportResult:
    from modules.html_map import HtmlMapRequest, write_html_map

    progress(Step.WRITE, 0, 1)
    wanted = HtmlMapRequest(farms=request.farms, crops=request.crops, fields=request.fields)
    drawn = write_html_map(snapshot, wanted, place)
    return ExportResult(
        drawn.path, _MAP, "", drawn.snapshot_id, sum(drawn.rows.values()), drawn.bytes, warnings=drawn.warnings
    )


def _ask(found: Sequence[Snapshot]) -> None:
    by_id = {each.id: each for each in found}
    wanted = _select(_("From the backup"), list(by_id), lambda each: _snapshot_title(by_id[each]), "snapshot")
    snapshot = by_id[wanted]
    kinds = _kinds()
    first, second = st.columns(2)
    with first:
        name = _select(_("Format"), list(kinds), lambda each: kinds[each].title, "format")
    kind = kinds[name]
    with second:
        layer = _layer(snapshot) if kind.of_layer else Layer.FIELDS
    choices = _choices(snapshot)
    farms = _several(_("Farms"), list(choices.farms), partial(_farm_title, choices), _("All farms"), "farms")
    crops, fields, among = _of_fields(choices, farms) if layer is not Layer.AREAS else ([], [], choices.within(farms))
    crs = _crs([field for field in among if not fields or field.id in fields]) if kind.carries_crs else WGS84.code
    request = ExportRequest(
        layer,
        name,
        farms=choices.farm_words(farms),
        crops=crops,
        fields=choices.field_words(fields, among),
        crs=crs,
    )
    # Not in a callback: that would be given what was asked for before the last change, if the click follows quickly.
    if st.button(
        _("Export"),
        type="primary",
        icon=":material/ios_share:",
        width="stretch",
        key="export-go",
    ):
        _begin(kind.make, snapshot, request)


def _snapshot_title(snapshot: Snapshot) -> str:
    manifest = snapshot.manifest
    return f"{moment(manifest.started_at)} · {manifest.season} · {file_words.fields_and_hectares(manifest)}"


def _layer(snapshot: Snapshot) -> Layer:
    counts = snapshot.manifest.counts

    def title(layer: Layer) -> str:
        return f"{file_words.layer_word(layer).capitalize()} ({number(counts.get(layer.value, 0))})"

    return Layer(_select(_("What"), list(Layer), title, "layer"))


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs={Snapshot: lambda snapshot: str(snapshot.path)})
def _choices(snapshot: Snapshot) -> Choices:
    return read_choices(snapshot)


def _farm_title(choices: Choices, farm: str) -> str:
    (word,) = choices.farm_words([farm])
    name = choices.farms[farm]
    return name if word == name else f"{name} ({farm})"


def _of_fields(choices: Choices, farms: Sequence[str]) -> tuple[list[str], list[str], list[FieldChoice]]:
    """Ask for crops and fields; gives them, and the fields among which was chosen."""
    crops = _several(_("Crops"), choices.crops(farms), str, _("All crops"), "crops")
    among = choices.within(farms, crops)
    known = {field.id: field for field in among}
    if len(among) > _MOST_FIELDS:
        st.caption(_("Single fields can be chosen once farms or crops are."))
        return crops, [], among

    def title(field: str) -> str:
        farm = choices.farms.get(known[field].farm, "")
        return known[field].name if len(farms) == 1 or not farm else f"{known[field].name} ({farm})"

    return crops, _several(_("Fields"), list(known), title, _("All fields"), "fields"), among


def _crs(fields: Sequence[FieldChoice]) -> str:
    faja = propose_faja(bounds_of(fields)) if fields else None
    utm = [propose_utm(bounds_of(fields))] if fields else []
    offered = {each.code: each for each in (WGS84, *FAJAS, *utm)}

    def title(code: str) -> str:
        crs: Crs = offered[code]
        said = _("{crs} (proposed)", crs=crs.title) if crs in (faja, *utm) else crs.title
        return _("{crs}, degrees", crs=said) if crs == WGS84 else said

    return _select(_("Coordinates"), list(offered), title, "crs")


def _select(label: str, options: list[T], title: Callable[[T], str], key: str) -> T:
    return st.selectbox(label, options, format_func=title, key=_PREFIX + key, persist_state="page")


def _several(label: str, options: list[str], title: Callable[[str], str], none: str, key: str) -> list[str]:
    chosen = st.multiselect(
        label, options, format_func=title, placeholder=none, key=_PREFIX + key, persist_state="page"
    )
    offered = set(options)  # a farm chosen later may have taken away what was chosen before
    return [each for each in chosen if each in offered]


def _begin(make: Make, snapshot: Snapshot, request: ExportRequest) -> None:
    def made(place: Path, progress: Progress) -> ExportResult:
        return make(snapshot, request, place, progress)

    st.session_state[_JOB] = exports.Job(address.settings().home, made)


def _another() -> None:
    st.session_state[_JOB] = None


def _outcome(job: exports.Job) -> None:
    _wait(job)
    try:
        result = job.result()
    except TranqueraError as error:
        st.error(inert.markdown(error.sentence()), icon=":material/error:")
        st.button(_("Back"), on_click=_another, key="export-back")
        return
    st.success(inert.markdown(_summary(result)), icon=":material/check_circle:")
    for sentence in warning_sentences(result.warnings):
        st.warning(inert.markdown(sentence), icon=":material/warning:")
    if result.accuracy_m:
        metres = number(result.accuracy_m, 1)
        st.caption(_("WGS84 and these coordinates agree to {metres} m, no better.", metres=metres))
    with st.container(horizontal=True):
        st.link_button(
            _("Save file"),
            exports.address_of(result),
            type="primary",
            icon=":material/download:",
            key="export-save",
        )
        st.button(_("Another export"), on_click=_another, key="export-back")
    st.caption(_("It can be fetched for a day."))


def _wait(job: exports.Job) -> None:
    """Tell what the export does until it has ended. A click anywhere else on the page goes first."""
    place = st.empty()
    if job.ended(_LOOK_S):
        return
    with place:
        status = st.status(_step_sentence(job.step))
    while not job.ended(_LOOK_S):
        status.update(label=_step_sentence(job.step))
    place.empty()


def _step_sentence(step: Step | None) -> str:
    return _(_STEPS.get(step, _STEPS[Step.WRITE]))


def _summary(result: ExportResult) -> str:
    # A file of all layers counts things that have no word in common.
    rows = [ngettext("{n} row", "{n} rows", result.rows, n=number(result.rows))] if result.layer else []
    crs = [Crs(int(result.crs.removeprefix("EPSG:"))).title] if result.crs else []
    parts = [*rows, file_size(result.bytes), *crs]
    return f"{result.path.name}: {', '.join(parts)}"
