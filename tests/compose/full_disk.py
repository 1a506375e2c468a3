"""The disk of outputs fills up while a backup is written, on a stack with a small disk of its own for them."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.services.health import Part, part_word
from modules.i18n import gettext, use_language
from modules.storage.failures import OF_A_BACKUP
from tests.compose.looking import word_of
from tests.faults.disks import leave_room, mounted_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.compose.looking import Looker
    from tests.compose.rehearsal import Composed

_BACKUP: Final = "Backup Databaler Lotes/backup-lotes-daily-3am"
#: MiB of 1024 × 1024 bytes; a backup of the invented fields takes about five of them.
_DISK_MB: Final = 48
#: More than a run asks for before it begins (a megabyte here), less than it writes.
_ROOM_KB: Final = 1600
_SETTING: Final = "TRANQUERA_MIN_FREE_MB=1"
_PATIENCE_S: Final = 120.0


def full_disk(stack: Composed, looker: Looker) -> tuple[str, list[str]]:
    """A good backup, one on a full disk, and one with room again: what was seen in a line, what is not right."""
    with _small_disk(stack) as outputs:
        first, _ = _backup(stack)
        good = _hashes(outputs)
        leave_room(outputs, _ROOM_KB)
        failed, run_id = _backup(stack)
        said, strip, after = looker.run(run_id), looker.strip(), _hashes(outputs)
        (outputs / "filler").unlink()
        again, _ = _backup(stack)
        kept = {path: known for path, known in _hashes(outputs).items() if _in_snapshot(path) and path in good}
    with use_language("es"):
        sentence, disk = gettext(OF_A_BACKUP.full), part_word(Part.DISK)
    untouched = sum(after.get(path) == known for path, known in good.items())
    left = sorted(after.keys() - good.keys())
    wrong = {
        f"the first backup ended {first}": first != "COMPLETED",
        f"the backup on a full disk ended {failed}": failed != "FAILED",
        f"the page does not say “{sentence}”": said.alerts != (sentence,),
        f"the strip says {strip}": not any(part.startswith(disk) for part in strip.bad + strip.attention),
        f"the page calls it {said.word}": said.word != word_of("FAILED"),
        f"{len(good) - untouched} files of the good backup are not what they were": untouched != len(good),
        f"left half written: {', '.join(left)}": bool(left),
        f"the next backup ended {again}": again != "COMPLETED",
        "the next backup changed the good snapshot": kept != {p: k for p, k in good.items() if _in_snapshot(p)},
    }
    line = (
        f"{'full-disk':<22} backup {first}; full: {failed}, page {said}; strip: {strip}; "
        f"{untouched} of {len(good)} files as they were, {len(left)} left over; with room again {again}"
    )
    return line, [what for what, so in wrong.items() if so]


def _backup(stack: Composed) -> tuple[str, str]:
    """Run a backup to test; its last state and its id."""
    run_id = stack.start(_BACKUP, {"test": True})
    return stack.wait_ended(run_id, _PATIENCE_S), run_id


def _hashes(outputs: Path) -> dict[str, str]:
    files = (path for path in outputs.rglob("*") if path.is_file() and path.name != "filler")
    return {str(path.relative_to(outputs)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _in_snapshot(path: str) -> bool:
    return path.startswith("Backup_Databaler/")


@contextmanager
def _small_disk(stack: Composed) -> Iterator[Path]:
    """Outputs of the test environment on a disk of their own; containers see it from their next start on."""
    place, settings = stack.folder / "test_outputs", stack.folder / ".env"
    before = settings.read_text()
    try:
        with mounted_disk(place, _DISK_MB * 1024):
            settings.write_text(f"{before}{_SETTING}\n")
            stack.up()
            yield place
    finally:
        settings.write_text(before)
        stack.up()
