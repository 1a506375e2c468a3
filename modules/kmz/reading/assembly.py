"""A `KmlDocument` from what one pass found: geometries built, styles put together, images unpacked, notes written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import shapely

from modules.i18n import N_
from modules.kmz.reading.archive import Archive
from modules.kmz.reading.collecting import Collection, OverlayFound, Placed
from modules.kmz.reading.document import (
    Feature,
    Folder,
    GroundOverlay,
    KmlDocument,
    NetworkLink,
    Note,
    Rejected,
)
from modules.kmz.reading.geometries import Built
from modules.kmz.reading.overlays import image_type
from modules.kmz.reading.scanning import Node, Scanner

#: Google Maps and Earth on phones take a KML of 10 MB unpacked (Maps JavaScript API, size and complexity of KML).
PHONE_LIMIT: Final = 10_000_000
_MB: Final = 1_000_000
#: What a note says of a file that is larger than that.
TOO_LARGE_FOR_PHONES: Final = N_("It is {size} MB unpacked; phones may not open more than {limit} MB.")
#: Names of unknown elements that a sentence tells at most.
_KINDS_TOLD: Final = 5
#: What is told of things that are not shown, by the name of their element or kind.
_SKIPPED: Final = {
    "Model": N_("Not shown, 3D models: {count}."),
    "NetworkLinkControl": N_("Not shown, changes to other files: {count}."),
    "PhotoOverlay": N_("Not shown, photos: {count}."),
    "ScreenOverlay": N_("Not shown, images fixed to the screen: {count}."),
    "Tour": N_("Not shown, tours: {count}."),
    "kml": N_("Not shown, further KML in the archive: {count}."),
    "kmz": N_("Not opened, archives in the archive: {count}."),
}


def assemble(file: str, size: int, scanner: Scanner, found: Collection, archive: Archive | None) -> KmlDocument:
    """Make the document of a KML of `size` bytes."""
    built = found.geometries.build(len(found.placemarks))
    features = tuple(
        _feature(placed, geometry, found) for placed, geometry in zip(found.placemarks, built.geometry, strict=True)
    )
    overlays = tuple(_overlay(overlay, archive) for overlay in found.overlays)
    skipped = scanner.skipped + found.skipped
    if archive is not None:
        skipped.update(archive.left_aside())
    rejected = [
        Rejected(found.placemarks[number].words.name, found.placemarks[number].line, reason)
        for number, reason in built.rejected
    ]
    notes = [
        *_notes_of_size(size),
        *_notes_of_reading(scanner, built, found),
        *_notes_of_images(overlays),
        *_notes_of_skipped(skipped),
    ]
    return KmlDocument(
        file=file,
        root=_folder(scanner.root),
        features=features,
        overlays=overlays,
        links=tuple(_link(each, href) for each, href in found.links),
        icons={} if archive is None else _icons(features, archive),
        rejected=tuple(found.rejected + rejected),
        skipped=dict(skipped),
        notes=tuple(notes),
    )


def _feature(placed: Placed, geometry: shapely.Geometry | None, found: Collection) -> Feature:
    words = placed.words
    style, highlight = found.styles.styles_of(words.selector)
    return Feature(
        id=words.id,
        name=words.name,
        folder=placed.node.path(),
        place=placed.node.number,
        geometry=geometry,
        style=style,
        highlight=highlight,
        visible=_visible(placed),
        description=words.description,
        snippet=words.snippet,
        data=words.data,
        begin=words.begin,
        end=words.end,
        track_times=tuple(words.track_times),
        line=placed.line,
    )


def _visible(placed: Placed) -> bool:
    return placed.words.visible and placed.node.shown()


def _overlay(found: OverlayFound, archive: Archive | None) -> GroundOverlay:
    words = found.placed.words
    content = None if archive is None else archive.image(found.href)
    kind = None if content is None else image_type(content)
    return GroundOverlay(
        id=words.id,
        name=words.name,
        folder=found.placed.node.path(),
        place=found.placed.node.number,
        visible=_visible(found.placed),
        description=words.description,
        corners=found.corners,
        href=found.href,
        image=content if kind else None,
        media_type=kind,
        colour=found.colour,
        draw_order=found.draw_order,
    )


def _link(placed: Placed, href: str) -> NetworkLink:
    return NetworkLink(placed.words.name, placed.node.path(), placed.node.number, _visible(placed), href)


def _icons(features: tuple[Feature, ...], archive: Archive) -> dict[str, bytes]:
    """Unpack the images of icons that the archive holds; of the others, nothing is looked for anywhere."""
    hrefs = dict.fromkeys(href for feature in features if (href := feature.style.icon_href))
    found = ((href, archive.image(href)) for href in hrefs)
    return {href: content for href, content in found if content is not None and image_type(content)}


def _folder(node: Node) -> Folder:
    return Folder(
        name=node.name,
        description=node.description,
        visible=node.visible,
        open=node.open,
        features=node.features,
        folders=tuple(_folder(each) for each in node.nodes),
    )


def _notes_of_size(size: int) -> Iterator[Note]:
    if size > PHONE_LIMIT:
        yield Note(TOO_LARGE_FOR_PHONES, {"size": round(size / _MB), "limit": PHONE_LIMIT // _MB})


def _notes_of_reading(scanner: Scanner, built: Built, found: Collection) -> Iterator[Note]:
    troubles = found.styles.troubles
    counted = {
        N_("Altitudes were left out, features: {count}."): int(built.high.sum()),
        N_("Outlines that were open and have been closed: {count}."): built.closed,
        N_("Styles that the file names and does not hold: {count}."): troubles["missing"],
        N_("Styles that stand in other files and were not fetched: {count}."): troubles["elsewhere"],
        N_("Colours that are not written as KML has them, and were left out: {count}."): troubles["colour"],
        N_("Links to other files, listed and not followed: {count}."): len(found.links),
    }
    if scanner.guessed:
        yield Note(N_("Its encoding is not the one it tells; some letters may be wrong."), {})
    for template, count in counted.items():
        if count:
            yield Note(template, {"count": count})


def _notes_of_images(overlays: tuple[GroundOverlay, ...]) -> Iterator[Note]:
    without = Counter("://" in overlay.href for overlay in overlays if overlay.image is None)
    if without[True]:
        yield Note(N_("Images that stand in the web and were not fetched: {count}."), {"count": without[True]})
    if without[False]:
        yield Note(
            N_("Images that the file does not hold, that are too large or of no known kind: {count}."),
            {"count": without[False]},
        )


def _notes_of_skipped(skipped: Counter[str]) -> Iterator[Note]:
    for kind, count in skipped.items():
        if kind in _SKIPPED:
            yield Note(_SKIPPED[kind], {"count": count})
    unknown = skipped.keys() - _SKIPPED.keys()
    if unknown:
        yield Note(
            N_("Not shown, things of no known kind ({kinds}): {count}."),
            {"kinds": ", ".join(sorted(unknown)[:_KINDS_TOLD]), "count": sum(skipped[kind] for kind in unknown)},
        )
