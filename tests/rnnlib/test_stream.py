"""Row by row a model gives what it gives for the whole: the same numbers, for the work of a step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnlib.bundle import Bundle, open_bundle
from rnnlib.cells import Cell
from rnnlib.data.batching.batches import batches, examples_before, examples_of
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import encoded
from rnnlib.errors import DataError, ModelError
from rnnlib.layers import AnyLayer
from rnnlib.models import AnyModel
from rnnlib.stream import Stream
from tests.bundles import make
from tests.rnnlib.families import members

CELLS = [kind for kind, part in members(AnyLayer).items() if issubclass(part, Cell)]


def bundled(
    folder: Path, made: Callable[[], tuple[AnyModel, DataSet]], layers: list[dict[str, Any]], **fields: Any
) -> tuple[Bundle, DataSet]:
    model, data = made()
    section = type(model).model_validate({**model.model_dump(exclude_unset=True), "layers": layers, **fields})
    make.write(folder / "bundle", lambda: (section, data))
    return open_bundle(folder / "bundle"), data


def rows_of(data: DataSet, start: int, stop: int) -> list[dict[str, float]]:
    names = [column.name for column in data.about.columns]
    return [dict(zip(names, values.tolist(), strict=True)) for values in data.raw[start:stop]]


@pytest.mark.parametrize("kind", CELLS)
def test_after_every_row_it_is_the_model_on_all_rows_so_far(tmp_path: Path, kind: str) -> None:
    bundle, data = bundled(tmp_path, make.classifier, [{"kind": kind, "units": 4, "layers": 2}])
    (batch,) = batches(data, examples_of(data, PartOf.test), torch.arange(1), 1, classes=bundle.classes)
    start = int(examples_of(data, PartOf.test).start[0])
    stream, module = Stream(bundle), bundle.module()
    for length, row in enumerate(rows_of(data, start, start + int(batch.lengths[0])), start=1):
        stream.push(row)
        shorter = type(batch)(
            inputs=batch.inputs[:, :length], lengths=torch.tensor([length]), index=batch.index, padded=False
        )
        torch.testing.assert_close(stream.output(), module(shorter)[0], rtol=0, atol=2e-6)
    assert stream.steps == length > 2


def test_a_forecast_is_that_of_the_window(tmp_path: Path) -> None:
    """Scales per series, a static value, and columns that are known ahead."""
    layers = [{"kind": "dense", "units": 5, "activation": "tanh"}, {"kind": "gru", "units": 4}]
    bundle, data = bundled(tmp_path, make.forecaster, layers, relative_to="none")
    at = int(data.offsets[1]) + 20
    examples = examples_before(data, np.array([at]), make.CONTEXT, make.HORIZON)
    (batch,) = batches(data, examples, torch.arange(1), 1, truth=False)
    assert data.static is not None
    stream = Stream(bundle, key="south", static={"area": float(data.static[1, 0])})
    for row in rows_of(data, at - make.CONTEXT, at):
        stream.push(row)
    made = stream.output(rows_of(data, at, at + make.HORIZON))
    torch.testing.assert_close(made, bundle.module()(batch)[0], rtol=0, atol=2e-6)
    with pytest.raises(DataError, match="the model reads 3 rows of what is known of the future: received 1"):
        stream.output(rows_of(data, at, at + 1))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([{"kind": "gru", "units": 4, "bidirectional": True}], "received StackedBothWays as layer 0"),
        ([{"kind": "gru", "units": 4}, {"kind": "attention"}], "received SelfAttention as layer 1"),
    ],
)
def test_what_must_see_the_whole_cannot_stream(tmp_path: Path, layers: list[dict[str, Any]], message: str) -> None:
    bundle, _ = bundled(tmp_path, make.classifier, layers)
    with pytest.raises(ModelError, match=message):
        Stream(bundle)


def test_what_rests_on_the_last_value_cannot_stream(tmp_path: Path) -> None:
    bundle, _ = bundled(tmp_path, make.forecaster, [{"kind": "gru", "units": 4}], relative_to="last")
    with pytest.raises(ModelError, match="which takes every step relative to the last one"):
        Stream(bundle, key="north", static={"area": 1.0})


def test_a_row_is_complete_and_comes_before_an_answer(tmp_path: Path) -> None:
    bundle, _ = bundled(tmp_path, make.classifier, [{"kind": "rnn", "units": 4}])
    stream = Stream(bundle)
    with pytest.raises(DataError, match="an answer rests on at least one row"):
        stream.output()
    for row in ({"v1": 1.0}, {"v1": 1.0, "v2": float("nan")}):
        with pytest.raises(DataError, match="a stream reads complete rows") as caught:
            stream.push(row)
        assert caught.value.column == "v2"
    assert stream.steps == 0


CAUSAL = {"kind": "conv1d", "filters": 3, "kernel": 3, "padding": "causal"}
LAST = {"kind": "gru", "units": 4, "gives": "last"}
SUMMED = {
    "a cell": [LAST, {"kind": "gru", "units": 4}],
    "a place": [LAST, {"kind": "positional"}],
    "a convolution": [{"kind": "pooling", "by": ["max"]}, CAUSAL],
    "another sum": [{"kind": "pooling", "by": ["max"]}, {"kind": "pooling", "by": ["mean", "last"]}],
    "a block": [LAST, {"kind": "residual", "layers": [{"kind": "rnn", "units": 4}]}],
    "in a branch": [{"kind": "parallel", "branches": [[LAST, {"kind": "lstm", "units": 2}], [{**LAST, "units": 3}]]}],
    "behind branches": [
        {"kind": "parallel", "branches": [[LAST], [{**LAST, "units": 3}]]},
        {"kind": "rnn", "units": 4},
    ],
}


@pytest.mark.parametrize("behind", SUMMED)
def test_what_reads_a_sum_of_all_rows_begins_anew_with_every_row(tmp_path: Path, behind: str) -> None:
    bundle, data = bundled(tmp_path, make.classifier, SUMMED[behind])
    (batch,) = batches(data, examples_of(data, PartOf.test), torch.arange(1), 1, classes=bundle.classes)
    start, module, stream = int(examples_of(data, PartOf.test).start[0]), bundle.module(), Stream(bundle)
    memory = module.layers.start(1)
    for length, row in enumerate(rows_of(data, start, start + int(batch.lengths[0])), start=1):
        stream.push(row)
        shorter = type(batch)(
            inputs=batch.inputs[:, :length], lengths=torch.tensor([length]), index=batch.index, padded=False
        )
        torch.testing.assert_close(stream.output(), module(shorter)[0], rtol=0, atol=2e-6)
        shown, memory = module.layers.step(batch.inputs[:, length - 1], memory)
        torch.testing.assert_close(shown, module.layers(shorter.inputs)[0][:, -1], rtol=0, atol=2e-6)


@pytest.mark.parametrize("kind", ["decoder", "crf"])
def test_a_head_that_looks_at_earlier_rows_cannot_stream(tmp_path: Path, kind: str) -> None:
    made, more = (make.tagger, {"loss": {"kind": kind}}) if kind == "crf" else (make.forecaster, {})
    layers = [{"kind": "gru", "units": 4}]
    fields = {**more, "head": {"kind": kind}} | ({"relative_to": "none"} if kind == "decoder" else {})
    bundle, _ = bundled(tmp_path, made, layers, **fields)
    with pytest.raises(ModelError, match=f"received the head `{kind}`, which looks at the rows before it too"):
        Stream(bundle, key="north", static={"area": 1.0})


def shortened(keep: str) -> Callable[[], tuple[AnyModel, DataSet]]:
    def made() -> tuple[AnyModel, DataSet]:
        model, data = make.classifier()
        return model, encoded(data, ({"kind": "longest", "steps": 2, "keep": keep},))

    return made


def test_rows_beyond_the_longest_are_not_read_and_counted(tmp_path: Path) -> None:
    bundle, _ = bundled(tmp_path, shortened("first"), [{"kind": "gru", "units": 4}])
    rows, stream = rows_of(make.classifier()[1], 0, 5), Stream(bundle)
    for row in rows[:2]:
        stream.push(row)
    answer = stream.output()
    for row in rows[2:]:
        stream.push(row)
    assert torch.equal(stream.output(), answer)
    assert (stream.steps, stream.cut) == (5, 3)


def test_the_last_rows_are_known_at_the_end_alone(tmp_path: Path) -> None:
    bundle, _ = bundled(tmp_path, shortened("last"), [{"kind": "gru", "units": 4}])
    with pytest.raises(
        ModelError, match=r"which are known at the end of a sequence; train with `encode.longest.keep: f"
    ):
        Stream(bundle)
