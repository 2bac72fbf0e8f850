"""How many windows a second: gathered batches beside a DataLoader that takes one item at a time."""

import time

import numpy as np
import polars as pl
import torch

from rnnlib.data.about import About, Column
from rnnlib.data.batches import batches, examples_of
from rnnlib.data.dataset import DataSet, PartOf

CONTEXT, HORIZON, SIZE = 96, 24, 256


def panel(rows=30_000):
    names = (("y", "target"), ("z", "target"), ("p", "past"), ("f", "future"))
    return DataSet(
        about=About(
            columns=tuple(Column(name=name, role=role) for name, role in names),
            window={"context": CONTEXT, "horizon": HORIZON, "stride": 1},
        ),
        raw=np.random.default_rng(0).normal(size=(rows, 4)),
        offsets=np.array([0, rows]),
        sequences=pl.DataFrame({"key": ["all"]}),
    )


class OneByOne(torch.utils.data.Dataset):
    def __init__(self, data, start):
        self.values, self.start = torch.from_numpy(data.values), start

    def __len__(self):
        return len(self.start)

    def __getitem__(self, number):
        start = int(self.start[number])
        ahead = self.values[start + CONTEXT : start + CONTEXT + HORIZON]
        return self.values[start : start + CONTEXT], ahead[:, :2], ahead[:, 3:]


def pace(make, count):
    begun = time.perf_counter()
    assert sum(1 for _ in make()) == count // SIZE
    return count / (time.perf_counter() - begun)


if __name__ == "__main__":
    data = panel()
    examples = examples_of(data, PartOf.train)
    order = torch.randperm(len(examples))[: 64 * SIZE]
    one_by_one = OneByOne(data, examples.start[order])
    ours = max(pace(lambda: batches(data, examples, order, SIZE), len(order)) for _ in range(5))
    loader = max(pace(lambda: torch.utils.data.DataLoader(one_by_one, SIZE), len(order)) for _ in range(2))
    print(f"batches: {ours:,.0f} windows/s; a DataLoader, one item at a time: {loader:,.0f} windows/s")
