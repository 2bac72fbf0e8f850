"""The tagger."""

from __future__ import annotations

from typing import Literal, Self

from jaxtyping import Float, Int64
from pydantic import Field, model_validator
from torch import Tensor, nn

from rnnlib.data.batching.batch import Batch
from rnnlib.errors import misplaced
from rnnlib.layers import Flow, Stack, flows
from rnnlib.models.base import Model
from rnnlib.models.fitting_loss import FittingLoss
from rnnlib.models.heads import AnyStepHead, Decoded, StepClasses
from rnnlib.models.sequence_model import SequenceModel
from rnnlib.models.shape import Shape
from rnnlib.models.tying import table_at, tie


class Tagger(Model):
    """Reads a sequence and tells something of every step: [batch, time, …].

    With `ahead: n` what it tells at step t is of step t + n: n = 1 is the prediction of the next step.
    """

    kind: Literal["tagger"] = "tagger"
    head: AnyStepHead = Field(StepClasses(), description="what turns the states of a step into what is told of it")
    loss: FittingLoss = Field(
        None, validate_default=True, description="what training makes small; left out: the loss that fits the head"
    )
    ahead: int = Field(
        0, ge=0, le=100_000, description="how many steps later the tag stands; 1 predicts that of the next step"
    )

    @model_validator(mode="after")
    def _steps_keep_their_place(self) -> Self:
        for index, flow in enumerate(flows(self.layers, Flow(None))):
            if not flow.aligned:
                rule = "a tagger tells something of every step, and behind this layer steps stand for others"
                raise misplaced(f"{rule}: received `{self.layers[index].kind}`; take it out", "layers", index)
        return self

    @model_validator(mode="after")
    def _what_is_ahead_is_not_seen(self) -> Self:
        for index, layer in enumerate(self.layers):
            if self.ahead and not layer.one_way:
                rule = f"with `ahead: {self.ahead}` a step must not see those after it, and this layer does"
                received = f"received `{layer.kind}`"
                raise misplaced(f"{rule}: {received}; use a causal, one-way layer", "layers", index)
        if self.ahead and self.head.gives == "potentials":
            rule = "a CRF scores the tags of the steps that it reads, as one sequence"
            raise misplaced(f"{rule}: received `ahead: {self.ahead}`; use 0, or the head `step_classes`", "ahead")
        return self

    @model_validator(mode="after")
    def _what_is_tied_is_there(self) -> Self:
        if self.tied and table_at(self.layers) is None:
            rule = "`tied` makes the table of an embedding the head's kernel, and there is no `embedding` layer"
            received = f"received {', '.join(f'`{layer.kind}`' for layer in self.layers)}"
            raise misplaced(f"{rule}: {received}; add one, or leave `tied` out", "head", "tied")
        return self

    @property
    def tied(self) -> bool:
        """Whether the head's kernel is the table of an embedding: class i is then token i."""
        return isinstance(self.head, StepClasses) and self.head.tied

    def build(self, shape: Shape) -> nn.Module:
        """The module: [batch, time, …], as its head gives it."""
        layers = Stack(self.layers, shape.flow())
        head = self.head.build(layers.flow, shape)
        if self.tied:
            tie(head.affine, self.layers, layers)
        return SequenceModel(layers, head)

    def loss_of(self, output: Float[Tensor, "batch ..."], batch: Batch) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss summed over the steps whose tag is known, and their number."""
        assert batch.tags is not None, "a tagger is trained on batches that hold tags"
        assert batch.tags_observed is not None, "which of them are known comes along"
        steps = max(output.shape[1] - self.ahead, 0)
        told, known = batch.tags[:, self.ahead :], batch.tags_observed[:, self.ahead :]
        return self.head.compared(self.loss, output[:, :steps], told, known)

    def decoded(self, output: Float[Tensor, "batch time ..."]) -> Decoded:
        """What is predicted for every step."""
        return self.head.decoded(output)
