"""How an operator types a command of ours, for sentences that say what to do next."""

from __future__ import annotations

import os
from typing import Final

#: Set by the image: in a container nobody has a prompt, so its sentences say how a command gets there.
TYPED: Final = "TRANQUERA_TYPED"


def typed(command: str) -> str:
    """Write a command of ours as it is typed where this installation is looked after."""
    return f"{os.environ.get(TYPED) or 'tranquera'} {command}"
