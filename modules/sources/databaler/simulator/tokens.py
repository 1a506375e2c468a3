"""The simulator's tokens."""

from __future__ import annotations

import secrets
from typing import Final

from modules.sources.databaler.simulator.faults import Faults

#: The demonstration's way in. It opens invented data on a loopback address, nothing else.
DEMO_CLIENT: Final = "demo"
DEMO_SECRET: Final = "demo"  # noqa: S105  (see above)
#: A fixed token; it never expires.
DEMO_TOKEN: Final = "demo-token"  # noqa: S105  (see above)

#: How long the simulator says a token lasts; only the fault `expire-token` ends one.
TOKEN_LIFE_S: Final = 3600


class Tokens:
    """The tokens that are valid, and the fault that ends them."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._valid: set[str] = set()
        self._left: int | None = None

    def issue(self) -> str:
        """Make a new token."""
        token = secrets.token_urlsafe(24)
        self._valid.add(token)
        return token

    def accepts(self, header: str | None) -> bool:
        """Check an Authorization header."""
        scheme, _space, token = (header or "").partition(" ")
        return scheme.lower() == "bearer" and (token == DEMO_TOKEN or token in self._valid)

    def age(self) -> None:
        """Count a request towards the end of all tokens, if `expire-token` is on."""
        if not self._faults.count("expire-token"):
            return
        left = self._faults.count("expire-token") if self._left is None else self._left
        if left == 0:
            self._valid.clear()
            self._faults.clear("expire-token")
        self._left = left - 1 if left else None
