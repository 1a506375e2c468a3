"""The failure cases of files and names, for the KMZ products."""

from __future__ import annotations

import html.parser
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.environments import Environment
from modules.errors import ProductionNotReady, StorageError
from modules.kmz_products.index import read_index
from modules.kmz_products.request import Product
from modules.snapshots.products import PRODUCT_FOLDERS
from modules.storage import retries
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production
from tests.conftest import PROJECT, clean_environment
from tests.faults.backups import assert_sentence, back_up, content_of, settings_of, temporaries_of
from tests.faults.disks import mounted_disk
from tests.faults.killed import FIRST, STRIDE
from tests.kmz_readers import assert_valid, document, found, gdal_rows
from tests.unit.kmz_products.snapshots import (
    fields_named,
    home_with_snapshot,
    make_kmz,
    names_in,
    product_folder,
    write_product,
)
from tests.unit.snapshots.invented import fields, source_of
from tests.unit.storage.test_safe_names import assert_safe


def home_with_old_kmz(home: Path, count: int = 12) -> Path:
    """KMZ of a snapshot, and a newer snapshot that would change all of them."""
    home_with_snapshot(home, count)
    make_kmz(home)
    back_up(settings_of(home), source_of(count, fields=fields(count, cultivo="maní")), run_id="second")
    return home


def fails_and_keeps(home: Path, **asked: object) -> StorageError:
    before = content_of(home)
    with pytest.raises(StorageError) as caught:
        make_kmz(home, **asked)
    assert content_of(home) == before
    assert temporaries_of(home) == []
    assert not list(home.rglob(".cambio-*"))
    assert_sentence(caught.value)
    return caught.value


def test_f21_a_disk_that_fills_up_at_any_moment_keeps_the_last_kmz(tmp_path: Path) -> None:
    with mounted_disk(tmp_path / "home", size_kb=8192) as home:
        home_with_old_kmz(home)
        filler, failures = home / "filler", 0
        for room_kb in range(8, 2000, 24):
            filler.unlink(missing_ok=True)
            with filler.open("wb") as file:
                file.write(b"\1" * max(shutil.disk_usage(home).free - room_kb * 1024, 0))
            before = content_of(home)
            try:
                make_kmz(home)
            except StorageError as error:
                failures += 1
                assert_sentence(error)
                assert content_of(home) == before
                assert temporaries_of(home) == []
            else:
                break
        assert failures > 3
        assert names_in(home, Product.BY_CROP) == {"maní 25-26.kmz"}


@pytest.mark.parametrize("name", ["maní 25-26.kmz", "index.json"])
def test_a_folder_in_the_place_of_a_kmz_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    home = home_with_old_kmz(tmp_path / "home")
    place = product_folder(home, Product.BY_CROP) / name
    place.unlink(missing_ok=True)
    place.mkdir()
    error = fails_and_keeps(home)
    assert f"“{name}” en “{Product.BY_CROP.value}” es una carpeta" in str(error)
    place.rmdir()
    make_kmz(home)
    assert place.is_file()


def nothing(place: Path) -> None:
    """The folder is absent."""


def dangling_link(place: Path) -> None:
    place.symlink_to(place.parent / "unplugged")


@pytest.mark.parametrize("instead", [nothing, dangling_link, Path.mkdir])
def test_f22_a_production_folder_that_is_not_mounted_is_refused(
    tmp_path: Path, instead: Callable[[Path], None]
) -> None:
    for folder in Folder:
        mark_production(tmp_path, folder)
    back_up(settings_of(tmp_path), source_of(), environment=Environment.PRODUCTION)
    place = root_of(tmp_path, Environment.PRODUCTION) / Folder.KMZ_BY_CROP
    shutil.rmtree(place)
    instead(place)
    with pytest.raises(ProductionNotReady) as caught:
        make_kmz(tmp_path, environment=Environment.PRODUCTION)
    assert_sentence(caught.value)
    assert not list(tmp_path.glob("outputs/KMZ*/*.kmz"))


