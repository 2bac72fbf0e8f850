"""Numbers as people write them."""

import pytest

from rnnlib.figures import figure


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.008154457022178272, "0.008154"),
        (0.0, "0"),
        (0.5, "0.5"),
        (8248.4, "8248"),
        (11_000.0, "11,000"),
        (-12_345.678, "-12,346"),
        (9_999_999.0, "9,999,999"),
        (1.2e9, "1.2e+09"),
        (1.234567e-7, "1.235e-07"),
        (9999.7, "10,000"),
        (float("inf"), "inf"),
    ],
)
def test_four_digits_and_no_power_of_ten_where_none_is_needed(value, written):
    assert figure(value) == written
