"""Numbers, spans and names as people read them."""

from __future__ import annotations

import math
from datetime import timedelta

from markupsafe import Markup, escape

BASELINES = {
    "model": "model",
    "naive": "naive",
    "seasonal_naive": "seasonal naive",
    "drift": "drift",
    "majority": "most frequent class",
    "frequency": "frequencies of the train part",
    "mean": "mean",
}
METRICS = {
    "mae": "MAE",
    "mse": "MSE",
    "rmse": "RMSE",
    "mape": "MAPE",
    "smape": "sMAPE",
    "wql": "WQL",
    "coverage": "coverage",
    "mase": "MASE",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "nll": "negative log-likelihood",
}


def named(word: str) -> str:
    """A metric or a baseline as it is written in a sentence."""
    return METRICS.get(word) or BASELINES.get(word) or word.replace("_", " ")


def started(words: str) -> str:
    """Words at the start of a sentence; `sMAPE` stays as it is."""
    return words if words[1:2].isupper() else words[:1].upper() + words[1:]


def number(value: object) -> str:
    """Four significant digits, thousands apart; a dash where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.3g}"
    digits = max(0, 3 - (math.floor(math.log10(abs(value))) if value else 0))
    return f"{value:,.{min(digits, 6)}f}"


def span(seconds: float) -> str:
    """`0.4 s`, `41 s`, `2 min 5 s`, `1 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(whole.seconds, 60)
    hours, minutes = whole.days * 24 + minutes // 60, minutes % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def coded(text: str) -> Markup:
    """A message with what stands between backticks set as code; all else is escaped."""
    plain, *rest = text.split("`")
    out = escape(plain)
    for place, piece in enumerate(rest):
        odd = place % 2 == 0
        closed = place + 1 < len(rest)
        out += Markup("<code>{}</code>").format(piece) if odd and closed else ("`" if odd else "") + piece
    return out


def size(count: int) -> str:
    """`312 KB`, `1.4 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 0.1):.{0 if count >= 1e4 else 1}f} KB"


def counted(count: int, word: str) -> str:
    """`1 window`, `2,284 windows`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