def test_production_folders_that_are_links_keep_their_mark_and_get_the_files(tmp_path: Path) -> None:
    home, drive = tmp_path / "home", tmp_path / "drive"
    root = root_of(home, Environment.PRODUCTION)
    root.mkdir(parents=True)
    for folder in (Folder.SNAPSHOTS, *PRODUCT_FOLDERS, *(product.folder for product in Product)):
        (drive / folder).mkdir(parents=True)
        (root / folder).symlink_to(drive / folder)
        mark_production(home, folder)
    back_up(settings_of(home), source_of(), environment=Environment.PRODUCTION)
    for _again in range(2):
        make_kmz(home, environment=Environment.PRODUCTION)
        assert {path.name for path in (drive / Folder.KMZ_BY_CROP).iterdir()} == {
            "maíz 25-26.kmz", "soja 25-26.kmz", "trigo 25-26.kmz", "sin cultivo 25-26.kmz", "index.json", SENTINEL,
        }  # fmt: skip


def test_f24_a_kmz_that_is_open_elsewhere_keeps_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """W: Windows refuses to open such a file for writing; here the opening itself is made to refuse."""
    home = home_with_old_kmz(tmp_path / "home")
    waits: list[float] = []
    opened = Path.open

    def refusing(path: Path, mode: str = "r", *more: object, **options: object) -> object:
        if path.name == "soja 25-26.kmz" and mode == "r+b":
            raise PermissionError(13, "in use")
        return opened(path, mode, *more, **options)

    with monkeypatch.context() as patched:
        patched.setattr(retries.time, "sleep", waits.append)
        patched.setattr(Path, "open", refusing)
        error = fails_and_keeps(home)
    assert error.values["file"] == "soja 25-26.kmz"
    assert sum(waits) == pytest.approx(2.5)
    make_kmz(home)
    assert names_in(home, Product.BY_CROP) == {"maní 25-26.kmz"}


@pytest.mark.parametrize("stuck", ["soja 25-26.kmz", "maní 25-26.kmz", "index.json"])
def test_f24_a_kmz_that_is_opened_at_the_last_moment_keeps_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: str
) -> None:
    home = home_with_old_kmz(tmp_path / "home")
    before = content_of(home)
    replace = Path.replace

    def refusing(path: Path, target: Path) -> Path:
        of_ours = target if path.parent.name.startswith(".cambio-") else path
        if of_ours.name == stuck and of_ours.parent.name == Product.BY_CROP:
            raise PermissionError(13, "in use")
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(retries.time, "sleep", lambda _seconds: None)
        patched.setattr(Path, "replace", refusing)
        with pytest.raises(StorageError) as caught:
            make_kmz(home)
    assert_sentence(caught.value)
    assert caught.value.values["file"] == stuck
    assert caught.value.values["folder"] == Product.BY_CROP.value
    assert Product.BY_FARM.value in str(caught.value.values["done"])
    after, folder = content_of(home), f"test_outputs/{Product.BY_CROP}/"
    assert {path: digest for path, digest in after.items() if path.startswith(folder)} == {
        path: digest for path, digest in before.items() if path.startswith(folder)
    }
    assert temporaries_of(home) == []
    make_kmz(home)
    assert names_in(home, Product.BY_CROP) == {"maní 25-26.kmz"}


def test_a_disk_that_fails_while_folders_change_is_said_with_those_that_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with_old_kmz(tmp_path / "home")
    replace = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if target.name == "maní 25-26.kmz" and target.parent.name == Product.BY_CROP:
            raise OSError(5, "input/output error")
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing)
        with pytest.raises(StorageError) as caught:
            make_kmz(home)
    assert_sentence(caught.value)
    assert caught.value.values["folder"] == Product.BY_CROP.value
    assert "soja 25-26.kmz" in names_in(home, Product.BY_CROP)
    make_kmz(home)
    assert names_in(home, Product.BY_CROP) == {"maní 25-26.kmz"}


