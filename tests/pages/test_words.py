"""What pages say of runs: every state and every reason has its words, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.components import inert, process_words, words
from app.components.run_steps import step_sign
from app.components.under_way import overall
from app.services.run import Process, Run, RunOutcome, RunState, StepProgress, Waiting, WaitingReason, process_of
from modules.environments import Environment
from modules.i18n import use_language
from modules.progress import BACKUP_STEPS, Step
from modules.run_protocol import SKIPPED_RUN

NOON = datetime(2020, 11, 23, 17, 2, tzinfo=UTC)
RUN = Run(
    id="9f3c1a2b-0000-4000-8000-000000000000",
    deployment="backup-lotes-daily-3am",
    flow="Backup Databaler Lotes",
    state=RunState.RUNNING,
    environment=Environment.TEST,
    parameters={},
    who="Ana",
    scheduled=False,
    created=NOON,
    expected_start=None,
    started=NOON,
    ended=None,
    seconds=0,
    message="",
)


def test_a_title_names_what_when_who_and_where():
    assert words.run_title(RUN) == "Backup · lun 23/11/2020 14:02 · Ana · PRUEBA"
    production = replace(RUN, who="", scheduled=True, environment=Environment.PRODUCTION)
    assert words.run_title(production) == "Backup · lun 23/11/2020 14:02 · programada · PRODUCCIÓN"


def test_a_flow_of_a_company_keeps_its_name_and_needs_no_environment():
    assert words.run_title(replace(RUN, flow="Lluvias", environment=None)) == "Lluvias · lun 23/11/2020 14:02 · Ana"


@pytest.mark.parametrize("state", list(RunState))
def test_every_state_has_an_icon_and_a_word_in_both_languages(state: RunState):
    said = set()
    for language in ("es", "en"):
        with use_language(language):
            sign = words.state_sign(state)
        assert sign.icon.startswith(":material/")
        said.add(sign.word)
    assert len(said) == 2


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (WaitingReason(Waiting.SOON), "Empieza en un momento."),
        (
            WaitingReason(Waiting.NO_WORKER, since=NOON),
            "ningún worker responde desde lun 23/11/2020 14:02. Esperar un minuto",
        ),
        (WaitingReason(Waiting.NO_WORKER), "hasta ahora no respondió ningún worker. Iniciar"),
        (WaitingReason(Waiting.LATER, since=NOON), "lun 23/11/2020 14:02"),
        (WaitingReason(Waiting.PAUSED), "en pausa"),
        (
            WaitingReason(Waiting.BEHIND_OTHERS, ahead=[RUN]),
            "hay una corrida antes (Backup · lun 23/11/2020 14:02 · Ana",
        ),
        (WaitingReason(Waiting.BEHIND_OTHERS, ahead=[RUN, RUN]), "hay 2 corridas antes (Backup"),
        (WaitingReason(Waiting.TURN), "espera su turno, y no hay otra corrida antes"),
    ],
)
def test_a_run_that_waits_says_why(reason: WaitingReason, sentence: str):
    assert sentence in words.waiting_sentence(reason)


@pytest.mark.parametrize(
    ("done", "total", "state", "written"),
    [
        (240, 240, RunState.RUNNING, "● Descarga 240/240"),
        (1, 1, RunState.RUNNING, "● Descarga"),
        (3, 5, RunState.RUNNING, "◐ Descarga 3/5"),
        (0, 0, RunState.RUNNING, "◐ Descarga"),
        (3, 5, RunState.FAILED, "✕ Descarga 3/5"),
        (12000, 24000, RunState.CANCELLED, "✕ Descarga 12.000/24.000"),
    ],
)
def test_a_step_shows_how_far_it_is(done: int, total: int, state: RunState, written: str):
    assert step_sign(Step.DOWNLOAD, StepProgress(Step.DOWNLOAD, done, total), state)[0] == written


def test_a_step_that_has_not_begun_is_hollow():
    assert step_sign(Step.PUBLISH, None, RunState.RUNNING) == ("○ Publicación", "gray")


def test_the_whole_never_goes_past_its_end():
    steps = [StepProgress(step, 2, 2) for step in BACKUP_STEPS]
    assert overall(Process.BACKUP, steps) == (1.0, "Publicación 2/2")
    assert overall(Process.BACKUP, [StepProgress(Step.PORTAL, 1, 1), StepProgress(Step.DOWNLOAD, 5, 10)]) == (
        0.3,
        "Descarga 5/10",
    )


@pytest.mark.parametrize(
    ("process", "progress", "written"),
    [
        (Process.KMZ, StepProgress(Step.WRITE, 14, 1023), "◐ Escritura 14/1.023 archivos"),
        (Process.KMZ, StepProgress(Step.PUBLISH, 4, 4), "● Publicación 4/4 carpetas"),
        (Process.GRID, StepProgress(Step.WRITE, 2, 4), "◐ Escritura 2/4 archivos"),
        (Process.GRID, StepProgress(Step.CELLS, 3, 12), "◐ Celdas 3/12"),
        (Process.BACKUP, StepProgress(Step.WRITE, 3, 5), "◐ Escritura 3/5"),
    ],
)
def test_a_step_says_what_it_counts(process: Process, progress: StepProgress, written: str):
    assert step_sign(progress.step, progress, RunState.RUNNING, process)[0] == written


def test_every_kind_of_run_has_its_own_steps_and_name():
    assert [words.step_word(step) for step in words.steps_of(Process.KMZ)] == [
        "Lectura del respaldo", "Escritura", "Publicación",
    ]  # fmt: skip
    assert overall(Process.KMZ, [StepProgress(Step.READ, 1, 1), StepProgress(Step.WRITE, 5, 10)]) == (
        0.5, "Escritura 5/10 archivos",
    )  # fmt: skip
    assert overall(None, [StepProgress(Step.READ, 1, 1), StepProgress(Step.WRITE, 5, 10)])[0] == 0.75
    assert [words.flow_word(process) for process in Process] == ["Backup", "Generar KMZ", "Grilla H3"]
    assert process_of("Lluvias") is None


@pytest.mark.parametrize("process", [*Process, None])
@pytest.mark.parametrize(
    "sentence",
    [
        process_words.crash_sentence,
        process_words.cancelled_sentence,
        process_words.cancel_question,
        process_words.failed_sentence,
    ],
)
def test_what_did_not_end_well_speaks_of_what_it_makes(
    sentence: Callable[[Process | None], str], process: Process | None
):
    told = sentence(process)
    assert told.endswith(".")
    assert ("respaldo" in told) is (process is Process.BACKUP)
    with use_language("en"):
        assert sentence(process) != told


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\u202eb", "a\u2028b"])
def test_f33_a_name_stays_on_its_line_and_in_its_direction(text: str):
    assert inert.plain(text) == "a b"


@pytest.mark.parametrize(
    ("newest", "whole", "told", "files_change"),
    [(True, True, "reemplazan", True), (True, False, "sus campos", False), (False, True, "más nuevo", False)],
)
def test_accepting_promises_only_what_it_does(newest: bool, whole: bool, told: str, files_change: bool):
    sentence = words.acceptance_sentence(Environment.TEST, newest=newest, whole=whole)
    assert told in sentence
    assert ("no cambian" not in sentence) is files_change


def test_a_held_back_run_has_a_word_of_its_own():
    left = RunOutcome(error={"code": "SnapshotHeldBack", "template": "", "values": {}})
    sign = words.state_sign(RunState.FAILED, held_back=left.held_back)
    assert (sign.word, sign.colour) == ("Retenida", "orange")
    assert not RunOutcome(error={"code": "StorageError", "template": "", "values": {}}).held_back
    assert not RunOutcome().held_back


@pytest.mark.parametrize("process", [None, *Process])
def test_a_missed_run_that_was_skipped_says_that_nobody_cancelled_it(process: Process | None):
    skipped = replace(RUN, flow=process or "Lluvias", state=RunState.CANCELLED, message=SKIPPED_RUN)
    told = process_words.not_run_sentence(skipped)
    assert "no pudo empezar a su hora" in told
    assert "Archivos" not in told
    with use_language("en"):
        assert "the newest is made up for" in process_words.not_run_sentence(skipped)
    by_somebody = replace(skipped, message="")
    assert process_words.not_run_sentence(by_somebody) == process_words.cancelled_sentence(process)
