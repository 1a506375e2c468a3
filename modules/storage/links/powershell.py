"""`create_symlinks.ps1`: makes the links of production on Windows, for a worker that runs there without Docker.

Written for Windows PowerShell 5.1, which every Windows has, and PowerShell 7. `New-Item -ItemType SymbolicLink` is not
used: in 5.1 it asks for an administrator also in developer mode, and it takes `[` and `]` in a target for a pattern.
The system's own function does neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final

from modules.i18n import gettext as _
from modules.storage.roots import Folder
from modules.storage.sentinels import SENTINEL, SENTINEL_TEXT

FILE: Final = "create_symlinks.ps1"
#: Windows PowerShell takes a file without the mark at its beginning for one of an old code page.
ENCODING: Final = "utf-8-sig"
NEWLINE: Final = "\r\n"

#: PowerShell lets typographic quotes end a text like the straight one; each is written twice to mean itself.
_QUOTES: Final = re.compile("['\u2018\u2019\u201a\u201b]")
_TEMPLATE: Final = Template(Path(__file__).with_name("create_symlinks.ps1.template").read_text(encoding="utf-8"))


def quoted(text: str) -> str:
    """Write a text as a literal of PowerShell, in which nothing has a meaning but the quotes."""
    return f"'{_QUOTES.sub(lambda quote: quote[0] * 2, text)}'"


def symlink_script(targets: Mapping[Folder, str]) -> str:
    """Write the script's text; it speaks the language of the moment."""
    rows = (f"    @{{ Name = {quoted(folder)}; Target = {quoted(target)} }}" for folder, target in targets.items())
    return _TEMPLATE.substitute(
        {name: quoted(text) for name, text in _sentences().items()},
        links="\n".join(rows),
        sentinel=quoted(SENTINEL),
        sentinel_text=quoted(SENTINEL_TEXT),
    )


def _sentences() -> dict[str, str]:
    """Say what the script says; `{0}` and so on are filled in by it."""
    return {
        "say_rights": _(
            "Links need an administrator or developer mode. Nothing was changed. Start PowerShell with “Run as "
            "administrator” and run this again."
        ),
        "say_done": _("{name}: linked to {target}", name="{0}", target="{1}"),
        "say_kept": _("{name}: was linked already", name="{0}"),
        "say_moved": _("{name}: led to {old} before", name="{0}", old="{1}"),
        "say_gone": _(
            "{name}: it is linked, but its folder is not there: {target}. Nothing was created in its place. Connect "
            "the drive or start OneDrive, then run this again.",
            name="{0}",
            target="{1}",
        ),
        "say_unmarked": _(
            "{name}: it is linked, but {target} carries no mark, so it may not be the real one. Nothing was changed. "
            "If it is, run: tranquera outputs init",
            name="{0}",
            target="{1}",
        ),
        "say_files": _(
            "{name}: there are files at {place}, so it was left as it is. Move them to {target} and run this again.",
            name="{0}",
            place="{1}",
            target="{2}",
        ),
        "say_inside": _(
            "{name}: {target} is inside Tranquera's own folder or around it. Run: tranquera links",
            name="{0}",
            target="{1}",
        ),
        "say_failed": _("{name}: it could not be linked. The system says: {why}", name="{0}", why="{1}"),
        "say_all": _("All production folders are linked."),
        "say_some": _("Not linked: {count}. What to do stands above.", count="{0}"),
    }
