"""One logit for every class, at every step."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from pydantic import Field
from torch import Tensor

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.models.heads.step_head import Decoded, StepHead, StepLogits
from rnnlib.models.losses import Loss
from rnnlib.models.shape import Shape


class StepClasses(StepHead):
    """A logit for every class at every step, from that step's state and the static values.

    logits_t = W [h_t, static] + b,  p_t = softmax(logits_t);  tied: W is the table E of the first embedding

    Source: Graves 2012, "Supervised sequence labelling with recurrent neural networks", chapter 3; tied: Press and Wolf
    2017, arXiv:1608.05859.
    """

    gives: ClassVar[str] = "logits"
    kind: Literal["step_classes"] = "step_classes"
    tied: bool = Field(
        False, description="whether W is the table of the first `embedding` layer, whose tokens are then the classes"
    )

    def width(self, shape: Shape) -> int:
        """The number of classes, for one step; raises `ModelError` where there are not two or more."""
        return classes_of_steps(shape)

    def build(self, before: Flow, shape: Shape) -> StepLogits:
        """The module: [batch, time, class]."""
        return StepLogits(before.known + shape.static, self.width(shape))

    def compared(
        self,
        loss: Loss,
        output: Float[Tensor, "batch time class"],
        truth: Int64[Tensor, "batch time"],
        observed: Bool[Tensor, "batch time"],
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss over all steps, each as a case of its own."""
        return loss.sums(output.flatten(0, 1), truth.flatten(), observed.flatten())

    def decoded(self, output: Float[Tensor, "batch time class"]) -> Decoded:
        """The most probable class of every step, and the probabilities."""
        return Decoded(output.argmax(dim=2), output.softmax(dim=2))


def classes_of_steps(shape: Shape) -> int:
    """The classes of the tags; raises `ModelError` where there are not two or more."""
    if shape.classes is None or shape.classes < 2:
        rule = "a tagger tells two or more classes apart"
        raise ModelError(f"{rule}: received {shape.classes}; name a `tags` column with more than one value")
    return shape.classes
