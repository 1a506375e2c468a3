from pathlib import Path

import pytest

from modules.errors import RequestError
from modules.storage.links.targets import System, read_target, require_apart
from modules.storage.roots import Folder

HOME = Path("/srv/tranquera")


@pytest.mark.parametrize(
    ("text", "system", "target"),
    [
        ("/srv/campo/cultivos/", System.LINUX, "/srv/campo/cultivos"),
        ("//srv/./campo", System.LINUX, "/srv/campo"),
        ("  /srv/Ñandú & Cía (25,5)  ", System.LINUX, "/srv/Ñandú & Cía (25,5)"),
        ("C:/Users/Ana/OneDrive - Campo/cultivos", System.WINDOWS, r"C:\Users\Ana\OneDrive - Campo\cultivos"),
        ('"D:\\Campo\\cultivos\\"', System.WINDOWS, r"D:\Campo\cultivos"),
    ],
)
def test_a_whole_path_is_taken_as_its_system_writes_it(text: str, system: System, target: str):
    assert read_target(text, system) == target
    assert read_target(target, system) == target


@pytest.mark.parametrize(
    ("text", "system", "why"),
    [
        ("", System.LINUX, "empty"),
        ("/srv/a\nb", System.LINUX, "no path has"),
        ("/srv/\ud800", System.LINUX, "no path has"),
        ("cultivos", System.LINUX, "not a whole path"),
        ("~/cultivos", System.LINUX, "not a whole path"),
        ("/srv/../etc", System.LINUX, "not a whole path"),
        ("/", System.LINUX, "whole disk"),
        ("/srv/a:b", System.LINUX, "“a:b” in"),
        ("/srv/aux", System.LINUX, "“aux” in"),
        ("/srv/campo./x", System.LINUX, "“campo.” in"),
        ("/srv/\u202ecampo", System.LINUX, "name that Windows"),
        ("/srv/campo", System.WINDOWS, "not a whole path"),
        ("C:campo", System.WINDOWS, "not a whole path"),
        (r"\campo", System.WINDOWS, "not a whole path"),
        ("C:\\", System.WINDOWS, "whole disk"),
        (r"C:\campo\a?b", System.WINDOWS, "“a\\?b” in"),
        (r"C:\campo\a|b", System.WINDOWS, "name that Windows"),
        (r"\\server\share\campo", System.WINDOWS, "network address"),
        ("//server/share/campo", System.WINDOWS, "network address"),
        (r"\\?\C:\campo", System.WINDOWS, "network address or a device"),
        ("C:\\Users\\Ana", System.LINUX, "--system windows"),
    ],
)
def test_what_cannot_be_a_real_folder_is_refused_and_says_why(text: str, system: System, why: str, english: None):
    with pytest.raises(RequestError, match=why):
        read_target(text, system)


@pytest.mark.parametrize(
    ("one", "other", "system"),
    [
        ("/srv/a", "/srv/a", System.LINUX),
        ("/srv/a", "/srv/a/b", System.LINUX),
        (r"C:\Campo", r"c:\campo", System.WINDOWS),
        (r"C:\Campo\b", r"c:\campo", System.WINDOWS),
    ],
)
def test_no_two_products_share_a_folder(one: str, other: str, system: System):
    for pair in ((one, other), (other, one)):
        with pytest.raises(RequestError, match=r"cultivos.*muestreos|muestreos.*cultivos"):
            require_apart(dict(zip((Folder.CROPS, Folder.SAMPLES), pair, strict=True)), system, HOME)


def test_capitals_tell_folders_apart_where_the_system_does():
    require_apart({Folder.CROPS: "/srv/a", Folder.SAMPLES: "/srv/A"}, System.LINUX, HOME)


@pytest.mark.parametrize("target", ["outputs/cultivos", "outputs", "data/x", ".", ".."])
def test_a_real_folder_is_not_in_the_home_nor_around_it(target: str, tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(RequestError, match="cultivos"):
        require_apart({Folder.CROPS: str((home / target).resolve())}, System.here(), home)


def test_links_are_followed_before_two_folders_are_compared(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "other").symlink_to("real")
    targets = {Folder.CROPS: str(tmp_path / "real"), Folder.SAMPLES: str(tmp_path / "other")}
    with pytest.raises(RequestError, match="muestreos"):
        require_apart(targets, System.here(), tmp_path / "home")
