"""The one exception tree.

    TranqueraError
    ├── SettingsError            a setting is missing or makes no sense
    ├── RequestError             what was asked cannot be done (unknown farm, bad season …)
    ├── PortalError              the portal did not answer as agreed; nothing was saved
    │   ├── PortalUnreachable    no connection, time-outs, cut answers, 5xx until the budget was spent
    │   ├── PortalRefused        401/403, redirects to another host
    │   └── PortalAnswerInvalid  wrong content type, missing or mistyped columns, counts that disagree, cycles
    ├── GeometryError            coordinates or CRS that cannot be what they claim
    ├── SnapshotError            a snapshot is damaged, unknown or cannot be written
    │   └── SnapshotHeldBack     complete but suspicious: kept in quarantine until somebody decides
    ├── StorageError             a folder is missing, not writable, full or locked
    │   └── ProductionNotReady   the sentinel is missing or the source is the simulator
    └── StackError               a part of the embedded stack does not start or answer
        ├── ServerUnreachable    Prefect's server does not answer
        └── RunRejected          Prefect's server answered and said no

Each error is a sentence template plus its values, so that a page can say it again in another language: `code` and
`values` go into the run's record, `TranqueraError.sentence()` speaks the language of the moment. A template says what
happened, to which thing, what was kept safe and what the operator can do. Values never carry secrets or bodies of
answers.
"""

from __future__ import annotations

from typing import ClassVar

from modules.i18n import gettext


class TranqueraError(Exception):
    """An error that an operator can read. `template` is English, its Spanish stands in the catalogues."""

    exit_code: ClassVar[int] = 1

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values

    @property
    def code(self) -> str:
        """The name of its class in this tree, also when it is of a class made elsewhere from one of these."""
        return next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__)

    def sentence(self) -> str:
        """Say it in the active language."""
        return gettext(self.template, **self.values)

    def __str__(self) -> str:
        return self.sentence()


class SettingsError(TranqueraError):
    """A setting is missing or makes no sense."""

    exit_code = 2


class RequestError(TranqueraError):
    """What was asked cannot be done as asked."""

    exit_code = 2


class PortalError(TranqueraError):
    """The portal did not answer as agreed; nothing was saved."""


class PortalUnreachable(PortalError):
    """No connection, time-outs, cut answers, or server errors until the budget was spent."""


class PortalRefused(PortalError):
    """The portal, or our own rules, refused the exchange: 401/403, a redirect to another host."""


class PortalAnswerInvalid(PortalError):
    """The answer came, and it is not what the contract says."""


class GeometryError(TranqueraError):
    """Coordinates or a CRS that cannot be what they claim."""


class SnapshotError(TranqueraError):
    """A snapshot is damaged, unknown or cannot be written."""


class SnapshotHeldBack(SnapshotError):
    """A complete but suspicious snapshot, kept in quarantine until somebody decides."""


class StorageError(TranqueraError):
    """A folder is missing, not writable, full, or a file is locked."""


class ProductionNotReady(StorageError):
    """Production is guarded: its sentinel is missing, or the source is the simulator."""


class StackError(TranqueraError):
    """A part of the embedded stack does not start or does not answer."""


class ServerUnreachable(StackError):
    """Prefect's server does not answer."""


class RunRejected(StackError):
    """Prefect's server answered and refused what was asked."""
