"""A bundle ready to predict: raw columns in, data units out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import polars as pl
import torch
from jaxtyping import Float64, Int64
from numpy import ndarray
from torch import Tensor

from rnnlib.arranged import arranged
from rnnlib.attention_weights import AttentionWeights, attention_weights
from rnnlib.bundle import Bundle
from rnnlib.data.arrays import Arrays
from rnnlib.data.batching.batches import Batch, Examples, batches, examples_before
from rnnlib.data.data_units import exact_ahead, inverted, reach
from rnnlib.data.dataset import DataSet
from rnnlib.data.rows import offsets_of
from rnnlib.data.step_predictions import StepPredictions
from rnnlib.data.transforms import transformed
from rnnlib.errors import DataError, ModelError
from rnnlib.forecasts import Forecasts
from rnnlib.given import arrays_as_trained, table_as_trained
from rnnlib.models import Tagger
from rnnlib.models.heads import DistributionHead
from rnnlib.prediction_tables import TABLES
from rnnlib.surprises import surprises

AT_ONCE = 256
"""Examples in one batch; what is predicted does not depend on it."""


class Predictor:
    """Predicts with one model. It takes and gives data units; the bundle's own transforms lie between."""

    def __init__(self, bundle: Bundle, at_once: int = AT_ONCE) -> None:
        self.bundle = bundle
        self.kind = bundle.model.kind
        self.classes = bundle.classes
        self._module = bundle.module()
        self._at_once = at_once

    def forecast(
        self, data: DataSet, horizon_starts: Int64[ndarray, " case"]
    ) -> Float64[ndarray, "case horizon target"]:
        """The horizons that start at the given rows of `data`, which are not read themselves but for future columns.

        Raises `ModelError` where the data has other columns than the model was trained on or the model is no
        forecaster, `DataError` where a sequence does not hold a whole window. Of a distribution it is the point that
        its head says: the median of quantiles, the mean of counts.
        """
        return self.distribution(data, horizon_starts).values

    def distribution(self, data: DataSet, horizon_starts: Int64[ndarray, " case"]) -> Forecasts:
        """The same forecasts with their quantiles, where the head gives distributions; raises as `forecast` does."""
        examples = self._windows(data, horizon_starts)
        made, head = self._outputs(data, examples), self.bundle.model.head
        in_data_units = partial(
            inverted,
            self.bundle.about.transforms,
            "target",
            data=data,
            sequence=examples.sequence,
            starts=examples.horizon_start,
        )
        if not isinstance(head, DistributionHead):
            return Forecasts(in_data_units(made))
        self._refuse_quantiles_of_sums(made.shape[1])
        # transforms rise, so a quantile in model units is one in data units; they find the columns last
        quantiles = in_data_units(np.moveaxis(head.quantiles(made), -1, 2))
        return Forecasts(in_data_units(head.point(made)), np.moveaxis(quantiles, 2, -1), head.levels)

    def probabilities(self, data: DataSet, sequences: Int64[ndarray, " case"]) -> Float64[ndarray, "case class_"]:
        """The probability of each of `classes`, in their order, for whole sequences; raises as `forecast` does."""
        self._asked("classifier")
        logits = torch.from_numpy(self._outputs(data, _whole(data, sequences)))
        found: Float64[ndarray, "case class_"] = torch.softmax(logits, dim=1).numpy()
        return found

    def values_of(self, data: DataSet, sequences: Int64[ndarray, " case"]) -> Float64[ndarray, " case"]:
        """A number for each of the sequences; raises as `forecast` does."""
        self._asked("regressor")
        made = self._outputs(data, _whole(data, sequences))[:, None]
        return inverted(self.bundle.about.transforms, "label", made, data, sequences)[:, 0]

    def steps_of(self, data: DataSet, sequences: Int64[ndarray, " case"]) -> StepPredictions:
        """What a tagger tells of every step of the sequences; raises as `forecast` does."""
        model = self._asked("tagger").model
        assert isinstance(model, Tagger), "told by its kind"
        best: dict[int, Tensor] = {}
        shares: dict[int, Tensor] = {}
        for batch, output in self._shown(data, _whole(data, sequences)):
            # in float32 a probability is soon 1 to the last bit: then its counterpart would be held to be impossible
            decoded = model.decoded(output.double())
            for at, (case, length) in enumerate(zip(batch.index.tolist(), batch.lengths.tolist(), strict=True)):
                best[case], shares[case] = decoded.best[at, :length], decoded.probabilities[at, :length]
        together = torch.cat([best[case] for case in range(len(best))])
        return StepPredictions(
            offsets=offsets_of(data.lengths[sequences]),
            best=together.reshape(len(together), -1).numpy(),
            probabilities=torch.cat([shares[case] for case in range(len(shares))]).numpy(),
            ahead=model.ahead,
        )

    def surprises(self, data: DataSet, examples: Examples) -> Float64[ndarray, " token"]:
        """−log p of the token behind every step of texts, in nats; raises as `forecast` does."""
        return surprises(self._asked("language_model"), self._module, data, examples, self._at_once)

    def attention_weights(self, data: DataSet, cases: Int64[ndarray, " case"]) -> dict[str, AttentionWeights]:
        """What the model weighs by, for whole sequences, or for the horizons that start at these rows.

        By the name of the module that attends (`layers.1`, `head`), case by case. Raises as `forecast` does, and
        `ModelError` where the model has no attention.
        """
        examples = self._windows(data, cases) if self.kind == "forecaster" else _whole(data, cases)
        return attention_weights(self._module, lambda: self._shown(data, examples))

    def predict(self, frame: pl.DataFrame, *, file: str = "the data") -> pl.DataFrame:
        """Predictions for a table with the columns that the model was trained on, in any order.

        A forecaster gives the rows behind the last known target of every series: series, time, targets, and where its
        head gives distributions their quantiles, `<target>_q10`, …. Others give
        one row per sample: the sample, the label, and for a classifier the probability `p_<class>` of each class. A
        tagger gives a row for every row that it reads: its sample and time (or `step`, from 1), then the tag of that
        step (with `ahead`, of the one so many steps later) and the probability `p_<class>`, or of each column
        whether it is 1 and `p_<column>`. A language model gives a row for every text: its sample, how many tokens were
        told (all but its first), their mean −log p (`nll`, in nats) and its exponential, the `perplexity`. Texts
        without a sample have the number of their `row`, from 1.
        `file` is the name that errors give the table. Raises `DataError`.
        """
        return self._table(table_as_trained(self.bundle, frame, file), file)

    def predict_arrays(self, arrays: Arrays, *, file: str = "the data") -> pl.DataFrame:
        """The same for recordings, frames and other arrays, each sequence under its key; raises as `predict` does."""
        return self._table(arrays_as_trained(self.bundle, arrays, file), file)

    def _table(self, data: DataSet, file: str) -> pl.DataFrame:
        try:
            return TABLES[self.kind](self, data)
        except DataError as error:
            raise error.placed(file=file) from error

    def _windows(self, data: DataSet, horizon_starts: Int64[ndarray, " case"]) -> Examples:
        window = self._asked("forecaster").about.window
        assert window is not None, "a forecaster was trained on windows"
        return examples_before(data, horizon_starts, window["context"], window["horizon"], self.behind)

    @property
    def behind(self) -> int:
        """The rows before a context that its differences rest on."""
        return reach(self.bundle.about.transforms)

    def _refuse_quantiles_of_sums(self, steps: int) -> None:
        ahead = exact_ahead(self.bundle.about.transforms)
        if ahead is not None and steps > ahead:
            rule = "a forecast of differences is summed up, and the quantile of a sum is not the sum of quantiles"
            remedy = "train with the head `point`, or without differences of the target"
            raise ModelError(f"{rule}: quantiles come back for {ahead} steps, received {steps}; {remedy}")

    def _asked(self, kind: str) -> Bundle:
        if self.kind != kind:
            raise ModelError(f"only a {kind} can do this, and the model is a {self.kind}: use the method of its kind")
        return self.bundle

    def _outputs(self, data: DataSet, examples: Examples) -> Float64[ndarray, "case ..."]:
        """What the module gives for each example, in model units, in the order of `examples`."""
        made: dict[int, Tensor] = {}
        for batch, output in self._shown(data, examples):
            made.update(zip(batch.index.tolist(), output, strict=True))
        found: Float64[ndarray, "case ..."] = (
            torch.stack([made[case] for case in range(len(examples))]).double().numpy()
        )
        return found

    def _shown(self, data: DataSet, examples: Examples) -> Iterator[tuple[Batch, Tensor]]:
        """Batches of the examples, and what the module gives for each."""
        if len(examples) == 0:
            raise DataError("there is nothing to predict: give at least one sequence")
        shown = transformed(arranged(data, self.bundle.about), self.bundle.about.transforms)
        for batch in batches(shown, examples, torch.arange(len(examples)), self._at_once, truth=False):
            with torch.inference_mode():
                output = self._module(batch)
            yield batch, output


def _whole(data: DataSet, sequences: Int64[ndarray, " case"]) -> Examples:
    return Examples(data.offsets[sequences], data.lengths[sequences], sequences)
