"""What a model looks at: the weights of every module of it that attends, example by example."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jaxtyping import Float64
from numpy import ndarray
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError
from rnnlib.layers.attending import Attends, watching


@dataclass(frozen=True)
class AttentionWeights:
    """The weights of one module; those of a case are as long as its sequence, and sum to one over the last axis."""

    axes: tuple[str, ...]
    """`step` of the module's sequence, `column` of what it reads, `head`, `ahead`: a step of the horizon."""
    cases: dict[int, Float64[ndarray, "*axes"]] = field(default_factory=dict)


def attention_weights(
    module: nn.Module, shown: Callable[[], Iterable[tuple[Batch, Tensor]]]
) -> dict[str, AttentionWeights]:
    """The weights by the module's name (`layers.1`, `head`) while `shown` calls `module` on batches.

    Raises `ModelError` where nothing in the model attends.
    """
    attending = {name: one for name, one in module.named_modules() if isinstance(one, Attends)}
    if not attending:
        rule = "only a model with attention has weights to look at"
        raise ModelError(f"{rule}: this one has none; add a layer such as `attention_pooling`, or the head `decoder`")
    found = {name: AttentionWeights(one.axes) for name, one in attending.items()}
    with watching(module) as seen:
        for batch, _ in shown():
            for name, calls in seen.items():
                weights, lengths = calls[-1]
                for place, case in enumerate(batch.index.tolist()):
                    steps = None if lengths is None else int(lengths[place])
                    cut = tuple(slice(steps) if axis == "step" else slice(None) for axis in found[name].axes)
                    found[name].cases[case] = weights[place][cut].double().numpy()
            seen.clear()
    return found
