"""The data contract: what the first good load saw, and what later ones are held against."""

from rnnlib.data.contract.columns import column_differences
from rnnlib.data.contract.describing import described
from rnnlib.data.contract.difference import ContractError, Difference, settled
from rnnlib.data.contract.holding import Holding
from rnnlib.data.contract.values import value_differences
from rnnlib.data.seen import Contract, SeenColumn

__all__ = [
    "Contract",
    "ContractError",
    "Difference",
    "Holding",
    "SeenColumn",
    "column_differences",
    "described",
    "settled",
    "value_differences",
]
