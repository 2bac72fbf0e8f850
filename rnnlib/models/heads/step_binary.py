"""One logit for every column that may be true, at every step."""

from __future__ import annotations

from typing import ClassVar, Literal

from jaxtyping import Bool, Float, Int64
from torch import Tensor

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.models.heads.step_head import Decoded, StepHead, StepLogits
from rnnlib.models.losses import Loss
from rnnlib.models.shape import Shape


class StepBinary(StepHead):
    """A logit for every column of tags at every step: any number of them may be true at once (multi-label).

    logits_t = W [h_t, static] + b,  p_tk = σ(logits_tk)

    Source: Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv:1206.6392 (the RNN baseline over piano rolls).
    """

    gives: ClassVar[str] = "binary_logits"
    kind: Literal["step_binary"] = "step_binary"

    def width(self, shape: Shape) -> int:
        """The number of columns of tags, for one step; raises `ModelError` where there is none."""
        if shape.tags is None:
            rule = "every step is told whether each column of `tags` is true"
            raise ModelError(f"{rule}: received none; name them in the roles of `load`")
        return shape.tags

    def build(self, before: Flow, shape: Shape) -> StepLogits:
        """The module: [batch, time, tag]."""
        return StepLogits(before.known + shape.static, self.width(shape))

    def compared(
        self,
        loss: Loss,
        output: Float[Tensor, "batch time tag"],
        truth: Float[Tensor, "batch time tag"],
        observed: Bool[Tensor, "batch time tag"],
    ) -> tuple[Float[Tensor, ""], Int64[Tensor, ""]]:
        """The loss over all steps, each as a case of its own."""
        return loss.sums(output.flatten(0, 1), truth.flatten(0, 1), observed.flatten(0, 1))

    def decoded(self, output: Float[Tensor, "batch time tag"]) -> Decoded:
        """Which columns are more probably true than not, and the probabilities."""
        return Decoded((output > 0).long(), output.sigmoid())
