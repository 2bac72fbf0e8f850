"""Texts that are drawn token by token: the arithmetic by hand, the rest beside the model itself."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.bundle import Bundle, open_bundle, save_bundle
from rnnlib.data.batching.batch import Batch
from rnnlib.data.encoders import BytePair, Characters, Words, encoded
from rnnlib.errors import ModelError, Refused
from rnnlib.generate import Writer, generate
from rnnlib.predictor import Predictor
from rnnlib.sampling import Sampling
from rnnlib.training import classes_of, shape_of
from tests.rnnlib.training.texts import model, raw, sayings

LOGITS = np.log(np.array([0.05, 0.4, 0.1, 0.25, 0.2]))


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    tokenizers = {
        "characters": Characters(), "ends": Characters(ends=True), "words": Words(), "bytes": BytePair(most=280),
    }  # fmt: skip
    found = {}
    for name, tokenizer in tokenizers.items():
        before = raw(["naïve\n" + sayings()] * 2)
        data = encoded(before, (tokenizer.fit(before).model_dump(mode="json"),))
        data = data.with_about(window={"context": 8, "stride": 8})
        section = model()
        classes = classes_of(section, data)
        shape = shape_of(data, classes)
        torch.manual_seed(5)
        module = section.build(shape)
        with torch.no_grad():
            for weights in module.parameters():
                weights.mul_(4)  # sure of itself, so that what it has read matters
        folder = tmp_path_factory.mktemp(name) / "bundle"
        save_bundle(folder, model=section, shape=shape, module=module, about=data.about, classes=classes, facts={})
        found[name] = open_bundle(folder)
    return found


def test_temperature_divides_the_logits() -> None:
    for temperature in (0.5, 1.0, 3.0):
        expected = np.exp(LOGITS / temperature)
        np.testing.assert_allclose(Sampling(temperature=temperature).shares(LOGITS), expected / expected.sum())


def test_without_temperature_the_first_of_the_most_probable_comes() -> None:
    assert Sampling(temperature=0).shares(np.array([1.0, 3.0, 3.0])).tolist() == [0, 1, 0]


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-9])
def test_next_to_no_temperature_it_is_as_without(temperature: float) -> None:
    logits = np.array([-np.inf, 1.0, 3.0, 2.999])
    assert Sampling(temperature=temperature).shares(logits).tolist() == [0, 0, 1, 0]
    assert Sampling(temperature=temperature, top_k=3, top_p=0.9).shares(logits).tolist() == [0, 0, 1, 0]


def test_top_k_keeps_k_and_of_equal_ones_the_first() -> None:
    np.testing.assert_allclose(Sampling(top_k=2).shares(LOGITS), [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0])
    assert Sampling(top_k=2).shares(np.zeros(4)).tolist() == [0.5, 0.5, 0, 0]
    np.testing.assert_allclose(Sampling(top_k=9).shares(LOGITS), np.exp(LOGITS))


@pytest.mark.parametrize(
    ("share", "kept"), [(0.3, [1]), (0.41, [1, 3]), (0.64, [1, 3]), (0.66, [1, 3, 4]), (0.9, [1, 3, 4, 2]), (1.0, None)]
)
def test_top_p_keeps_the_fewest_that_make_the_share(share: float, kept: list[int] | None) -> None:
    found = Sampling(top_p=share).shares(LOGITS)
    expected = np.where(np.isin(np.arange(5), kept or range(5)), np.exp(LOGITS), 0)
    np.testing.assert_allclose(found, expected / expected.sum())


def test_top_p_counts_what_top_k_has_left() -> None:
    found = Sampling(top_k=3, top_p=0.5).shares(LOGITS)  # .4, .25, .2 of .85: .47 is not enough
    np.testing.assert_allclose(found, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0])


@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=12), st.floats(0.05, 5), st.integers(1, 12), st.floats(0.01, 1)
)
def test_what_is_left_is_a_distribution_over_the_fewest_tokens(logits, temperature, top_k, top_p) -> None:
    logits = np.array(logits)
    shares = Sampling(temperature=temperature, top_k=top_k, top_p=top_p).shares(logits)
    assert shares.sum() == pytest.approx(1)
    assert 1 <= (shares > 0).sum() <= max(1, top_k)
    plain = Sampling(temperature=temperature, top_k=top_k).shares(logits)
    kept = shares > 0
    assert plain[kept].sum() >= top_p - 1e-9
    assert kept.sum() == 1 or plain[kept].sum() - plain[kept].min() < top_p + 1e-9


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    generator, sampling = np.random.default_rng(1), Sampling(top_k=3)
    counts = np.bincount([sampling.drawn(LOGITS, generator) for _ in range(4000)], minlength=5) / 4000
    np.testing.assert_allclose(counts, sampling.shares(LOGITS), atol=0.03)


def test_greedy_texts_are_those_of_the_whole_model_read_again_at_every_token(bundles: dict[str, Bundle]) -> None:
    bundle, seed_text = bundles["characters"], "the old "
    module, words = bundle.module(), bundle.classes
    numbers = [words.index(letter) for letter in seed_text]
    for _ in range(25):
        x = torch.tensor(numbers, dtype=torch.float32)[None, :, None]
        batch = Batch(inputs=x, lengths=torch.tensor([len(numbers)]), index=torch.zeros(1).long(), padded=False)
        with torch.inference_mode():
            known = module(batch)[0, -1, 1:]
        numbers.append(1 + int(known.argmax()))
    expected = "".join(words[number] for number in numbers)[len(seed_text) :]
    assert generate(bundle, seed_text, length=25, sampling=Sampling(temperature=0)) == expected


@pytest.mark.parametrize("name", ["characters", "ends", "words", "bytes"])
def test_the_seed_decides_and_pieces_make_the_text(bundles: dict[str, Bundle], name: str) -> None:
    bundle = bundles[name]
    text = generate(bundle, "the old bell", length=60, seed=4)
    writer = Writer(bundle)
    assert writer.read("the old bell") == []
    pieces = list(writer.write(60, Sampling(), 4))
    assert "".join(pieces) == text
    assert len(pieces) > 1 or writer.ended
    assert generate(bundle, "the old bell", length=60, seed=5) != text
    assert "<" not in text, "neither what is unknown nor the end is written"


def test_it_stops_at_the_end_of_a_text(bundles: dict[str, Bundle], monkeypatch: pytest.MonkeyPatch) -> None:
    end = bundles["ends"].classes.index("<end>")
    drawn = iter([3, 4, end, 5])
    monkeypatch.setattr(Sampling, "drawn", lambda *_: next(drawn))
    writer = Writer(bundles["ends"])
    writer.read("the")
    assert "".join(writer.write(10, Sampling(), 0)) == "".join(bundles["ends"].classes[at] for at in (3, 4))
    assert writer.ended


def test_words_are_written_with_a_space_between_them(bundles: dict[str, Bundle]) -> None:
    text = generate(bundles["words"], "the old", length=5, seed=1)
    assert text.startswith(" ")
    assert len(text.split()) == 5


def test_characters_of_several_bytes_are_written_whole(bundles: dict[str, Bundle]) -> None:
    bundle = bundles["bytes"]
    writer = Writer(bundle)
    writer.read("na")
    two = [bundle.classes.index(byte) for byte in ("Ã", "¯")]  # how byte-level vocabularies spell the bytes of ï
    drawn = iter([*two, bundle.classes.index("v")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampling, "drawn", lambda *_: next(drawn))
        assert list(writer.write(3, Sampling(), 0)) == ["ï", "v"]


def test_a_text_begins_after_a_line_if_it_begins_with_nothing(bundles: dict[str, Bundle]) -> None:
    assert generate(bundles["characters"], length=9, seed=2) == generate(bundles["characters"], "\n", length=9, seed=2)
    with pytest.raises(Refused, match="there is none: received ''; give a seed text"):
        generate(bundles["words"])


def test_what_the_model_does_not_know_is_named(bundles: dict[str, Bundle]) -> None:
    assert Writer(bundles["characters"]).read("the Q8") == ["Q", "8"]
    assert Writer(bundles["words"]).read("the quick bell") == ["quick"]
    with pytest.raises(Refused, match="received 'Q', '8'; leave them out"):
        generate(bundles["characters"], "the Q8")


def test_a_text_is_no_longer_than_those_that_were_read(bundles: dict[str, Bundle]) -> None:
    bundle = bundles["characters"]
    longest = {"kind": "longest", "steps": 10, "keep": "first"}
    about = bundle.about.model_copy(update={"encoders": (*bundle.about.encoders, longest)})
    shortened = replace(bundle, about=about)
    assert generate(shortened, "naïve", length=5, seed=3) == generate(bundle, "naïve", length=5, seed=3)
    with pytest.raises(
        Refused, match=r"10 tokens of a text, .*: received 5, and 6 more are asked for; ask for at most 5"
    ):
        generate(shortened, "naïve", length=6)
    with pytest.raises(Refused, match="received 15 to begin with; shorten the seed text"):
        Writer(shortened).read("naïve" * 3)


def test_other_models_write_no_texts() -> None:
    from tests.bundles.make import HERE

    with pytest.raises(ModelError, match="written by a language model: received a classifier"):
        Writer(open_bundle(HERE / "classifier" / "bundle"))


def test_texts_are_scored_each_by_itself(bundles: dict[str, Bundle]) -> None:
    bundle = bundles["characters"]
    texts = ["the old bell rang by night the old", "o", "rang the"]
    found = Predictor(bundle).predict(pl.DataFrame({"said": texts}))
    assert found["tokens"].to_list() == [33, 0, 7]
    assert found["nll"][1] is None
    module = bundle.module()
    for row in (0, 2):
        numbers = torch.tensor([bundle.classes.index(letter) for letter in texts[row]])
        x = numbers[None, :-1, None].float()
        batch = Batch(inputs=x, lengths=torch.tensor([x.shape[1]]), index=torch.zeros(1).long(), padded=False)
        with torch.inference_mode():
            expected = torch.nn.functional.cross_entropy(module(batch)[0], numbers[1:]).item()
        assert found["nll"][row] == pytest.approx(expected, abs=1e-5)
        assert found["perplexity"][row] == pytest.approx(math.exp(expected), rel=1e-4)
