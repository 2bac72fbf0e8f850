"""Which step of one sequence stands for which of another."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def alignment(cost: Float[Tensor, "batch time time"], sizes: Int64[Tensor, " batch"]) -> tuple[Tensor, Tensor, Tensor]:
    """Dynamic time warping of many pairs at once: rows, columns and lengths of the cheapest paths, [batch, 2 time − 1].

    D(i, j) = cost(i, j) + min(D(i − 1, j − 1), D(i − 1, j), D(i, j − 1)), from (0, 0) to (n − 1, n − 1); computed by
    antidiagonals, on which nothing rests on anything else. Behind a path's end its last cell is repeated.
    Source: Sakoe and Chiba 1978, doi:10.1109/TASSP.1978.1163055.
    """
    batch, time, _ = cost.shape
    row, never = torch.arange(time), float("inf")
    nothing = cost.new_full((batch, time), never)
    before, last, moves = nothing, nothing, []
    for diagonal in range(2 * time - 1):
        column = diagonal - row
        inside = (column >= 0) & (column < time)
        here = cost[:, row, column.clamp(0, time - 1)].masked_fill(~inside, never)
        ways = torch.stack([_below(before), _below(last), last])  # from (i − 1, j − 1), (i − 1, j), (i, j − 1)
        if diagonal == 0:
            ways[0, :, 0] = 0
        best = ways.min(0)
        moves.append(best.indices)
        before, last = last, here + best.values
    return _traced(torch.stack(moves), sizes)


def _below(values: Tensor) -> Tensor:
    return torch.cat([values.new_full((len(values), 1), float("inf")), values[:, :-1]], 1)


def _traced(
    moves: Int64[Tensor, "diagonal batch time"], sizes: Int64[Tensor, " batch"]
) -> tuple[Tensor, Tensor, Tensor]:
    diagonals, batch, _ = moves.shape
    each = torch.arange(batch)
    i, j, rows, columns = sizes - 1, sizes - 1, [], []
    count = torch.ones_like(sizes)
    for _ in range(diagonals):
        rows.append(i)
        columns.append(j)
        move, going = moves[i + j, each, i], (i + j) > 0
        count = count + going
        i, j = i - (going & (move != 2)).long(), j - (going & (move != 1)).long()
    back = (count[:, None] - 1 - torch.arange(diagonals)).clamp(min=0)  # the path was walked from its end
    return torch.stack(rows, 1).gather(1, back), torch.stack(columns, 1).gather(1, back), count
