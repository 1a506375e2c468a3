"""How an operator types a command of ours, for sentences that say what to do next."""

from __future__ import annotations

import os
from typing import Final

#: Set by the image to `IN_A_CONTAINER`: nobody has a prompt there, so sentences say how a command gets in.
TYPED: Final = "TRANQUERA_TYPED"
IN_A_CONTAINER: Final = "docker compose exec dashboard tranquera"


def in_a_container() -> bool:
    """Tell whether this process is in a container of the composed stack."""
    return os.environ.get(TYPED) == IN_A_CONTAINER


def typed(command: str) -> str:
    """Write a command of ours as it is typed where this installation is looked after."""
    return f"{os.environ.get(TYPED) or 'tranquera'} {command}"
