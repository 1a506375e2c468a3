"""A file is dropped into the browser and looked at; nothing is asked of anybody else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.maps import wait_until_idle
from tests.browser.network import watched
from tests.dashboard import Dashboard, running_dashboard
from tests.unit.kmz_preview.made_up import image, overlay
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ACTS = "&lt;img src=x onerror=\"document.title='taken'\"&gt;"
BODY = (
    f"<Folder><name>{ACTS}</name>{placemark(f'<description>{ACTS}</description>{polygon(SQUARE)}', ACTS)}</Folder>"
    f"{overlay()}<NetworkLink><name>vivo</name><Link><href>https://example.com/a.kml</href></Link></NetworkLink>"
)
#: Files of the world, and whether there is something to draw; what is not drawn is said in a sentence.
FILES = {
    "addresses.kml": True,
    "bad.kml": False,
    "cdata.kml": True,
    "ground_overlay_quad.kml": True,
    "gxtrack.kml": True,
    "linestring.kml": True,
    "multigeometry.kml": True,
    "networklink.kml": False,
    "styles.kml": True,
    "twopoints.kml": True,
}
#: Case 33: what a name may hold, as a KML writes it, and as it has to be read.
NAMES = {
    "long": ("Lote de noventa letras " * 4)[:90],
    "script": "&lt;script&gt;document.title='taken'&lt;/script&gt;",
    "image": "&lt;img src=x onerror=document.title='taken'&gt;",
    "backtick": "`7` **b** :red[x] ${document.title} ]]&gt;",
    "control": "a\u0085b\u202ec",
}
READ = {
    "long": NAMES["long"],
    "script": "<script>document.title='taken'</script>",
    "image": "<img src=x onerror=document.title='taken'>",
    "backtick": "`7` **b** :red[x] ${document.title} ]]>",
    "control": "a b c",
}


@pytest.fixture
def outside(page: Page) -> list[str]:
    """What the page asked for elsewhere, what failed, and what was answered with an error."""
    found = watched(page)
    page.on(
        "response",
        lambda answer: found.append(f"{answer.status} {answer.url}") if is_wrong(answer.url, answer.status) else None,
    )
    return found


def is_wrong(url: str, status: int) -> bool:
    """Tell of what we answer; Streamlit looks for its own parts below a page's address first, and finds them later."""
    return status >= 400 and bool(re.search(r":\d+/(previews|tiles|map|files)/", url))


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    with running_dashboard(tmp_path) as dashboard:
        yield dashboard


def drop(page: Page, file: Path) -> None:
    """Give a file to the uploader, which below another file is folded away."""
    # For a moment the box of the file before is there still: what is given to that one is lost.
    box = page.locator("input[type=file]:not([data-used])")
    expect(box).to_have_count(1)
    another = page.get_by_text("Ver otro archivo")
    if another.count() and not box.is_visible():
        expect(another).to_have_count(1)  # for a moment there are two of it, as of the box
        another.click()
    this = box.element_handle()
    this.evaluate("box => { box.dataset.used = 'yes' }")
    this.set_input_files(file)


def view_of(page: Page) -> str:
    page.wait_for_url("**at=*")
    found = re.search(r"at=([^&]+)", page.url)
    assert found is not None
    return found[1]


def middle(drawn: Locator) -> tuple[float, float]:
    box = drawn.locator("canvas").first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.thorough
def test_files_of_the_world_are_drawn_or_said_why_not(
    dashboard: Dashboard, page: Page, outside: list[str], real_data: Path
):
    page.goto(f"{dashboard.url}/vista-previa")
    for name, has_something in FILES.items():
        drop(page, real_data / "kml" / name)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        if has_something:
            # The map of the file before is there for a moment still.
            expect(page.locator(".field-map .layer-title")).to_have_text(name)
            drawn = wait_until_idle(page)
            expect(drawn.get_by_role("alert")).to_have_count(0)
            expect(drawn.locator(".warning-bar")).to_be_hidden()
        else:
            expect(page.get_by_text("No trae nada que un mapa pueda dibujar.")).to_be_visible()
            expect(page.locator(".field-map")).to_have_count(0)
    assert outside == []