def kill_runs(home: Path) -> int:
    home_with_old_kmz(home, 3)
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed_kmz", str(home), str(STRIDE), str(FIRST)],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"every step from {FIRST} in strides of {STRIDE}: {told.stderr}"
    return int(told.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_f25_sigkill_at_any_step_leaves_what_the_next_run_completes(tmp_path: Path) -> None:
    assert kill_runs(tmp_path / "home") > 100 / STRIDE


def field_names(files: list[dict[str, dict[str, object]]]) -> list[object]:
    """The names of the fields in files; zones and markers tell the names that the portal gave them."""
    return [row["lote"] for rows in files for key, row in rows.items() if key.startswith("L")]


AWKWARD = ("CON", "aux.kmz", "x.", "a/b", "a:b", "..", " ", "~$nul", "evil\u202egpj.exe")


def test_f29_awkward_names_have_safe_files_and_stand_as_they_are_inside(tmp_path: Path) -> None:
    home = home_with_snapshot(tmp_path / "home", len(AWKWARD), fields=fields_named(*AWKWARD))
    make_kmz(home, products=[Product.BY_FIELD])
    names, index = names_in(home, Product.BY_FIELD), read_index(product_folder(home, Product.BY_FIELD))
    assert len(names) == len(AWKWARD)
    assert set(index) == names
    for name in names:
        assert_safe(name)
    inside = [gdal_rows(product_folder(home, Product.BY_FIELD) / name) for name in names]
    assert sorted(field_names(inside)) == sorted(AWKWARD)
    assert sorted(entry.title for entry in index.values()) == sorted(f"La Escondida - {name}" for name in AWKWARD)


@pytest.mark.parametrize("name", ["CON", "aux", "..", "a/b"])
def test_f29_awkward_crops_and_farms_too(tmp_path: Path, name: str) -> None:
    home = home_with_snapshot(tmp_path / "home", 2, fields=fields_named("1", "2", campo=name, cultivo=name))
    make_kmz(home)
    for product in Product:
        for file in names_in(home, product):
            assert_safe(file)
            assert_valid(product_folder(home, product) / file)


def test_f30_twins_in_unicode_and_case_have_two_files_that_stay_the_same(tmp_path: Path) -> None:
    twins = ["Ñandú", unicodedata.normalize("NFD", "Ñandú"), "ñandú"]
    home = home_with_snapshot(tmp_path / "home", 3, fields=fields_named(*twins))
    make_kmz(home, products=[Product.BY_FIELD])
    names = names_in(home, Product.BY_FIELD)
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == 3
    inside = [gdal_rows(product_folder(home, Product.BY_FIELD) / name) for name in names]
    assert sorted(field_names(inside)) == sorted(twins)
    make_kmz(home, products=[Product.BY_FIELD])
    assert names_in(home, Product.BY_FIELD) == names


def test_f31_long_names_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    long = ["á" * 300 + end for end in ("1", "2")]
    home = home_with_snapshot(tmp_path / "home", 2, fields=fields_named(*long, campo="El campo " + "largo " * 60))
    make_kmz(home)
    for product in Product:
        for name in names_in(home, product):
            path = product_folder(home, product) / name
            assert len(name.encode()) <= 255
            assert len(str(path)) < 260
            assert_valid(path)
    assert len(names_in(home, Product.BY_FIELD)) == 2
    assert {entry.title[-1] for entry in read_index(product_folder(home, Product.BY_FIELD)).values()} == {"1", "2"}


HOSTILE = (
    "<script>alert(1)</script>", "]]><script>alert(1)</script>", "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "`${alert(1)}`", "$[id] $[geDirections]", "\x00\x01\x1b[31m\x7f\ufffe", '"><a href="javascript:alert(1)">x</a>',
    "&lt;script&gt;alert(1)&lt;/script&gt;", "http://example.com/<b>", "a\r\nb\tc",
)  # fmt: skip


class Tags(html.parser.HTMLParser):
    """Collects the elements of a piece of HTML, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("product", list(Product))
@pytest.mark.parametrize("name", HOSTILE)
def test_f33_hostile_names_are_text_everywhere(tmp_path: Path, product: Product, name: str) -> None:
    hostile = fields_named(name, campo=name, cultivo=name)
    [path] = write_product(tmp_path, product, hostile, grower=name)
    assert_valid(path)
    written = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", name)
    [row] = gdal_rows(path).values()
    assert (row["Name"], row["lote"], row["campo"], row["cultivo"], row["grower_name"]) == (written,) * 5
    [balloon] = found(path, "//k:Placemark[k:Polygon]/k:description/text()")
    shown = Tags(balloon)
    assert shown.tags <= {"b", "br", "table", "tr", "td", "small"}
    if "\n" not in name:
        assert written in shown.text
    # Only the balloon's own template is filled in by Google Earth.
    assert "$[" not in balloon
    assert set(found(path, "//k:BalloonStyle/k:text/text()")) == {"$[description]"}
    assert b"<![CDATA[" not in document(path)
    assert found(path, "//k:href") == []
