"""The language model."""

from __future__ import annotations

from typing import Literal, Self

from jaxtyping import Float, Int64
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import ModelError, misplaced
from rnnlib.layers import Flow, Stack, flows
from rnnlib.models.base import Model
from rnnlib.models.fitting_loss import FittingLoss
from rnnlib.models.heads import AnyTokenHead, StepClasses
from rnnlib.models.losses import ClassLoss
from rnnlib.models.sequence_model import SequenceModel
from rnnlib.models.shape import Shape
from rnnlib.models.tying import table_at, tie


class LanguageModel(Model):
    r"""Reads a text token by token and tells at every step which one comes next: [batch, time, token].

    p(x_1 … x_T) = Π_t p(x_{t+1} | x_1 … x_t),  p(x_{t+1} | …) = softmax(head(layers(x)_t))

    Source: Mikolov et al. 2010, "Recurrent neural network based language model"; Graves 2013, arXiv:1308.0850.
    """

    kind: Literal["language_model"] = "language_model"
    head: AnyTokenHead = Field(StepClasses(), description="what turns the states of a step into a logit for each token")
    loss: FittingLoss = Field(
        None, validate_default=True, description="what training makes small; left out: cross_entropy"
    )

    @model_validator(mode="after")
    def _reads_tokens_one_way_and_in_their_place(self) -> Self:
        for index, flow in enumerate(flows(self.layers, Flow(None))):
            layer = self.layers[index]
            if not layer.one_way:
                rule = "a language model must not see the tokens that it tells, and this layer looks ahead"
                raise misplaced(f"{rule}: received `{layer.kind}`; use a causal, one-way layer", "layers", index)
            if not flow.aligned:
                rule = (
                    "a language model tells the token behind every step, and behind this layer steps stand for others"
                )
                raise misplaced(f"{rule}: received `{layer.kind}`; take it out", "layers", index)
        if table_at(self.layers) is None:
            rule = "tokens are numbers without an order, which an `embedding` layer reads"
            received = f"received {', '.join(f'`{layer.kind}`' for layer in self.layers)}"
            raise misplaced(f"{rule}: {received}; put one first", "layers")
        return self

    @model_validator(mode="after")
    def _reads_a_text_alone(self) -> Self:
        if self.embed:
            rule = "`embed` is for columns of categories beside others, and a language model reads one text"
            raise misplaced(f"{rule}: received {', '.join(self.embed)}; leave it out", "embed")
        return self

    @model_validator(mode="after")
    def _tokens_weigh_alike(self) -> Self:
        if isinstance(self.loss, ClassLoss) and self.loss.class_weights is not None:
            rule = "the probability of a text is that of all its tokens, which weigh alike"
            raise misplaced(f"{rule}: received `class_weights`; leave them out", "loss", "class_weights")
        return self

    def build(self, shape: Shape) -> nn.Module:
        """The module: [batch, time, token]; raises `ModelError` where the data has not one column of tokens."""
        if len(shape.tokens) != 1 or shape.classes != shape.tokens[0].size:
            received = f"received {len(shape.tokens)} such columns and {shape.classes} classes"
            raise ModelError(f"a language model tells the next of one column of tokens: {received}; encode one text")
        layers = Stack(self.layers, shape.flow())
        head = self.head.build(layers.flow, shape)
        if self.head.tied:
            tie(head.affine, self.layers, layers)
        return SequenceModel(layers, head)

    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the steps whose next token is known, and their number."""
        assert batch.tags is not None, "a language model is trained on batches that hold the next tokens"
        assert batch.tags_observed is not None, "which of them are known comes along"
        return self.head.compared(self.loss, output, batch.tags, batch.tags_observed)
