"""What is said of a setting that makes no sense: which one, what it has to be, where to correct it. Never its value."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic_core import ErrorDetails

from modules.errors import SettingsError
from modules.i18n import N_

_GENERAL: Final = N_("The setting {name} makes no sense. Correct it in {file} or in the environment.")
_WHOLE_NUMBER: Final = N_("The setting {name} has to be a whole number. Correct it in {file} or in the environment.")
_NUMBER: Final = N_("The setting {name} has to be a number. Correct it in {file} or in the environment.")
_YES_OR_NO: Final = N_("The setting {name} has to be true or false. Correct it in {file} or in the environment.")
_ADDRESS: Final = N_(
    "The setting {name} has to be an address such as https://portal.example. Correct it in {file} or in the "
    "environment."
)

#: Sentence of each type of pydantic's errors that our settings meet, and of our own; filled in from its `ctx`.
#: https://docs.pydantic.dev/latest/errors/validation_errors/
_SENTENCES: Final = {
    "greater_than": N_("The setting {name} has to be more than {gt:g}. Correct it in {file} or in the environment."),
    "greater_than_equal": N_(
        "The setting {name} has to be {ge:g} or more. Correct it in {file} or in the environment."
    ),
    "less_than": N_("The setting {name} has to be less than {lt:g}. Correct it in {file} or in the environment."),
    "less_than_equal": N_("The setting {name} has to be {le:g} or less. Correct it in {file} or in the environment."),
    "literal_error": N_(
        "The setting {name} has to be one of these: {expected}. Correct it in {file} or in the environment."
    ),
    "unknown_key": N_(
        "The setting {name} knows no “{key}”, only these: {expected}. Correct it in {file} or in the environment."
    ),
    "missing": N_("The setting {name} is missing. Add it in {file} or in the environment."),
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "bool_parsing": _YES_OR_NO,
    "bool_type": _YES_OR_NO,
    "url_parsing": _ADDRESS,
    "url_scheme": _ADDRESS,
    "tile_address": N_(
        "The setting {name} has to be an address with {{z}}, {{x}} and {{y}}. Correct it in {file} or in the "
        "environment."
    ),
    "unordered_box": N_(
        "The setting {name} has to be west, south, east and north with west < east and south < north. Correct it in "
        "{file} or in the environment."
    ),
    "processes_or_scheduler": N_(
        "The setting {name} has to be a number of processes from 1 to {most}, or the address of a Dask scheduler such "
        "as tcp://servidor:8786. Correct it in {file} or in the environment."
    ),
    "unreadable_file": N_(
        "A secret of {name} is to stand in the file {key}, which cannot be read. Correct the path in {file} or in the "
        "environment."
    ),
    "half_a_client": N_(
        "The settings client_id and client_secret of {name} go together. Correct them in {file} or in the environment."
    ),
    "two_ways_in": N_(
        "{name} has a token and an account, and only one of them can be used: a token, or client_id and client_secret. "
        "Correct it in {file} or in the environment."
    ),
}


def refusal(details: ErrorDetails, known: Collection[str], file: Path) -> SettingsError:
    """Put what pydantic says of a setting into our words. known: all settings, `TRANQUERA_PORTAL__URL` like."""
    location, kind = details["loc"], details["type"]
    name = _variable(location)
    if kind == "extra_forbidden":
        return unknown_setting(name, known, file)
    values: dict[str, Any] = dict(details.get("ctx", {}))
    if "expected" in values:  # "'es' or 'en'": a list in every language
        values["expected"] = str(values["expected"]).replace(" or ", ", ")
    if location[-1] == "[key]":
        kind, values["key"] = "unknown_key", location[-2]
    return SettingsError(_SENTENCES.get(kind, _GENERAL), **values | {"name": name, "file": str(file)})


def unknown_setting(name: str, known: Collection[str], file: Path) -> SettingsError:
    """Say that a setting does not exist, and which one may have been meant."""
    like = get_close_matches(name, sorted(known), 1)
    return SettingsError(
        N_("There is no setting {name}. Close to it: {like}. Correct it in {file} or in the environment."),
        name=name,
        like=like[0] if like else "-",
        file=str(file),
    )


def _variable(location: tuple[int | str, ...]) -> str:
    """Tell the variable of a setting, whose parts beyond two are inside its value."""
    return "TRANQUERA_" + "__".join(str(part).upper() for part in location[:2])
