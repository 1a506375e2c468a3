"""Colours and words of the classes of a figure."""

import numpy as np
import pytest

from app.components.grid_scale import Figure, Scale, scale_of
from modules.domain.crop_colours import crop_colour
from modules.i18n import use_language


def labels(scale: Scale) -> list[str]:
    return [each.label for each in scale.classes]


def test_hectares_have_a_few_even_classes_up_to_the_largest():
    with use_language("es"):
        scale = scale_of(Figure.HECTARES, 1.12, None, "light")
    assert labels(scale) == ["0,00 – 0,25", "0,25 – 0,50", "0,50 – 0,75", "0,75 – 1,00", "1,00 – 1,25"]
    assert scale.class_of(np.array([0.0, 0.25, 0.26, 1.0, 1.12])).tolist() == [0, 0, 1, 3, 4]


@pytest.mark.parametrize("largest", [0.0, 1e-6, 0.14, 1.0, 7.0, 10.0, 12345.6, 25_000.0])
def test_every_value_has_a_class_whatever_the_largest_is(largest: float):
    for figure in (Figure.HECTARES, Figure.SAMPLES):
        scale = scale_of(figure, largest, None, "dark")
        found = scale.class_of(np.linspace(0, largest, 50))
        assert 0 <= found.min() <= found.max() < len(scale.classes) <= 6
        assert len({each.colour for each in scale.classes}) == len(scale.classes)
        assert len(set(labels(scale))) == len(scale.classes)


def test_samples_are_whole_and_none_is_a_class_of_its_own():
    with use_language("es"):
        assert labels(scale_of(Figure.SAMPLES, 1, None, "light")) == ["0", "1"]
        assert labels(scale_of(Figure.SAMPLES, 12, None, "light")) == ["0", "1 – 3", "4 – 6", "7 – 9", "10 – 12"]
    assert scale_of(Figure.SAMPLES, 12, None, "light").class_of(np.array([0, 1, 3, 4, 12])).tolist() == [0, 1, 1, 2, 4]


def test_a_share_ends_in_the_colour_of_the_crop():
    scale = scale_of(Figure.SHARE, 1.0, "soja", "light")
    assert labels(scale) == ["0", "0 – 20", "20 – 40", "40 – 60", "60 – 80", "80 – 100"]
    assert scale.classes[-1].colour == crop_colour("soja")
    assert scale.class_of(np.array([0.0, 0.01, 0.2, 0.21, 1.0])).tolist() == [0, 1, 1, 2, 5]
