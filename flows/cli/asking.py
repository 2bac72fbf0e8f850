"""The command that a model is asked with."""

from __future__ import annotations

_NEW = {
    "audio": "NEW.wav",
    "video": "NEW.mp4",
    "frames": "FOLDER",
    "ts": "NEW.ts",
    "npz": "NEW.npz",
    "npy": "NEW.npy",
    "mat": "NEW.mat",
    "conll": "NEW.conll",
}
"""What stands for new data, by what a model reads; a table for all others."""


def asking(model: str, reads: str | None) -> str:
    """The command for `model`, as it is typed; `reads` is `Bundle.reads`, none of a version that does not tell."""
    if reads == "text":
        return f'rnn generate {model} --seed-text "…"'
    return f"rnn predict {model} {_NEW.get(reads or '', 'NEW.csv')} -o out.parquet"
