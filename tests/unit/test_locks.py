"""The locks agree with pyproject.toml, are pinned by hash, and name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).resolve().parent.parent.parent
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())
RUN = DECLARED["project"]["dependencies"]
DEV = [*RUN, *DECLARED["dependency-groups"]["dev"]]
PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def pinned(lock: str) -> dict[str, list[Version]]:
    versions: dict[str, list[Version]] = {}
    for found in PINNED.finditer((PROJECT / lock).read_text()):
        versions.setdefault(canonicalize_name(found["name"]), []).append(Version(found["version"]))
    return versions


@pytest.mark.parametrize(("lock", "declared"), [("requirements.lock", RUN), ("requirements-dev.lock", DEV)])
def test_every_declared_requirement_is_locked_in_a_version_it_allows(lock: str, declared: list[str]) -> None:
    versions = pinned(lock)

    for text in declared:
        requirement = Requirement(text)
        found = versions.get(canonicalize_name(requirement.name), [])
        assert found, f"{lock} lacks {text}"
        assert all(version in requirement.specifier for version in found), f"{lock} has {found} for {text}"


def test_the_development_lock_holds_the_other() -> None:
    run, dev = pinned("requirements.lock"), pinned("requirements-dev.lock")

    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_has_a_hash_and_none_an_address(lock: str) -> None:
    text = (PROJECT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text)

    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in entries if PINNED.match(entry))
