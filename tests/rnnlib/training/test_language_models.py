"""Language models are trained, and judged, on texts that are read on from stretch to stretch."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnlib.data.batching.batches import Source, examples_of
from rnnlib.data.dataset import PartOf
from rnnlib.errors import ModelError, Refused
from rnnlib.training import Training, classes_of, fit, reading_on, shape_of
from rnnlib.training.feed import Feed
from rnnlib.training.loop import mean_loss
from rnnlib.training.reading_on import read_on
from rnnlib.training.streams import reads_on
from tests.rnnlib.training.texts import model, sayings, stream, tokens

CARRIED = {"carry_state": True, "shuffle": False, "batch": 4, "threads": 1}


def built(data, section):
    classes = classes_of(section, data)
    torch.manual_seed(5)
    return section.build(shape_of(data, classes)).eval(), classes


def nats_in_one_go(module, numbers: np.ndarray) -> np.ndarray:
    """Of every token but the first, from all that came before it."""
    layers, head = module.layers, module.head
    x = torch.from_numpy(numbers[None, :-1, None]).float()
    with torch.inference_mode():
        logits = head.affine(layers(x)[0])[0].double()
    return -torch.log_softmax(logits, 1).gather(1, torch.from_numpy(numbers[1:, None]))[:, 0].numpy()


@pytest.mark.parametrize("lanes", [1, 3, 64])
def test_stretches_are_read_on_as_the_text_that_they_are(monkeypatch: pytest.MonkeyPatch, lanes: int) -> None:
    monkeypatch.setattr(reading_on, "LANES", lanes)
    data = stream([sayings(), sayings(40, seed=4)], context=8)
    module, classes = built(data, model())
    examples = examples_of(data, PartOf.train)
    source = Source.of(data, examples, classes)
    made = {}
    for batch, output in read_on(module, source, examples, lambda _number, batch: batch):
        losses = -torch.log_softmax(output.double(), 2).gather(2, batch.tags[..., None])[..., 0]
        for row, index in enumerate(batch.index.tolist()):
            assert index not in made, "no stretch is given twice"
            made[index] = losses[row, : batch.lengths[row]].numpy()
    found = np.concatenate([made[index] for index in range(len(examples))])
    train = data.rows_of(PartOf.train)
    whole = np.concatenate(
        [
            nats_in_one_go(module, data.raw[a:b, 0][train[a:b]].astype(int))
            for a, b in zip(data.offsets[:-1], data.offsets[1:], strict=True)
        ]
    )
    assert len(found) == len(whole)
    if lanes == 1:
        np.testing.assert_allclose(found, whole, atol=1e-6)
    else:  # a lane knows what stands before it, not all of the text
        np.testing.assert_allclose(found, whole, atol=2e-3)
        assert abs(found.mean() - whole.mean()) < 1e-4


def test_the_validation_loss_is_that_of_the_text_and_not_of_its_stretches() -> None:
    data, section = stream(context=3), model()
    module, classes = built(data, section)
    with torch.no_grad():  # what a stretch does not see matters
        for weights in module.parameters():
            weights.mul_(3)
    feed = Feed.of(data, 5, 0, classes, order="in lanes")
    whole = nats_in_one_go(module, tokens(data, PartOf.validation)).mean()
    cold = mean_loss(section, module, Feed.of(data.with_about(window=None), 5, 0, classes), "here")
    assert cold == pytest.approx(whole, abs=1e-6), "a text that is not cut is read as it is"
    assert mean_loss(section, module, feed, "here") == pytest.approx(whole, abs=1e-3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnlib.training.loop.reads_on", lambda _module: False)
        assert abs(mean_loss(section, module, feed, "here") - whole) > 0.05


def test_layers_that_look_at_their_own_stretch_are_not_read_on() -> None:
    data = stream()
    assert reads_on(built(data, model())[0])
    attending = ({"kind": "embedding", "width": 6}, {"kind": "attention", "heads": 2, "causal": True})
    assert not reads_on(built(data, model(*attending))[0])
    assert not reads_on(built(data, model({"kind": "embedding", "width": 6}, {"kind": "dense", "units": 4}))[0])


def test_it_learns_and_goes_on_with_the_same_bits_after_an_interruption(tmp_path: Path) -> None:
    data = stream(context=8)
    section = Training.model_validate(
        {"model": model(), "epochs": 3, "truncate": 4, "optimizer": {"kind": "adam", "learning_rate": 0.03}, **CARRIED}
    )
    classes = classes_of(section.model, data)
    shape = shape_of(data, classes)

    def trained(folder: Path | None, stop_after: int | None = None) -> str:
        seen = []

        def report(epoch: int, _record: object) -> None:
            seen.append(epoch)
            if stop_after == epoch:
                raise KeyboardInterrupt

        found = fit(section, data, shape, classes=classes, seed=2, folder=folder, report=report)
        assert found.history[-1]["validation_loss"] < 0.8 * found.history[0]["validation_loss"]
        state = found.module.state_dict().values()
        return hashlib.sha256(b"".join(one.numpy().tobytes() for one in state)).hexdigest()

    whole = trained(None)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, stop_after=1)
    assert trained(tmp_path) == whole


def test_the_classes_are_the_tokens() -> None:
    data = stream()
    assert classes_of(model(), data) == data.about.words["said"]
    labelled = data.with_about(tags=("pos",))
    with pytest.raises(Refused, match="something else to tell"):
        classes_of(model(), labelled)


def test_what_a_language_model_cannot_be_is_refused() -> None:
    embedding = {"kind": "embedding", "width": 4}
    for layers, message in (
        (({"kind": "gru", "units": 4},), "which an `embedding` layer reads: received `gru`; put one first"),
        ((embedding, {"kind": "gru", "units": 4, "bidirectional": True}), "looks ahead: received `gru`"),
        ((embedding, {"kind": "pooling", "by": ["mean"]}), "received `pooling`"),
    ):
        with pytest.raises(ValueError, match=message):
            model(*layers)
    with pytest.raises(ModelError, match="received 0 such columns and None classes"):
        model().build(shape_of(stream(), None).model_copy(update={"tokens": ()}))


def test_a_tied_head_is_the_table_of_the_embedding() -> None:
    data = stream()
    module, _ = built(data, model({"kind": "embedding", "width": 8}, {"kind": "gru", "units": 8}, tied=True))
    assert module.head.affine.weight is module.layers[0].vectors
