"""Whatever a folder is called, every file that names it means it and nothing else."""

import tomllib

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from modules.errors import RequestError
from modules.storage.links.override import compose_override
from modules.storage.links.powershell import quoted, symlink_script
from modules.storage.links.table import LinkTable, read_table, write_table
from modules.storage.links.targets import System, read_target
from modules.storage.roots import Folder
from tests.unit.links.powershell import errors, literals, read_literal

#: With more of what means something to PowerShell, YAML, TOML and Compose than chance would bring.
letters = st.characters(exclude_categories=["Cs"]) | st.sampled_from("'\"‘’‚‛$`[]{}()#&;%!~\\:- \n\tñá")
names = st.text(letters, min_size=1, max_size=40)
tops = {System.WINDOWS: "C:\\", System.LINUX: "/"}


def target_of(name: str, system: System) -> str:
    """A path with that name in it; those that are refused are of no interest here."""
    try:
        return read_target(f"{tops[system]}srv{name}/x{name}y", system)
    except RequestError:
        assume(False)
        raise


@given(st.text(letters))
@example("'; exit; '")
@example("’; exit; ’")
def test_a_literal_of_powershell_means_its_text(text: str):
    following = " }\n"
    assert read_literal(quoted(text) + following) == (text, following)


@given(names)
@example("$(calc)`n'’[x]{0}")
@settings(max_examples=15, suppress_health_check=[HealthCheck.filter_too_much])
def test_the_script_is_parsed_whatever_folders_are_called(name: str):
    target = target_of(name, System.WINDOWS)
    script = symlink_script({Folder.CROPS: target})
    assert errors(script) == []
    assert target in [read_literal(text)[0] for text in literals(script)]


@given(names, st.sampled_from(System))
@example("$HOME ${x} $$", System.LINUX)
@example("a: b # c", System.LINUX)
@example("{}[]&*!|>'\"%@`", System.WINDOWS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
def test_compose_reads_the_very_path(name: str, system: System):
    target = target_of(name, system)
    content = yaml.safe_load(compose_override({Folder.CROPS: target}))
    _instead, mount = content["services"]["prefect-worker"]["volumes"]
    assert "$" not in mount["source"].replace("$$", "")
    assert mount["source"].replace("$$", "$") == target


@given(names, st.sampled_from(System))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    max_examples=40,
)
def test_the_table_remembers_the_very_path(tmp_path, name: str, system: System):
    target = target_of(name, system)
    table = LinkTable(system, {Folder.CROPS: target})
    write_table(tmp_path, table)
    assert tomllib.loads((tmp_path / "links.toml").read_text())["folders"] == {"cultivos": target}
    assert read_table(tmp_path) == table


@given(st.text(letters), st.sampled_from(System))
@example("/", System.LINUX)
@example("//?/C:/x", System.WINDOWS)
def test_any_text_is_a_path_or_refused_with_a_sentence(text: str, system: System):
    try:
        target = read_target(text, system)
    except RequestError as refused:
        said = str(refused)
    else:
        said = target
        assert system.path(target).is_absolute()
        assert read_target(target, system) == target
    assert said


@pytest.mark.parametrize("name", ["a\x00b", "a\x1bb", "a\u2028b", "a\x85b", "a\ufeffb", "\ud800"])
def test_characters_that_no_file_could_hold_are_refused(name: str):
    with pytest.raises(RequestError):
        read_target(f"/srv/{name}", System.LINUX)
