"""Paths that come from outside and must not lead out of the output roots."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from modules.errors import RequestError
from modules.i18n import N_


def resolve_inside(root: Path, relative: str) -> Path:
    """Find the existing file or folder `relative` (with `/`) below the output root `root`.

    The first part, a product's folder, may be a link that the operator set up, for instance into OneDrive; nothing
    below it may lead out of it. Raises RequestError for `..`, absolute paths, links that leave and what is not there.
    """
    parts = PurePosixPath(relative).parts
    if not parts or not all(_plain(part) for part in parts):
        raise _not_found(relative)
    product = root / parts[0]
    try:
        boundary = product.resolve(strict=True)
        found = boundary.joinpath(*parts[1:]).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # absent, a loop of links, a NUL
        raise _not_found(relative) from error
    if found != boundary and boundary not in found.parents:
        raise _not_found(relative)
    return found


def _plain(part: str) -> bool:
    """Tell whether a part names one entry of a folder, on any system."""
    return part not in (".", "..", "/") and not {"\\", "\0"} & set(part) and not PureWindowsPath(part).anchor


def _not_found(relative: str) -> RequestError:
    return RequestError(N_("There is no file “{name}” here."), name=PurePosixPath(relative).name)
