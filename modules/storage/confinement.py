"""Paths that come from outside and must not lead out of the output roots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from modules.errors import RequestError
from modules.i18n import N_
from modules.storage.roots import Folder


def resolve_inside(root: Path, relative: str) -> Path:
    """Find the existing file or folder `relative` (with `/`) below the output root `root`.

    The first part, a product's folder, may be a link that the operator set up, for instance into OneDrive; nothing
    below it may lead out of it. A file is found by its own name only, not through a link or a short name of Windows.
    Raises RequestError for `..`, absolute paths, links and what is not there.
    """
    parts = PurePosixPath(relative).parts
    if not parts or not all(is_plain(part) for part in parts):
        raise _not_found(relative)
    product = root / parts[0]
    try:
        boundary = product.resolve(strict=True)
        found = boundary.joinpath(*parts[1:]).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # absent, a loop of links, a NUL
        raise _not_found(relative) from error
    known = parts[0] in set(Folder) and boundary.is_dir()
    if not known and (product.is_symlink() or not _is_named(boundary, parts[:1])):
        raise _not_found(relative)
    if found != boundary and (boundary not in found.parents or not _is_named(found, parts[1:])):
        raise _not_found(relative)
    return found


def is_plain(part: str) -> bool:
    """Tell whether a part names one entry of a folder, on any system."""
    return part not in (".", "..", "/") and not {"\\", "\0", ":"} & set(part) and not PureWindowsPath(part).anchor


def _is_named(path: Path, parts: Sequence[str]) -> bool:
    """Tell whether `path` ends in `parts`, capitals aside: a short name (`_CUARE~1`) or a link ends otherwise."""
    return [part.casefold() for part in path.parts[-len(parts) :]] == [part.casefold() for part in parts]


def _not_found(relative: str) -> RequestError:
    return RequestError(N_("There is no file “{name}” here."), name=PurePosixPath(relative).name)
