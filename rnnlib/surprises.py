"""How little a language model expected the tokens of texts."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray
from torch import Tensor, nn

from rnnlib.arranged import arranged
from rnnlib.bundle import Bundle
from rnnlib.data.batching.batch import Batch
from rnnlib.data.batching.batches import Source
from rnnlib.data.batching.windows import Examples
from rnnlib.data.dataset import DataSet
from rnnlib.data.rows import offsets_of
from rnnlib.data.transforms import transformed
from rnnlib.errors import DataError
from rnnlib.training.reading_on import read_on, told
from rnnlib.training.streams import reads_on


def surprises(
    bundle: Bundle, module: nn.Module, data: DataSet, examples: Examples, at_once: int
) -> Float64[ndarray, " token"]:
    """−log p of the token behind every step of the examples, in nats, in their order.

    Stretches are read on, each from where the one before it ended, where the model was trained on stretches and its
    layers can; else each example is read from its own start. Raises `DataError` where there is none.
    """
    if len(examples) == 0:
        raise DataError("there is nothing to tell: give at least one text of two tokens or more")
    about = bundle.about
    shown = transformed(arranged(data, about), about.transforms).with_about(window=about.window)
    source = Source.of(shown, examples, bundle.classes)
    on = about.window is not None and reads_on(module)
    given = read_on(module, source, examples, _as_it_is) if on else told(module, source, at_once, _as_it_is)
    first = offsets_of(examples.length)
    found = np.empty(first[-1])
    for batch, output in given:
        assert batch.tags is not None, "the source knows the next tokens"
        for index, length, logits, tokens in zip(
            batch.index.tolist(), batch.lengths.tolist(), output, batch.tags, strict=True
        ):
            found[first[index] : first[index + 1]] = _nats(logits[:length], tokens[:length])
    return found


def _nats(logits: Tensor, tokens: Tensor) -> Float64[ndarray, " step"]:
    shares = torch.log_softmax(logits.double(), dim=1)
    nats: Float64[ndarray, " step"] = -shares.gather(1, tokens[:, None])[:, 0].numpy()
    return nats


def _as_it_is(_number: int, batch: Batch) -> Batch:
    return batch
