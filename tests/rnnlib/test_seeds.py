from hypothesis import given
from hypothesis import strategies as st

from rnnlib.seeds import derived

whole = st.integers(min_value=-(2**63), max_value=2**63)


def test_the_value_is_fixed_for_ever_because_stored_runs_rest_on_it() -> None:
    # sha256("7/shuffle/3")'s first 63 bits, taken with coreutils' sha256sum
    assert derived(7, "shuffle", 3) == 1607239670037233798


@given(whole, st.text(min_size=1), st.lists(whole, max_size=4))
def test_it_is_a_seed_that_torch_and_numpy_take(seed: int, purpose: str, numbers: list[int]) -> None:
    assert 0 <= derived(seed, purpose, *numbers) < 2**63


def test_every_argument_matters_and_their_borders_too() -> None:
    places = [(0, "a"), (1, "a"), (0, "b"), (0, "a", 0), (0, "a", 1), (0, "a", 0, 0), (0, "a", 1, 0), (0, "a", 10)]
    assert len({derived(*place) for place in places}) == len(places)
