"""The truths of single steps, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float64, Int64, Shaped
from torch import Tensor

from rnnlib.data.batching.gather import as_tensor, padded_rows
from rnnlib.data.dataset import DataSet
from rnnlib.data.tags import tag_ids, tag_values
from rnnlib.errors import DataError


@dataclass(frozen=True, eq=False)
class StepTags:
    """The truths of single steps; `values` are what stands for the classes, none where tags are numbers."""

    tags: Float64[Tensor, "rows tags"]
    values: Float64[Tensor, " class"] | None
    column: str
    classes: tuple[str, ...] | None

    @classmethod
    def of(cls, data: DataSet, classes: tuple[str, ...] | None) -> StepTags:
        """The tags of a data set; `classes` are those that a model tells apart."""
        assert data.tags is not None, "there are tags"
        values = None if classes is None else tag_values(data, classes)
        return cls(as_tensor(data.tags), values, data.about.tags[0], classes)

    def batch(
        self, start: Int64[Tensor, " batch"], length: Int64[Tensor, " batch"]
    ) -> tuple[Shaped[Tensor, "batch time ..."], Bool[Tensor, "batch time ..."]]:
        """The tags of each example, 0 where there is none, and where there is one."""
        tags = padded_rows(self.tags, start, length)
        inside = torch.arange(tags.shape[1]) < length[:, None]
        observed = ~torch.isnan(tags) & inside[..., None]
        if self.values is None:
            return tags.nan_to_num_(nan=0.0).float(), observed
        found = tag_ids(tags[..., 0], observed[..., 0], self.values)
        if bool((found < 0).any()):
            known = ", ".join((self.classes or ())[:12])
            rule = f"a tag of these steps is none of the {len(self.values)} classes of the train part ({known})"
            raise DataError(f"{rule}: add such steps to train, or take them out", column=self.column)
        return found, observed[..., 0]
