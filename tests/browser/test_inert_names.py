"""Case 33, pages: names from outside are shown as they are, and nothing in them is obeyed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from modules.environments import Environment
from modules.storage.roots import Folder, root_of
from tests.dashboard import running_dashboard

pytestmark = pytest.mark.browser

WORD_JOINER = "\u2060"
NAMES = [
    "<script>document.title = 'taken'<script>",
    "<img src=x onerror=alert(1)>",
    "`code` and **bold** and _low_",
    "[a link](http:farm.example)",
    ":smile: :red[red] :material",
    "$x^2$ ]]> &amp; #1 - 2. http:farm.example",
]
#: Whether every name stands in the table, letter by letter.
ALL_SHOWN = """([names, joiner]) => {
    const shown = document.querySelector(".st-key-table-files").innerText.replaceAll(joiner, "");
    return names.every((name) => shown.includes(name));
}"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pytest.param("folder", marks=pytest.mark.thorough), "file"])
def test_f33_names_of_folders_and_files_are_shown_as_they_are(page: Page, tmp_path: Path, kind: str):
    crops = root_of(tmp_path, Environment.TEST) / Folder.CROPS
    crops.mkdir(parents=True)
    for name in NAMES:
        if kind == "folder":
            (crops / name).mkdir()
        else:
            (crops / name).touch()
    with running_dashboard(tmp_path) as dashboard:
        page.goto(f"{dashboard.url}/archivos?path=cultivos")
        table = page.locator(".st-key-table-files")
        expect(table).to_be_visible()
        expect(table.get_by_text("hoy ")).to_have_count(len(NAMES))
        # Streamlit fetches what draws a label when the first label is drawn: a row may stand there before its name.
        page.wait_for_function(ALL_SHOWN, arg=[NAMES, WORD_JOINER])
        assert table.locator("script, img:not([alt]), code, strong, em, .katex, a[href^='http:farm']").count() == 0
        expect(page).to_have_title("Archivos · Tranquera")
