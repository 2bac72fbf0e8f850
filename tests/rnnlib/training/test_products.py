import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rnnlib.training.numerics import numerics
from rnnlib.training.products import ERROR, float32_products, multiplying, product_error

REPORT = """
import torch
from rnnlib.training.numerics import numerics
from rnnlib.training.products import float32_products, multiplying, product_error
with multiplying("medium"):
    through = product_error()
with numerics(1):
    trained = product_error()
print(through, trained, float32_products())
"""


def of_processor(most: str | None) -> tuple[float, float, str]:
    """The error of oneDNN's products with instructions up to `most`, that of training's, and what it chose."""
    environment = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    limit = {} if most is None else {"ONEDNN_MAX_CPU_ISA": most}
    command = [sys.executable, "-c", REPORT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**environment, **limit})
    through, trained, choice = done.stdout.split()
    return float(through), float(trained), choice


@pytest.mark.parametrize("most", [None, "AVX2", "AVX512_CORE", "AVX512_CORE_AMX"])
def test_training_never_loses_float32_and_takes_onednn_where_that_keeps_it(most: str | None) -> None:
    through, trained, choice = of_processor(most)
    assert trained < ERROR
    assert choice == ("medium" if through < ERROR else "highest")


def test_a_product_that_rounds_closes_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlib.training.products.product_error", lambda: 2e-3)
    assert float32_products.__wrapped__() == "highest"
    monkeypatch.setattr("rnnlib.training.products.product_error", lambda: 3e-7)
    assert float32_products.__wrapped__() == "medium"


def test_bfloat16_is_told_from_float32() -> None:
    a, b = torch.randn(512, 512), torch.randn(512, 512)
    exact = a.double() @ b.double()
    rounded = (a.bfloat16() @ b.bfloat16()).double()
    assert (rounded - exact).norm() / exact.norm() > 100 * ERROR
    with multiplying("highest"):
        assert product_error() < ERROR


def test_what_was_set_is_put_back() -> None:
    before = torch.get_float32_matmul_precision()
    with numerics(1):
        assert torch.get_float32_matmul_precision() == float32_products()
    assert torch.get_float32_matmul_precision() == before
