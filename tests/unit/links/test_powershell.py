"""The script for Windows. No PowerShell can be had here: what is tested is its text, by a grammar and by rule."""

import re

import pytest

from modules.i18n import Language, use_language
from modules.storage.links.powershell import quoted, symlink_script
from modules.storage.roots import Folder
from modules.storage.sentinels import SENTINEL
from tests.unit.links.powershell import errors, literals, read_literal

TARGETS = {folder: rf"C:\Users\Ana\OneDrive - Campo's ’25 [2] `x` $HOME $(calc)\{folder}" for folder in Folder}


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_script_is_one_in_both_languages(language: Language):
    with use_language(language):
        script = symlink_script(TARGETS)
    assert errors(script) == []
    assert ("Connect the drive" in script) == (language == "en")
    assert not re.search(r"\{(?!0\}|1\}|2\})\w+\}", script), "a name was not filled in"


def test_every_row_says_its_folder_and_target():
    script = symlink_script(TARGETS)
    said = [read_literal(text)[0] for text in literals(script)]
    for folder, target in TARGETS.items():
        assert said[said.index(folder) + 1] == target
    assert SENTINEL in said


def test_a_grammar_would_notice_a_quote_that_ends_a_text_early():
    script = symlink_script(TARGETS)
    broken = script.replace("Campo''s", "Campo's")
    assert broken != script
    assert errors(broken) != []


def test_nothing_is_taken_for_a_pattern_and_nothing_is_removed_with_what_it_holds():
    script = symlink_script(TARGETS)
    cmdlets = re.findall(r"^.*\b(?:Get-Item|Get-ItemProperty|Get-ChildItem)\b.*$", script, re.MULTILINE)
    assert len(cmdlets) == 3
    assert all("-LiteralPath" in line for line in cmdlets)
    assert not re.search(r"Remove-Item|-Recurse|New-Item|Invoke-Expression|Test-Path|Set-Content", script)
    # Not with what is in it: .NET refuses then.
    assert re.findall(r"\[IO\.Directory\]::Delete\((.*)\)", script) == ["$place, $false"]
    # And no file but the mark.
    assert re.findall(r"\[IO\.File\]::Delete\((.*)\)", script) == ["[IO.Path]::Combine($place, $mark)"]


def test_rights_are_asked_for_before_anything_is_changed():
    script = symlink_script(TARGETS)
    body = script[script.index("$administrator = Test-Administrator") :]
    assert body.index("Test-DeveloperMode") < body.index("exit 2") < body.index("CreateDirectory")


@pytest.mark.parametrize(
    ("text", "literal"),
    [("it's", "'it''s'"), ("’", "'’’'"), ("‘‚‛", "'‘‘‚‚‛‛'"), ('"$x` [a]', "'\"$x` [a]'"), ("", "''")],
)
def test_only_quotes_mean_anything_in_a_literal(text: str, literal: str):
    assert quoted(text) == literal
    assert read_literal(literal) == (text, "")
