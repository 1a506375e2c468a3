"""What may be the real folder of a product: a whole path, a name that survives everywhere, and nobody else's place."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final

from modules.errors import RequestError
from modules.i18n import N_
from modules.storage.roots import Folder
from modules.storage.safe_names import safe_name

#: Text that cannot stand in a file of settings as it is: control characters, halves of characters, unassigned ones.
_NO_TEXT: Final = {"Cc", "Cs", "Cn", "Zl", "Zp"}


class System(StrEnum):
    """The system whose paths are meant: of the machine that Docker or the worker runs on."""

    WINDOWS = "windows"
    LINUX = "linux"

    @classmethod
    def here(cls) -> System:
        """Tell which one this machine is; everything with POSIX paths counts as Linux."""
        return cls.WINDOWS if os.name == "nt" else cls.LINUX

    @property
    def is_here(self) -> bool:
        """Tell whether its paths can be looked at from here."""
        return self is System.here()

    def path(self, text: str) -> PurePath:
        """Read a path as this system would."""
        return PureWindowsPath(text) if self is System.WINDOWS else PurePosixPath(text)


def read_target(text: str, system: System) -> str:
    """Read the real folder of a product as a person wrote it; gives it as the system writes it.

    Quotes around it, as Explorer copies them, and a last separator go away. Raises RequestError for what is not an
    absolute path on a disk, for the top of a disk, and for names that Windows or OneDrive refuse.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    _require_text(text)
    if system is System.LINUX and text.startswith("/"):
        text = f"/{text.lstrip('/')}"  # two at the beginning would be another root
    path = system.path(text)
    if str(path).startswith("\\\\"):
        raise RequestError(
            N_(
                "“{path}” is a network address or a device, which containers cannot mount. Nothing was changed. Choose "
                "a folder on a disk of the machine."
            ),
            path=text,
        )
    if system is System.LINUX and PureWindowsPath(text).drive:
        raise RequestError(
            N_("“{path}” is a path of Windows. Nothing was changed. To set up for Windows from here: --system windows"),
            path=text,
        )
    if not path.is_absolute() or ".." in path.parts:
        raise RequestError(
            N_("“{path}” is not a whole path. Nothing was changed. Write it from the beginning, like {example}."),
            path=text,
            example=_EXAMPLES[system],
        )
    names = path.parts[1:]
    if not names:
        raise RequestError(
            N_("“{path}” is a whole disk. Nothing was changed. Choose a folder on it, for this product alone."),
            path=text,
        )
    for name in names:
        composed = unicodedata.normalize("NFC", name)  # how it is written on the disk is the disk's affair
        if safe_name(composed) != composed:
            raise RequestError(
                N_(
                    "“{name}” in “{path}” is a name that Windows or OneDrive refuse. Nothing was changed. Choose a "
                    'folder without < > : " | ? * and without a dot or space at its end.'
                ),
                name=name,
                path=text,
            )
    return str(path)


_EXAMPLES: Final[Mapping[System, str]] = {
    System.WINDOWS: r"C:\Users\Ana\OneDrive\Campo\cultivos",
    System.LINUX: "/srv/onedrive/campo/cultivos",
}


def _require_text(text: str) -> None:
    if not text or any(unicodedata.category(letter) in _NO_TEXT or letter == "\ufeff" for letter in text):
        raise RequestError(
            N_("This is empty or holds characters that no path has. Nothing was changed. Write the folder's path.")
        )


def require_apart(targets: Mapping[Folder, str], system: System, home: Path) -> None:
    """Make sure that each product has a place of its own, none inside another's and none inside the home.

    Raises RequestError that names the products. Capitals count on Linux only; links are followed where they can be.
    """
    places = {folder: _place(target, system) for folder, target in targets.items()}
    if system.is_here:
        own = _place(str(home.absolute()), system)
        for folder, place in places.items():
            if _holds(own, place) or _holds(place, own):
                raise RequestError(
                    N_(
                        "The real folder of “{folder}” would be “{path}”, inside Tranquera's own folder or around it. "
                        "Nothing was changed. Choose one elsewhere."
                    ),
                    folder=str(folder),
                    path=targets[folder],
                )
    for one, place in places.items():
        for other, beside in places.items():
            if one is not other and _holds(place, beside):
                raise RequestError(
                    N_(
                        "“{one}” and “{other}” cannot be the same folder or lie in each other ({path}). Nothing was "
                        "changed. Give each its own."
                    ),
                    one=str(one),
                    other=str(other),
                    path=targets[other],
                )


def _place(target: str, system: System) -> PurePath:
    """Tell where a path leads; those of Windows compare without regard to capitals."""
    return system.path(os.path.realpath(target) if system.is_here else target)


def _holds(outer: PurePath, inner: PurePath) -> bool:
    return outer == inner or outer in inner.parents
