"""Product lines: what people call their device leads to the code by which skills, parts and rates are found."""

import pytest
from django.utils import translation

from jieli.policies.product_lines import product_line_of, product_words


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("洗衣机", "washing_machine"),
        (" 滚筒洗衣机 10 公斤 ", "washing_machine"),
        ("Washing machines", "washing_machine"),
        ("my fridge", "refrigerator"),
        ("液晶电视", "television"),
        ("washer", "washer"),
        ("washing_machine", "washing_machine"),
    ],
)
def test_a_device_in_the_words_of_people_has_a_code(written, code):
    assert product_line_of(written) == code


@pytest.mark.parametrize("written", ["", "洗碗机", "dishwasher", "洗衣机和冰箱", "heat_pump"])
def test_what_names_no_line_or_two_stays_as_it_is_written(written):
    assert product_line_of(written) == written


def test_a_code_is_shown_in_words_and_understood_again():
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert product_line_of(product_words("air_conditioner")) == "air_conditioner"
    assert product_words("heat_pump") == "heat pump"
