"""What a model must know of the data before it can be built."""

from __future__ import annotations

from pydantic import Field

from rnnlib.layer import Flow, Tokens
from rnnlib.part import Facts

_MOST = 10**6


class Shape(Facts):
    """The sizes of a batch. It is stored with the model, which cannot be rebuilt without it."""

    inputs: int = Field(..., ge=1, le=_MOST, description="columns fed at every step")
    future: int = Field(0, ge=0, le=_MOST, description="columns known over the horizon")
    static: int = Field(0, ge=0, le=_MOST, description="values known of a whole sequence")
    horizon: int | None = Field(None, ge=1, le=_MOST, description="steps to forecast")
    targets: int | None = Field(None, ge=1, le=_MOST, description="columns to forecast")
    context: int | None = Field(None, ge=1, le=_MOST, description="steps that a forecast rests on")
    classes: int | None = Field(None, ge=1, le=_MOST, description="classes to tell apart")
    tags: int | None = Field(None, ge=1, le=_MOST, description="columns of truths that every step has")
    target_columns: tuple[int, ...] = Field((), description="where the columns to forecast stand among the inputs")
    tokens: tuple[Tokens, ...] = Field((), description="the inputs that are tokens: name, place, how many there are")
    future_tokens: tuple[Tokens, ...] = Field((), description="the same of the columns known over the horizon")
    static_tokens: tuple[Tokens, ...] = Field((), description="the same of the values known of a whole sequence")

    frame: tuple[int, int, int] | None = Field(None, description="height, width and channels of frames of pixels")

    def flow(self) -> Flow:
        """What the lowest layer stands on."""
        return Flow(width=self.inputs, steps=self.context, horizon=self.horizon, tokens=self.tokens, frame=self.frame)
