"""Misbehaviour on demand: which faults are on, and how much of each is left.

A fault is written `name=value`. Faults that count (`errors=3`) wear off by themselves; the others stay until cleared.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from modules.errors import RequestError
from modules.i18n import N_

Value = str | int | float


@dataclass(frozen=True, slots=True)
class FaultKind:
    """How the value of a fault is read, and what the fault does."""

    read: Callable[[str], Value]
    meaning: str


#: Faults hit the four layer routes; those that change features change `lotes` unless they say otherwise.
KINDS: Final[Mapping[str, FaultKind]] = {
    # Whole requests
    "rate-limit": FaultKind(int, "the next N requests get 429 with Retry-After"),
    "retry-after": FaultKind(str, "what Retry-After says: seconds, `date` (an HTTP date, in 2 s) or `none`; default 1"),
    "errors": FaultKind(int, "the next N requests get 500, 502, 503, 504 in turn"),
    "unauthorized": FaultKind(int, "the next N requests get 401"),
    "expire-token": FaultKind(int, "after N more requests every token that was issued stops being valid, once"),
    "redirect": FaultKind(str, "every request is redirected to this address"),
    "html": FaultKind(int, "the next N requests get a login page in HTML with status 200"),
    "cut": FaultKind(int, "the next N bodies end half-way, below their Content-Length"),
    "slow": FaultKind(float, "bodies drip at this many bytes a second"),
    # Paging
    "short": FaultKind(int, "the last page lacks K features while `total` counts them"),
    "drift": FaultKind(int, "N times, `total` changes after the first page of a layer was read"),
    "duplicate": FaultKind(int, "the last page repeats the first K features"),
    "conflict": FaultKind(int, "the last page repeats the first K features under other names"),
    "next-loop": FaultKind(int, "the link to the next page of every page leads to the first (1 = on)"),
    # Features
    "empty": FaultKind(int, "every layer is empty (1 = on)"),
    "shrink": FaultKind(float, "every layer loses this share of its features (0 to 1)"),
    "crs": FaultKind(str, "collections declare this CRS, for example EPSG:5346"),
    "missing-column": FaultKind(str, "the first feature lacks this property (`nombre`, or `ambientes.nombre`)"),
    "wrong-type": FaultKind(str, "this property of the first feature is a list"),
    "extra-column": FaultKind(str, "every feature has this property too"),
    "nan": FaultKind(int, "the first N features have NaN for a longitude"),
    "null-geometry": FaultKind(int, "the first N features have no geometry"),
    "bow-tie": FaultKind(int, "the first N features are polygons that cross themselves"),
    "out-of-range": FaultKind(int, "the first N features lie at latitude 91"),
    "swapped-axes": FaultKind(int, "every coordinate of every layer is latitude, longitude (1 = on)"),
}


class Faults:
    """The faults that are on. Safe to change from another thread while the simulator serves."""

    def __init__(self, **values: Value) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Value] = {}
        for name, value in values.items():
            self.set(name.replace("_", "-"), value)

    def set(self, name: str, value: Value) -> None:
        """Switch a fault on. Raises RequestError for an unknown name or a value it cannot have."""
        kind = KINDS.get(name)
        if kind is None:
            raise RequestError(
                N_("The simulator knows no fault “{name}”. It knows: {known}."), name=name, known=", ".join(KINDS)
            )
        try:
            read = kind.read(str(value))
        except ValueError:
            raise RequestError(N_("The fault {name} cannot be “{value}”."), name=name, value=value) from None
        with self._lock:
            self._values[name] = read

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        with self._lock:
            if name is None:
                self._values.clear()
            else:
                self._values.pop(name, None)

    def get(self, name: str) -> Value | None:
        """Give the value of a fault, None when it is off."""
        return self._values.get(name)

    def count(self, name: str) -> int:
        """Give the value of a counting fault, 0 when it is off."""
        return int(self._values.get(name, 0))

    def spend(self, name: str) -> bool:
        """Use up one of a counting fault; False when none is left."""
        with self._lock:
            left = int(self._values.get(name, 0))
            if left > 0:
                self._values[name] = left - 1
            return left > 0

    def active(self) -> dict[str, Value]:
        """List what is on."""
        with self._lock:
            return {name: value for name, value in self._values.items() if value not in (0, "")}


def parse_fault(text: str) -> tuple[str, str]:
    """Split `NAME=VALUE`; raises RequestError when there is no value."""
    name, equals, value = text.partition("=")
    if not equals:
        raise RequestError(
            N_("A fault is written NAME=VALUE; “{text}” is not. Known: {known}."), text=text, known=", ".join(KINDS)
        )
    return name.strip(), value.strip()
