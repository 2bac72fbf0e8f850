"""Texts cut into tokens, drawn."""

import numpy as np
import polars as pl
import torch
from matplotlib.figure import Figure

from drawing.canvas import BLUE, GREY, ORANGE, arrow, box, charts, note, plain
from rnnlib.data.dataset import DataSet
from rnnlib.data.encoders import BytePair, Characters, Encoder, Words
from rnnlib.data.loading import frame_to_dataset
from rnnlib.data.roles import Roles
from rnnlib.layer import Flow
from rnnlib.layers import Spelling

SAID = "the cat sat on the mat"


def _texts(*texts: str) -> DataSet:
    return frame_to_dataset(pl.DataFrame({"said": texts}), Roles(text="said"), file="texts.csv")


def _cut(encoder: Encoder, learned: tuple[str, ...], shown: str) -> tuple[list[str], list[int]]:
    """The tokens of a text, and their numbers, by what was learned from others."""
    data = encoder.fit(_texts(*learned)).apply(_texts(shown))
    numbers = data.raw[:, 0].astype(np.int64).tolist()
    return [data.about.words["said"][number] for number in numbers], numbers


def _row(tokens: list[str], numbers: list[int], width: float, text: str) -> Figure:
    figure, axes = plain(0.6 + sum(width * max(len(token), 2) + 0.12 for token in tokens), 1.6)
    note(axes, (figure.get_figwidth() / 2, 1.42), text, GREY)
    at = 0.3
    for token, number in zip(tokens, numbers, strict=True):
        size = width * max(len(token), 2)
        middle = at + size / 2
        box(axes, (middle, 1.05), token.replace(" ", "␣"), size=(size, 0.36), colour=BLUE if number else ORANGE)
        arrow(axes, (middle, 0.84), (middle, 0.5))
        note(axes, (middle, 0.32), str(number))
        at += size + 0.12
    return figure


def characters() -> Figure:
    """Every character of a text has a number; one that was not seen has 0."""
    tokens, numbers = _cut(Characters(), (SAID,), "the cub")
    return _row(tokens, numbers, 0.28, "learned from “the cat sat on the mat”, shown “the cub”")


def words() -> Figure:
    """Every word has a number; one that was not seen has 0."""
    tokens, numbers = _cut(Words(), (SAID,), "the dog sat on the mat")
    return _row(tokens, numbers, 0.16, "learned from “the cat sat on the mat”, shown “the dog sat on the mat”")


def byte_pair() -> Figure:
    """What is frequent is one token, what is rare is spelled."""
    learned = ("the lower the tower, the lowest the newest tower",) * 3
    tokens, numbers = _cut(BytePair(most=277), learned, "the newer cat")
    readable = [token.replace("Ġ", "␣") for token in tokens]
    return _row(readable, numbers, 0.19, "learned from “the lower the tower, …”, shown “the newer cat”")


def spelling() -> Figure:
    """Convolutions over the letters of a word, and the largest value of each."""
    figure, (left, right) = charts(2, width=6.0, height=2.2)
    word = "spelling"
    torch.manual_seed(4)
    module = Spelling(longest=len(word), letters=28, width=8, filters=6).build(Flow(len(word)))
    letters = torch.tensor([[ord(one) - 95 for one in word]])
    vectors = module.vectors[letters].transpose(1, 2) * 60
    found = torch.tanh(torch.nn.functional.conv1d(vectors, module.kernel, padding=1))[0].detach()
    left.imshow(found, cmap="Blues", aspect="auto", interpolation="none", vmin=-1, vmax=1)
    left.set(xticks=range(len(word)), xticklabels=list(word), yticks=[], ylabel="filter")
    right.barh(range(6), found.amax(dim=1).flip(0), color=ORANGE)
    right.set(yticks=[], xlabel="largest of each", xlim=(0, 1.05))
    return figure
