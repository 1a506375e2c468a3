"""Every sentence has its Spanish, with the same names in it; and views hold no sentence outside the catalogues."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from modules.settings import PROJECT

LOCALES = PROJECT / "modules" / "i18n" / "locales" / "es"
PACKAGES = ("app", "flows", "modules")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

MARKING = "modules/storage/links/marking.py"
#: What a PowerShell script says, and a sentence that writes the whole command itself.
OF_THE_HOST = {"modules/storage/links/powershell.py", MARKING}

#: Parameters of Streamlit's commands that a reader never sees.
UNSEEN = {
    "key", "icon", "type", "color", "width", "height", "gap", "label_visibility", "horizontal_alignment",
    "vertical_alignment", "icon_position", "layout", "language", "page_icon", "position", "scope", "url_path",
    "query_params", "persist_state", "on_change", "size", "initial_sidebar_state",
}  # fmt: skip


def said() -> dict[tuple[str, ...], str]:
    found = {}
    for package in PACKAGES:
        for path, line, message, _comments, _context in extract_from_dir(PROJECT / package, keywords=KEYWORDS):
            key = message if isinstance(message, tuple) else (message,)
            found.setdefault(key, f"{package}/{path}:{line}")
    return found


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="es")


def translations() -> dict[tuple[str, ...], Message]:
    found = {}
    for path in sorted(LOCALES.glob("*.po")):
        for message in catalogue(path):
            if message.id:
                found[message.id if isinstance(message.id, tuple) else (message.id,)] = message
    return found


def names_in(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_every_sentence_has_its_spanish():
    translated = translations()
    missing = {
        key: where
        for key, where in said().items()
        if key not in translated or not all(_strings(translated[key])) or translated[key].fuzzy
    }
    assert missing == {}


def test_a_command_to_type_is_none_that_a_container_has_not():
    """A page of the composed stack says these too: modules.typed writes them. Links, up and down are the host's."""
    bare = re.compile(r"tranquera (backup|deployment|diff|doctor|export|grid|kmz|outputs|portal|snapshots)\b")
    found = {key: where for key, where in said().items() if any(bare.search(text) for text in key)}
    assert {where.split(":")[0] for where in found.values()} <= OF_THE_HOST
    assert all(
        "docker compose exec" in text for key, where in found.items() if where.startswith(MARKING) for text in key
    )


def test_no_spanish_is_left_of_a_sentence_that_is_gone():
    known = said()
    assert {key for key in translations() if key not in known} == set()


def test_translations_keep_the_names_of_their_sentence():
    wrong = {
        key: text
        for key, message in translations().items()
        for text in _strings(message)
        # "{count} farms" may be "one farm" in the singular: a plural form may leave the count out.
        if not names_in(key[-1]) - {"count", "n"} <= names_in(text) <= names_in(" ".join(key)) | {"count"}
    }
    assert wrong == {}


def test_spanish_quotes_as_the_screens_do():
    assert [text for message in translations().values() for text in _strings(message) if set(text) & set("«»")] == []


@pytest.mark.parametrize("path", sorted(LOCALES.glob("*.po")), ids=lambda path: path.stem)
def test_catalogues_say_how_spanish_counts(path: Path):
    assert catalogue(path).num_plurals == 2
    assert catalogue(path).plural_expr in {"n != 1", "(n != 1)"}


def test_a_sentence_has_one_spanish_in_all_catalogues():
    seen: dict[object, Message] = {}
    pairs = [
        (seen.setdefault(message.id, message), message)
        for path in sorted(LOCALES.glob("*.po"))
        for message in catalogue(path)
        if message.id
    ]
    assert [(first.id, first.string, other.string) for first, other in pairs if first.string != other.string] == []


def _strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def sources_of_pages() -> list[Path]:
    app = PROJECT / "app"
    return [app / "main.py", *sorted(app.glob("views/*.py")), *sorted(app.glob("components/*.py"))]


def bare_strings(path: Path) -> Iterator[str]:
    """Find string literals with letters that a call of Streamlit's would show as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and _draws(node.func)):
            continue
        shown = [*node.args, *(each.value for each in node.keywords if each.arg not in UNSEEN)]
        for argument in shown:
            for text in _literals(argument):
                if any(letter.isalpha() for letter in text):
                    yield f"{path.name}:{node.lineno}: {text!r}"


def _draws(function: ast.expr) -> bool:
    """Tell whether a call draws: `st.text`, `st.sidebar.text`, or a method of that name of a container."""
    drawing = {
        "badge", "button", "caption", "code", "dialog", "expander", "header", "info", "link_button", "markdown",
        "multiselect", "page_link", "popover", "progress", "segmented_control", "selectbox", "spinner", "subheader",
        "success", "text", "text_input", "title", "toast", "toggle", "warning", "write",
    }  # fmt: skip
    return isinstance(function, ast.Attribute) and (
        function.attr in drawing or (function.attr == "error" and getattr(function.value, "id", "") == "st")
    )


def _literals(node: ast.expr) -> Iterator[str]:
    """Follow literals through f-strings, sums and choices, but not into calls: those translate, or escape a value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.Constant):
                yield str(part.value)
    elif isinstance(node, ast.BinOp):
        yield from _literals(node.left)
        yield from _literals(node.right)
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _literals(value)


@pytest.mark.parametrize("path", sources_of_pages(), ids=lambda path: path.name)
def test_pages_hold_no_sentence_outside_the_catalogues(path: Path):
    assert list(bare_strings(path)) == []


def test_a_bare_sentence_would_be_found(tmp_path: Path):
    page = tmp_path / "page.py"
    page.write_text('st.text("Hola")\nst.text(_("Hola"))\nst.button(f"Hola {name}", key="hola")\ncolumn.caption("1")\n')
    assert len(list(bare_strings(page))) == 2
