"""What is worth knowing before a file is sent, as sentences for the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from modules.domain.reasons import reason_words
from modules.i18n import N_
from modules.i18n.notices import Notice, notice
from modules.kmz.reading.assembly import PHONE_LIMIT, TOO_LARGE_FOR_PHONES
from modules.kmz.reading.document import Feature, GroundOverlay, KmlDocument, Rejected
from modules.kmz_preview.drawing import DRAWN_IMAGES
from modules.kmz_preview.features import Layer
from modules.kmz_preview.texts import BALLOON_LETTERS, one_line

_MB: Final = 1_000_000


def warnings_of(
    document: KmlDocument, size: int, features: pa.Table, layer: Layer, bad_images: int
) -> Iterator[Notice]:
    """Tell what is worth knowing, what matters to whoever gets the file first.

    size: of the file, in bytes; bad_images: images whose bytes are none that is shown here
    """
    if size > PHONE_LIMIT and not any(note.template == TOO_LARGE_FOR_PHONES for note in document.notes):
        yield notice(
            N_("The file has {size} MB; phones may not open more than {limit} MB."),
            size=round(size / _MB),
            limit=PHONE_LIMIT // _MB,
        )
    if not len(layer.table) and not document.overlays:
        yield notice(N_("There is nothing in it that a map can draw."))
    yield from _counted(document, features, layer, bad_images)
    yield from _rejected(document.rejected)
    for note in document.notes:
        yield notice(note.template, **note.values)


def _counted(document: KmlDocument, features: pa.Table, layer: Layer, bad_images: int) -> Iterator[Notice]:
    things: list[Feature | GroundOverlay] = [*document.features, *document.overlays]
    timed = sum(bool(each.begin or each.end or any(each.track_times)) for each in document.features)
    dots = pc.and_(pc.greater(layer.table["icon_scale"], 0), pc.is_null(layer.table["icon"]))
    counts = {
        N_("Without geometry, listed and not drawn: {count}."): features["kind"].null_count,
        N_("Switched off in the file itself, and hidden until their folder is switched on: {count}."): sum(
            not each.visible for each in things
        ),
        N_("With a date or an hour, which are told and not drawn: {count}."): timed,
        N_("Icons that the file does not hold, drawn as a dot: {count}."): pc.sum(dots).as_py() or 0,
        N_("Images that are damaged, too large or of a kind that is not shown here: {count}."): bad_images,
        N_("Images on the ground beyond the first {images}, which are listed and not drawn: {count}."): max(
            0, len(document.overlays) - DRAWN_IMAGES
        ),
        N_("Texts that were cut after {letters} letters: {count}."): pc.sum(
            pc.greater(pc.utf8_length(features["balloon"]), BALLOON_LETTERS)
        ).as_py()
        or 0,
    }
    for template, count in counts.items():
        if count:
            yield notice(template, count=count, letters=BALLOON_LETTERS, images=DRAWN_IMAGES)


def _rejected(rejected: tuple[Rejected, ...]) -> Iterator[Notice]:
    """Tell each reason once, with the first thing that it left out."""
    first: dict[str, Rejected] = {}
    for each in rejected:
        first.setdefault(each.reason, each)
    counts = Counter(each.reason for each in rejected)
    for reason, each in first.items():
        yield {
            "template": N_("Not drawn, {reason}: {count}. The first one is “{name}”, line {line} of the KML."),
            "values": {
                "reason": Reasoned(reason),
                "count": counts[reason],
                "name": one_line(each.name) or "—",
                "line": each.line,
            },
        }


class Reasoned(str):
    """A code of `modules.domain.reasons` that says its words in the language of the moment."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """Say the words."""
        return format(reason_words(str(self)), spec)