@pytest.mark.thorough
def test_folders_are_switched_without_moving_and_another_file_is_gone_to(
    dashboard: Dashboard, page: Page, outside: list[str], tmp_path: Path
):
    lots = f"<Folder><name>Norte</name>{placemark(polygon(SQUARE), 'A')}</Folder>"
    (tmp_path / "a.kml").write_bytes(kml(f"{lots}<Folder><name>Sur</name>{placemark()}</Folder>"))
    far = "<Point><coordinates>10,40</coordinates></Point>"
    (tmp_path / "b.kml").write_bytes(kml(placemark(far, "B")))
    page.goto(f"{dashboard.url}/vista-previa")
    drop(page, tmp_path / "a.kml")
    drawn = wait_until_idle(page)
    drawn.get_by_role("button", name="Acercar").click()
    wait_until_idle(page)
    page.wait_for_timeout(600)  # the map writes its view when it has come to rest
    before = view_of(page)
    page.mouse.click(*middle(drawn))
    expect(page.get_by_role("dialog", name="A")).to_contain_text("Norte")
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Dibujar Norte").uncheck(force=True)
    page.wait_for_url("**switch=-1*")
    wait_until_idle(page)
    page.mouse.click(*middle(drawn))
    expect(page.get_by_role("dialog", name="A")).to_have_count(0)
    assert view_of(page) == before
    drop(page, tmp_path / "b.kml")
    page.wait_for_url(re.compile(r"at=10\.0\d*,4?\d"))
    assert outside == []


def test_f33_names_are_text_in_tree_hover_label_and_card(
    dashboard: Dashboard, page: Page, outside: list[str], tmp_path: Path
):
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    for case, name in NAMES.items():
        point = f"<description>{name}</description><Point><coordinates>-59.5,-32.5</coordinates></Point>"
        file = tmp_path / f"{case}.kml"
        file.write_bytes(kml(f"<Folder><name>{name}</name>{placemark(point, name)}</Folder>"))
        page.goto(f"{dashboard.url}/vista-previa")
        drop(page, file)
        drawn = wait_until_idle(page)
        page.mouse.move(*middle(drawn))
        expect(drawn.locator(".hover")).to_have_text(READ[case])
        page.mouse.click(*middle(drawn))
        card = drawn.locator(".card")
        expect(card.locator("h2")).to_have_text(READ[case])
        expect(card.locator("dd").first).to_have_text(READ[case])
        assert card.locator("script, img, b, code, strong").count() == 0
        room, wide = (each.bounding_box() for each in (card, card.locator("h2")))
        assert room is not None
        assert wide is not None
        assert wide["x"] + wide["width"] <= room["x"] + room["width"]
        tree = page.locator(".st-key-kmz-tree")
        assert READ[case] in tree.inner_text().replace("\u2060", "")
        assert tree.locator("script, img:not([alt]), code, strong").count() == 0
        expect(page).to_have_title("Vista previa · Tranquera")
    assert said == []
    assert outside == []


def test_f33_f35_a_dropped_file_is_drawn_and_does_nothing(page: Page, tmp_path: Path):
    file = tmp_path / "lotes.kmz"
    file.write_bytes(kmz({"doc.kml": kml(BODY), "a.png": image()}))
    bad = tmp_path / "malo.kmz"
    bad.write_bytes(kmz({"doc.kml": kml(BODY), "../x": b""}))
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    with running_dashboard(tmp_path) as dashboard:
        page.goto(f"{dashboard.url}/archivos")
        page.get_by_role("link", name="Ver un KMZ …").click()
        expect(page.get_by_role("button", name="Elegir un archivo")).to_be_visible()
        drop(page, bad)
        expect(page.get_by_text("“malo.kmz” no se abrió")).to_be_visible()
        drop(page, file)
        expect(page.get_by_role("table").first.get_by_text("<img src=x")).to_have_count(2)
        wait_until_idle(page)
        page.wait_for_url("**/vista-previa?preview=*")
        expect(page.get_by_text("example.com/a.kml")).to_be_visible()
        assert page.locator("a[href*='example.com'], img[src='x']").count() == 0
        box = page.get_by_role("checkbox").nth(1)
        expect(box).to_be_checked()
        box.uncheck(force=True)
        page.wait_for_url("**switch=-1*")
        expect(page).to_have_title("Vista previa · Tranquera")
        page.reload()
        expect(page.get_by_role("checkbox").nth(1)).not_to_be_checked()
    assert [url for url in asked if not url.startswith((dashboard.url, "data:", "blob:"))] == []
    assert any("/image/0" in url for url in asked)
    assert failed == []
