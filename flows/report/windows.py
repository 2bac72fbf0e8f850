"""Which forecast windows a report shows: from the best to the worst, and the latest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

_QUANTILES = (("best", 0.0), ("better than most", 0.25), ("median", 0.5), ("worse than most", 0.75), ("worst", 1.0))


@dataclass(frozen=True)
class Window:
    """One forecast beside its truth: how it ranks, and its lines of `predictions.parquet`, by step."""

    rank: str
    lines: pl.DataFrame

    @property
    def rows(self) -> np.ndarray[Any, Any]:
        """The rows of the horizon in the data set."""
        return self.lines["row"].to_numpy()


def chosen(predictions: pl.DataFrame) -> list[Window]:
    """Windows by their mean absolute error, in units of each series' own spread, and the latest; first target only."""
    lines = predictions.filter(pl.col("column") == predictions["column"][0])
    spread = pl.col("truth").std().over("series").fill_null(1.0)
    error = (pl.col("forecast") - pl.col("truth")).abs() / pl.when(spread > 0).then(spread).otherwise(1.0)
    ranked = (
        lines.with_columns(error=error)
        .group_by("window")
        .agg(pl.col("error").mean(), pl.col("row").max())
        .drop_nulls("error")
        .sort("error", "window")
    )
    if not ranked.height:
        return []
    # the outer ranks last, so that they keep their names where windows are few
    places = {round(share * (ranked.height - 1)): rank for rank, share in sorted(_QUANTILES, key=_from_the_middle)}
    found = dict(sorted(places.items()))
    found.setdefault(int(ranked["row"].arg_max() or 0), "latest")
    windows = ranked["window"]
    return [Window(rank, lines.filter(pl.col("window") == windows[at]).sort("step")) for at, rank in found.items()]


def _from_the_middle(quantile: tuple[str, float]) -> float:
    return abs(quantile[1] - 0.5)
