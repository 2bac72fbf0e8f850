"""The step that turns texts into tokens, and other raw sequences into what models read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import AnySpectrum, AnyTokenizer, Categories, Encoder, FrameSize, Longest, Spelling, encoded
from rnnlib.data.encoders.longest import CUT
from rnnlib.data.encoders.spelling import CUT as LETTERS_CUT
from rnnlib.data.encoders.spelling import of_a_word
from rnnlib.data.encoders.unknown import unknown_shares
from rnnlib.data.holdout import intact, sealed
from rnnlib.errors import Refused, misplaced
from tasks.augment import Augment
from tasks.base import Complaint, Lineage, Parts, Slot, Task, Value, Work
from tasks.load import Load
from tasks.store import Stored

FIELDS = ("spelling", "text", "categorical", "audio", "frames", "longest")
"""What can be encoded, in the order in which it is done."""

_AFTERWARDS = "augmentations change what `encode` gives, and these were named for what it takes"


class Encode(Task):
    """Turns texts into tokens: what is counted is counted in the train part alone, and travels with the model."""

    takes: ClassVar[Mapping[str, Slot]] = {"parts": Slot(Parts)}
    gives: ClassVar[type[Value]] = Parts

    task: Literal["encode"] = "encode"
    spelling: Spelling | None = Field(None, description="how the letters of words are put beside them")
    text: AnyTokenizer | None = Field(None, description="how a text becomes tokens")
    categorical: Categories | None = Field(None, description="how categories become tokens: past, future, static ones")
    audio: AnySpectrum | None = Field(None, description="how a recording becomes frames of features")
    frames: FrameSize | None = Field(None, description="how large frames become, and whether in grey")
    longest: Longest | None = Field(None, description="where sequences are cut; they are not where this is left out")

    @model_validator(mode="after")
    def _encodes_something(self) -> Self:
        if not self.encoders():
            raise misplaced(f"`encode` needs something to encode, received none: name one of {', '.join(FIELDS)}")
        return self

    def encoders(self) -> dict[str, Encoder]:
        """The encoders by their field, in order."""
        return {name: one for name in FIELDS if (one := getattr(self, name)) is not None}

    def review(self, name: str, lineage: Lineage) -> Iterator[Complaint]:
        """What the data does not hold, and augmentations of what this replaces."""
        for step, section in lineage.sections.items():
            if isinstance(section, Augment):
                yield Complaint(name, (), f"{_AFTERWARDS}: put `{step}` behind it")
        load = lineage.latest(Load)
        if load is None:
            return
        for field, there in (("text", load[1].roles.text), ("categorical", load[1].categories)):
            if getattr(self, field) is not None and not there:
                rule = f"`{field}` is encoded where a column has that role, and the roles of `{load[0]}` name none"
                yield Complaint(name, (field,), f"{rule}: name it, or leave this out")

    def perform(self, inputs: Mapping[str, Stored], at: Path, _work: Work) -> None:
        """Fits on train rows and writes the encoded sequences."""
        data = intact(DataSet.open(inputs["parts"].path))
        if data.about.augment:
            raise Refused(f"{_AFTERWARDS}: put `augment` behind it")
        for field, encoder in self.encoders().items():
            try:
                state = encoder.fit(data)
                data = encoded(data, (state.model_dump(mode="json"),))
            except Refused as error:
                error.at = (field, *error.at)
                raise
        data = sealed(data)  # every row became another, by what was fitted on train alone
        data.save(at, like=inputs["parts"].path)
        (at / "summary.json").write_text(json.dumps(_summary(data), indent=1))


def _summary(data: DataSet) -> dict[str, str | int]:
    sizes = {f"{name} (tokens)": len(words) for name, words in data.about.words.items() if not of_a_word(name)}
    unknown = {f"{name} (unknown)": shares for name, shares in unknown_shares(data).items()}
    cut = {name: data.about.repairs[name] for name in (*CUT, LETTERS_CUT) if name in data.about.repairs}
    return {"rows": data.rows, "longest": int(data.lengths.max()), **sizes, **unknown, **cut}
