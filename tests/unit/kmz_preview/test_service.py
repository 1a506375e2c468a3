"""Previews by token: one copy for everybody, within their memory, the file as it is now."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.services.previews import Previews
from modules.environments import Environment
from modules.errors import RequestError
from modules.kmz.reading.refusals import KmlRefused
from modules.storage.roots import Folder, root_of, uploads_of
from tests.unit.kmz_preview.made_up import image, overlay
from tests.unit.kmz_reading.made_up import kml, kmz, placemark

FILE = kmz({"doc.kml": kml(overlay() + placemark()), "a.png": image()})
PATH = f"{Folder.KMZ_BY_FARM}/La Escondida 25-26.kmz"
MB = 1_000_000


@pytest.fixture
def kept(tmp_path: Path) -> Previews:
    return Previews(tmp_path, 10 * MB, 10 * MB)


def product(home: Path, content: bytes = FILE, path: str = PATH) -> Path:
    file = root_of(home, Environment.TEST) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_an_upload_is_read_once_and_found_by_its_token(kept: Previews):
    token = kept.open_upload("lotes.kmz", FILE)
    found = kept.find(token)
    assert found.file == "lotes.kmz"
    assert kept.find(token) is found
    assert kept.open_upload("lotes.kmz", FILE) != token


def test_what_left_the_memory_is_read_again_from_the_disk(tmp_path: Path):
    kept = Previews(tmp_path, 1, 10 * MB)
    first, second = (kept.open_upload(name, FILE) for name in ("a.kmz", "b.kmz"))
    found = kept.find(first)
    assert found.file == "a.kmz"
    assert kept.find(first) is found  # the last one stays, however little memory there is
    assert kept.find(second).file == "b.kmz"
    assert kept.find(first) is not found


def test_an_upload_survives_a_restart_and_expires_with_its_file(kept: Previews, tmp_path: Path):
    token = kept.open_upload("a.kmz", FILE)
    assert Previews(tmp_path, MB, MB).find(token).file == "a.kmz"
    shutil.rmtree(uploads_of(tmp_path) / token)
    with pytest.raises(RequestError, match="venció"):
        kept.find(token)  # also the copy in memory
    with pytest.raises(RequestError, match="venció"):
        kept.picture(token, 0)


def test_f35_nothing_is_kept_of_what_is_refused(kept: Previews, tmp_path: Path):
    with pytest.raises(KmlRefused):
        kept.open_upload("a.kmz", kmz({"doc.kml": kml(placemark()), "../x": b""}))
    with pytest.raises(RequestError, match="no es un KMZ"):
        kept.open_upload("a.exe", FILE)
    assert not uploads_of(tmp_path).exists()


def test_a_product_is_one_preview_for_all_who_ask_at_once(kept: Previews, tmp_path: Path):
    product(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _n: kept.open_product(Environment.TEST, PATH), range(8)))
    (token,) = tokens
    with ThreadPoolExecutor(8) as pool:
        assert len({id(found) for found in pool.map(kept.find, [token] * 8)}) == 1


def test_a_new_file_is_a_new_preview_and_the_old_one_says_so(kept: Previews, tmp_path: Path):
    file = product(tmp_path)
    old = kept.open_product(Environment.TEST, PATH)
    product(tmp_path, kmz({"doc.kml": kml(placemark() * 2)}))
    os.utime(file, (1, 1))
    with pytest.raises(RequestError, match="fue reemplazado por uno más nuevo"):
        kept.find(old)
    new = kept.open_product(Environment.TEST, PATH)
    assert new != old
    assert kept.find(new).facts.placemarks == 2


def test_tokens_of_products_cannot_be_worked_out(tmp_path: Path):
    product(tmp_path)
    one, other = (Previews(tmp_path, MB, MB).open_product(Environment.TEST, PATH) for _start in range(2))
    assert one != other


@pytest.mark.parametrize(
    "path", ["", "..", f"{Folder.KMZ_BY_FARM}/../../secreto.kmz", "/etc/passwd", f"{Folder.KMZ_BY_FARM}/nada.kmz"]
)
def test_a_path_that_is_no_file_of_ours_is_told_so(kept: Previews, tmp_path: Path, path: str):
    product(tmp_path)
    (tmp_path / "secreto.kmz").write_bytes(FILE)
    with pytest.raises(RequestError):
        kept.open_product(Environment.TEST, path)


def test_other_files_are_not_looked_at(kept: Previews, tmp_path: Path):
    product(tmp_path, path=f"{Folder.CROPS}/soja.gpkg")
    with pytest.raises(RequestError, match="no es un KMZ"):
        kept.open_product(Environment.TEST, f"{Folder.CROPS}/soja.gpkg")
    with pytest.raises(RequestError):
        kept.open_product(Environment.TEST, Folder.CROPS)


def test_pictures_are_those_of_the_file(kept: Previews):
    token = kept.open_upload("a.kmz", FILE)
    content, media_type = kept.picture(token, 0)
    assert media_type == "image/png"
    assert kept.picture(token, 0)[0] is content
    for number in (1, -1):
        with pytest.raises(RequestError, match="no hay tal imagen"):
            kept.picture(token, number)
