"""Why a feature was rejected: stable codes for files and records, and the words for them."""

from __future__ import annotations

from enum import StrEnum

from modules.i18n import N_, gettext


class Reason(StrEnum):
    """Codes of `Rejected.reason`. They stand in manifests, so they never change."""

    NULL_GEOMETRY = "null_geometry"
    EMPTY_GEOMETRY = "empty_geometry"
    UNREADABLE_GEOMETRY = "unreadable_geometry"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    WRONG_TYPE = "wrong_type"
    UNREPAIRABLE = "unrepairable"


_WORDS: dict[str, str] = {
    Reason.NULL_GEOMETRY: N_("without geometry"),
    Reason.EMPTY_GEOMETRY: N_("with an empty geometry"),
    Reason.UNREADABLE_GEOMETRY: N_("with a geometry that cannot be read"),
    Reason.NOT_FINITE: N_("with a coordinate that is not a number"),
    Reason.OUT_OF_RANGE: N_("with a coordinate outside the globe"),
    Reason.WRONG_TYPE: N_("with another kind of geometry than its layer holds"),
    Reason.UNREPAIRABLE: N_("with an outline that encloses nothing"),
}


def reason_words(code: str) -> str:
    """Say a reason's code in the active language; a code of a newer version is said as it is."""
    words = _WORDS.get(code)
    return gettext(words) if words else code
