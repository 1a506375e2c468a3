"""No two crops look alike, to full colour vision and to the commonest colour blindness."""

from itertools import combinations

import numpy as np
import pytest

from modules.domain.crop_colours import CROP_COLOURS, NO_CROP_COLOUR, OTHER_COLOURS, crop_colour

#: All that a map may show side by side.
COLOURS = {**CROP_COLOURS, **{colour: colour for colour in OTHER_COLOURS}, "sin cultivo": NO_CROP_COLOUR}
#: Differences as CIE76 has them, where 2.3 is just noticeable (Mahy, Van Eycken and Oosterlinck, 1994): ten times that
#: for full colour vision, three times for deuteranopia, which has one dimension less for 42 colours.
LEAST, LEAST_DEUTERAN = 23.0, 6.9
#: Linear sRGB to XYZ, and the white of it (IEC 61966-2-1, D65).
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
#: Deuteranopia on linear sRGB (Machado, Oliveira and Fernandes, 2009, severity 1.0).
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
)


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(values: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB."""
    shares = TO_XYZ @ values / WHITE
    x, y, z = np.where(shares > 216 / 24389, np.cbrt(shares), (24389 / 27 * shares + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(places: dict[str, np.ndarray]) -> tuple[float, str, str]:
    return min(
        (float(np.linalg.norm(places[one] - places[other])), one, other) for one, other in combinations(places, 2)
    )


def test_the_measure_is_that_of_the_books():
    assert lab(linear("#FFFFFF")) == pytest.approx([100, 0, 0], abs=0.02)
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


def test_no_two_crops_look_alike():
    distance, one, other = nearest({name: lab(linear(colour)) for name, colour in COLOURS.items()})
    assert distance > LEAST, (one, other)


def test_no_two_crops_look_alike_to_a_deuteranope():
    seen = {name: lab(np.clip(DEUTERANOPIA @ linear(colour), 0, 1)) for name, colour in COLOURS.items()}
    distance, one, other = nearest(seen)
    assert distance > LEAST_DEUTERAN, (one, other)


@pytest.mark.parametrize(
    "crop",
    ["Alfalfa", "algodón", "Avena", "centeno", "vicia villosa", "Poroto", "colza", "lino", "arroz", "Caña de azúcar",
     "papa", "garbanzo", "lenteja", "arveja", "moha", "cártamo", "camelina", "mijo", "triticale", "tabaco",
     "MAÍZ tardío", "soja 1ª", "trigo", "girasol", "sorgo", "cebada", "maní", "pastura", "barbecho"],
)  # fmt: skip
def test_a_common_crop_has_a_colour_of_its_own(crop: str):
    assert crop_colour(crop) in CROP_COLOURS.values()


def test_another_crop_has_none_of_theirs_and_always_the_same():
    for crop in ("quínoa", "stevia", "mandioca", "yerba mate", "té", "sésamo", "vid", "olivo"):
        assert crop_colour(crop) == crop_colour(crop.upper()) in OTHER_COLOURS
    assert crop_colour("quínoa") == "#780087"
