"""What augmentations work on: a batch of stretches of time, with all that must move when its steps do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Bool, Float32, Float64, Int64
from torch import Tensor
from torch.nn.functional import pad

from rnnlib.data.about import About, Holds
from rnnlib.data.times.made import Made


@dataclass(frozen=True)
class WindowColumns:
    """What the columns of windows are, in their order."""

    holds: tuple[Holds, ...]
    roles: tuple[str, ...]
    words: Mapping[int, tuple[str, ...]]
    """What the tokens of a column stand for, by its position."""
    frame: tuple[int, int, int] | None = None

    @classmethod
    def of(cls, about: About) -> WindowColumns:
        """The columns of a data set; what is made of the times is known as what is known ahead is: it stays."""
        made = Made.model_validate(about.made).names
        words = {at: about.words[column.name] for at, column in enumerate(about.columns) if column.name in about.words}
        holds = tuple(one.holds for one in about.columns)
        roles = tuple("future" if one.name in made else one.role for one in about.columns)
        return cls(holds, roles, words, about.frame)


@dataclass(frozen=True, eq=False)
class Windows:
    """A batch of stretches of time, in model units.

    The first `context` steps are input; a forecaster's horizon follows them, so that what moves the input moves the
    truth too. Beyond `lengths` (whole sequences) all is padding and stays 0. `absent` tells which inputs have no value,
    `observed` which targets of the horizon have one. A mixed label is `share` times `label`, the rest `beside`.
    """

    values: Float32[Tensor, "batch time feature"]
    context: int
    lengths: Int64[Tensor, " batch"] | None = None
    columns: WindowColumns | None = None
    """None where all hold numbers and move freely."""
    absent: Bool[Tensor, "batch time feature"] | None = None
    observed: Bool[Tensor, "batch horizon target"] | None = None
    static: Float32[Tensor, "batch statics"] | None = None
    label: Int64[Tensor, " batch"] | Float32[Tensor, " batch"] | None = None
    beside: Int64[Tensor, " batch"] | None = None
    share: Float32[Tensor, " batch"] | None = None
    tags: Tensor | None = None
    tags_observed: Tensor | None = None

    @property
    def sizes(self) -> Int64[Tensor, " batch"]:
        """The steps of each window."""
        batch, time, _ = self.values.shape
        return torch.full((batch,), time) if self.lengths is None else self.lengths

    @property
    def valid(self) -> Bool[Tensor, "batch time"]:
        """Which steps are no padding."""
        return torch.arange(self.values.shape[1]) < self.sizes[:, None]

    @property
    def last(self) -> Float64[Tensor, "batch 1"]:
        """The place of each window's last step."""
        return (self.sizes - 1).double()[:, None]

    def holding(self, kinds: Collection[Holds]) -> Bool[Tensor, " feature"]:
        """The columns that hold one of these."""
        if self.columns is None:
            return torch.full((self.values.shape[2],), "numbers" in kinds)
        return torch.tensor([one in kinds for one in self.columns.holds], dtype=torch.bool)

    def having(self, *roles: str) -> Bool[Tensor, " feature"]:
        """The columns that have one of these roles; none where they are not known."""
        if self.columns is None:
            return torch.zeros(self.values.shape[2], dtype=torch.bool)
        return torch.tensor([one in roles for one in self.columns.roles], dtype=torch.bool)

    def valued(
        self, values: Float32[Tensor, "batch time feature"], on: Bool[Tensor, " feature"] | None = None
    ) -> Windows:
        """With other values, in the columns that are marked; what the future is known to bring stays as it is."""
        free = ~self.having("future")
        return replace(self, values=torch.where(free if on is None else free & on, values, self.values))

    def taken(self, steps: Int64[Tensor, "batch time"]) -> Windows:
        """Step t becomes step `steps[t]`, whole: its values, their gaps, its tags."""
        return replace(
            self,
            values=_steps(self.values, steps),
            absent=None if self.absent is None else _steps(self.absent, steps),
            tags=None if self.tags is None else _steps(self.tags, steps),
            tags_observed=None if self.tags_observed is None else _steps(self.tags_observed, steps),
        )

    def at(self, places: Float64[Tensor, "batch time"]) -> Windows:
        """Step t becomes what stands at `places[t]`: between two steps a number is on the line between them.

        Where one of the two has no value, there is none; tokens and tags are those of the nearer step.
        """
        places = places.clamp(min=0).minimum(self.last)
        below = places.floor()
        above = (below + 1).minimum(self.last)
        weight = (places - below).to(self.values.dtype)[..., None]
        low, high = (_steps(self.values, steps.long()) for steps in (below, above))
        moved = self.taken((places + 0.5).floor().minimum(self.last).long())
        on_line = self.holding(("numbers", "samples", "pixels"))
        values = torch.where(on_line, torch.lerp(low, high, weight), moved.values)
        absent = moved.absent
        if self.absent is not None and absent is not None:
            either = _steps(self.absent, below.long()) | (_steps(self.absent, above.long()) & (weight > 0))
            absent = torch.where(on_line, either, absent)
        return replace(moved, values=values, absent=absent)

    def others(self, of: Int64[Tensor, " batch"]) -> Windows:
        """The windows `of[i]`, each brought to the length of window i by linear interpolation."""
        chosen: dict[str, Any] = {
            name: value[of]
            for name, value in vars(self).items()
            if isinstance(value, Tensor)  # the batch comes first in each
        }
        partner = replace(self, **chosen)
        if self.lengths is None:
            return partner
        own, theirs = self.last, partner.last
        there = partner.at(torch.arange(self.values.shape[1]) * (theirs / own.clamp(min=1)))
        return replace(there, lengths=self.lengths)

    def labelled(self, partner: Windows, share: Float32[Tensor, " batch"]) -> Windows:
        """With `share` of the own label, the rest a partner's: numbers are averaged, classes stand side by side."""
        if self.label is None:
            return self
        assert partner.label is not None, "a partner is of the same batch"
        if self.label.is_floating_point():
            return replace(self, label=torch.lerp(partner.label, self.label, share))
        return replace(self, beside=partner.label, share=share)

    def padded(self, time: int) -> Windows:
        """On a time axis that is at least so long."""
        more = time - self.values.shape[1]
        if more <= 0:
            return self
        names = ("values", "absent", "tags", "tags_observed")
        longer: dict[str, Any] = {
            name: _longer(value, more) for name in names if (value := getattr(self, name)) is not None
        }
        return replace(self, context=time, lengths=self.sizes, **longer)

    def where(self, chosen: Bool[Tensor, " batch"], other: Windows) -> Windows:
        """`other` where a window is chosen, itself elsewhere; no value stands in padding, nor where there is none."""
        time = max(self.values.shape[1], other.values.shape[1])
        own, other = self.padded(time), other.padded(time)
        if other.share is not None and own.share is None:
            own = replace(own, beside=own.label, share=torch.ones(len(own.values)))
        if other.lengths is not None and own.lengths is None:
            own = replace(own, lengths=own.sizes)
        made = replace(other, **{name: _either(chosen, getattr(own, name), new) for name, new in vars(other).items()})
        steps: dict[str, Any] = {
            name: value.masked_fill(~made.valid.view(*value.shape[:2], *[1] * (value.dim() - 2)), 0)
            for name in ("values", "absent", "tags", "tags_observed")
            if (value := getattr(made, name)) is not None
        }
        if made.absent is not None:
            steps["values"] = steps["values"].masked_fill(steps["absent"], 0)
        return replace(made, **steps)


def _steps(values: Tensor, steps: Int64[Tensor, "batch time"]) -> Tensor:
    if values.dim() == 2:
        return values.gather(1, steps)
    return values.gather(1, steps[..., None].expand(-1, -1, values.shape[2]))


def _longer(values: Tensor, more: int) -> Tensor:
    return pad(values, (0, more) if values.dim() == 2 else (0, 0, 0, more))


def _either(chosen: Bool[Tensor, " batch"], own: Any, other: Any) -> Any:
    if own is other or not isinstance(other, Tensor):
        return other
    return torch.where(chosen.view(-1, *[1] * (other.dim() - 1)), other, own)
