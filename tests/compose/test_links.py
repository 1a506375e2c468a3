"""The real folders of production inside containers, on a real engine: what is mounted, and what is refused.

Where no engine runs, or a base image is not there, it is skipped and says so. A shell is all that a container needs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from modules.environments import Environment
from modules.storage.links.apply import make_links
from modules.storage.links.override import SERVICES
from modules.storage.links.setup import set_up
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL
from tests.compose.rehearsal import why_not
from tests.unit.links.folders import CLOUD, table_in
from tests.unproven import unrehearsed

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.timeout(300)]

#: As our own services are: nothing is written into the image, and production lies in one mounted folder.
_SERVICES = "services:\n" + "".join(
    f"""\
  {name}:
    image: redis:7
    entrypoint: [sh, -c]
    read_only: true
    volumes: ["./outputs:/app/outputs"]
"""
    for name in SERVICES
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    why = why_not(["redis:7"])
    if why:
        unrehearsed(why)
    home = tmp_path / "home"
    home.mkdir()
    (home / "docker-compose.yml").write_text(f"name: links-{uuid4().hex[:6]}\n{_SERVICES}")
    set_up(home, table_in(tmp_path / CLOUD), None)
    yield home
    compose(home, "down", "--volumes")


def compose(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", "compose", *words], cwd=home, capture_output=True, text=True, check=False)


def inside(home: Path, command: str) -> subprocess.CompletedProcess[str]:
    return compose(home, "run", "--rm", "--no-deps", "--pull", "never", "prefect-worker", command)


def bare(_home: Path) -> None:
    """Nothing is linked on the machine itself."""


def linked(home: Path) -> None:
    """The machine itself has links too."""
    assert all(each.made for each in make_links(home, table_in(home.parent / CLOUD)))


def dangling(home: Path) -> None:
    """Links that lead nowhere in a container, as those of Windows do."""
    root = root_of(home, Environment.PRODUCTION)
    root.mkdir(exist_ok=True)  # the note of the links may be there
    for folder in Folder:
        (root / folder).symlink_to(rf"C:\Campo\{folder}")


@pytest.mark.parametrize("before", [bare, linked, dangling])
def test_what_a_container_writes_is_in_the_real_folders(home: Path, before: Callable[[Path], None]):
    before(home)
    outputs = root_of(home, Environment.PRODUCTION)
    names = sorted(path.name for path in outputs.glob("*"))
    places = " ".join(f"'/app/outputs/{folder}'" for folder in Folder)
    done = inside(
        home, f'set -e; for place in {places}; do test -f "$place/{SENTINEL}"; echo here > "$place/new"; done'
    )
    assert done.returncode == 0, done.stderr
    assert [(home.parent / CLOUD / folder / "new").read_text() for folder in Folder] == ["here\n"] * len(Folder)
    assert sorted(path.name for path in outputs.glob("*")) == names, "Docker made something in outputs"


def test_beside_the_products_nothing_can_be_written(home: Path):
    done = inside(home, "ls -A /app/outputs; mkdir /app/outputs/other")
    assert done.stdout.split("\n")[:-1] == sorted(Folder, key=str)
    assert "Read-only file system" in done.stderr


def test_f22_a_container_does_not_start_without_them_and_nothing_is_made_in_their_place(home: Path):
    (home.parent / CLOUD).rename(home.parent / "unplugged")
    done = inside(home, "true")
    assert done.returncode != 0
    assert f"bind source path does not exist: {home.parent / CLOUD}" in done.stderr
    assert not (home.parent / CLOUD).exists()
