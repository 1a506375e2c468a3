"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.commands.json_output import echo_refusal
from modules.errors import RequestError
from modules.i18n import N_

HomeOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder with outputs, data and logs. By default the project's own."),
]
#: Known before the others, wherever it stands: what is wrong with those is told in JSON too.
JsonOption = Annotated[
    bool, typer.Option("--json", is_eager=True, help="One JSON object on standard output, for scripts.")
]
SeasonOption = Annotated[str, typer.Option(metavar="25/26", help="Season; by default the present one.")]
FarmsOption = Annotated[list[str] | None, typer.Option(metavar="NAME", help="A farm, by name or id; all by default.")]
CropsOption = Annotated[list[str] | None, typer.Option(metavar="NAME", help="A crop; all by default.")]
TestOption = Annotated[bool, typer.Option("--test/--production", help="Where to write.")]
FollowOption = Annotated[bool, typer.Option(help="Wait for the end and show the progress.")]

Value = TypeVar("Value", str, int)


def one_of(*known: Value) -> Callable[[typer.Context, Value | Sequence[Value] | None], Value | list[Value] | None]:
    """Make a callback for an option of `known` values: capitals do not count, anything else is a RequestError."""
    by_word = {str(value).casefold(): value for value in known}

    def found(given: Value) -> Value:
        try:
            return by_word[str(given).strip().casefold()]
        except KeyError:
            raise RequestError(
                N_("“{given}” cannot be chosen here. Nothing was started. There is: {known}."),
                given=str(given),
                known=", ".join(f"“{each}”" for each in known),
            ) from None

    def checked(context: typer.Context, given: Value | Sequence[Value] | None) -> Value | list[Value] | None:
        try:
            if given is None or isinstance(given, str | int):
                return None if given is None else found(given)
            return [found(each) for each in given]
        except RequestError as error:
            if context.params.get("as_json"):
                echo_refusal(error)
            raise

    return checked
