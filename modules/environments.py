"""The two environments: test and production."""

from __future__ import annotations

from enum import StrEnum


class Environment(StrEnum):
    """Where a run writes: `test_outputs/` or `outputs/`."""

    TEST = "test"
    PRODUCTION = "production"

    @classmethod
    def of(cls, *, test: bool) -> Environment:
        """Turn a flow's `test` parameter into an environment."""
        return cls.TEST if test else cls.PRODUCTION

    @property
    def test(self) -> bool:
        """The flow parameter that selects this environment."""
        return self is Environment.TEST
