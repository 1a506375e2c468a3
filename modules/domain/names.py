"""Names as people write and order them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final, TypeVar

K = TypeVar("K")

#: How fields without a crop are asked for: as the files of `cultivos/` call them.
NO_CROP: Final = "sin cultivo"
#: What a farm is called that the portal gave no name.
NO_FARM: Final = "sin campo"


def plain_name(text: str) -> str:
    """A name without case, accents and doubled spaces: for finding, never for telling apart."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


def find_named(wanted: str, names: Mapping[K, str]) -> list[K]:
    """Find the keys that are meant: by id, else by exact name, else by plain name.

    names: the name of each thing by its id, or by the thing itself
    """
    return (
        [key for key in names if key == wanted]
        or [key for key, name in names.items() if name == wanted]
        or [key for key, name in names.items() if plain_name(name) == plain_name(wanted)]
    )


def names_like(wanted: str, names: Iterable[str]) -> list[str]:
    """Give the names that look like the one that was written, the nearest first; three at most."""
    by_plain = {plain_name(name): name for name in names}
    return [by_plain[plain] for plain in get_close_matches(plain_name(wanted), by_plain)]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Order names as people do: `Lote 2` before `Lote 10`, capitals and accents aside where nothing else differs."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple(_number_key(part) if part.isdecimal() else (1, 0, part) for part in parts if part)


def _number_key(digits: str) -> tuple[int, int, str]:
    """Order numbers by their length without leading zeros, then by their digits: `int` takes no more than 4,300."""
    ascii_digits = digits if digits.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in digits)
    significant = ascii_digits.lstrip("0")
    return 0, len(significant), significant
