"""Every optimizer against its equations, written by hand in NumPy (float64), for five steps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from rnnlib.part import Family
from rnnlib.training.optimizers import SGD, Adam, AnyOptimizer, Optimizer, RMSprop

Array = np.ndarray[Any, np.dtype[np.float64]]
STEPS = 5
START = np.array([1.5, -0.7, 0.02])
GRADIENTS = np.random.default_rng(3).normal(size=(STEPS, 3)) * np.array([1.0, 10.0, 1e-4])


def adam(o: Adam) -> Array:
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t, gradient in enumerate(GRADIENTS, start=1):
        g = gradient + o.weight_decay * w
        m = o.beta1 * m + (1 - o.beta1) * g
        v = o.beta2 * v + (1 - o.beta2) * g**2
        w = w - o.learning_rate * (m / (1 - o.beta1**t)) / (np.sqrt(v / (1 - o.beta2**t)) + o.epsilon)
    return w


def rmsprop(o: RMSprop) -> Array:
    w, v, b = START.copy(), np.zeros(3), np.zeros(3)
    for gradient in GRADIENTS:
        g = gradient + o.weight_decay * w
        v = o.decay * v + (1 - o.decay) * g**2
        b = o.momentum * b + o.learning_rate * g / np.sqrt(v + o.epsilon)
        w = w - b
    return w


def sgd(o: SGD) -> Array:
    w, b = START.copy(), np.zeros(3)
    for step, gradient in enumerate(GRADIENTS):
        g = gradient + o.weight_decay * w
        b = g if step == 0 else o.momentum * b + g
        w = w - o.learning_rate * ((g + o.momentum * b) if o.nesterov else b)
    return w


CASES: list[tuple[Optimizer, Callable[[Any], Array]]] = [
    (Adam(), adam),
    (Adam(learning_rate=0.1, beta1=0.5, beta2=0.9, epsilon=1e-2, weight_decay=0.3), adam),
    (Adam(beta1=0.0), adam),
    (RMSprop(), rmsprop),
    (RMSprop(learning_rate=0.1, decay=0.5, epsilon=1e-2, momentum=0.9, weight_decay=0.3), rmsprop),
    (SGD(), sgd),
    (SGD(learning_rate=0.1, momentum=0.9), sgd),
    (SGD(learning_rate=0.1, momentum=0.9, nesterov=True, weight_decay=0.3), sgd),
]


def stepped(optimizer: Optimizer) -> Array:
    weight = torch.nn.Parameter(torch.tensor(START))
    unused = torch.nn.Parameter(torch.ones(2))
    build = optimizer.build([weight, unused])
    for gradient in GRADIENTS:
        weight.grad = torch.tensor(gradient)
        build.step()
    assert torch.equal(unused, torch.ones(2)), "a weight without a gradient stays"
    return weight.detach().numpy()


@pytest.mark.parametrize(("optimizer", "by_hand"), CASES, ids=lambda case: repr(case) if hasattr(case, "kind") else "")
def test_five_steps_follow_the_equations(optimizer: Optimizer, by_hand: Callable[[Any], Array]) -> None:
    np.testing.assert_allclose(stepped(optimizer), by_hand(optimizer), rtol=1e-12, atol=1e-15)


def test_the_cases_cover_the_whole_family() -> None:
    members = Family("optimizer").members(AnyOptimizer.__origin__)  # type: ignore[attr-defined]
    assert {type(optimizer) for optimizer, _ in CASES} == set(members.values())


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        (Adam(), {"learning_rate": 0.5, "beta1": 0.1, "beta2": 0.1, "epsilon": 0.1, "weight_decay": 0.5}),
        (RMSprop(), {"learning_rate": 0.5, "decay": 0.1, "epsilon": 0.1, "momentum": 0.5, "weight_decay": 0.5}),
        (SGD(momentum=0.5), {"learning_rate": 0.5, "momentum": 0.1, "nesterov": True, "weight_decay": 0.5}),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_no_option_is_accepted_and_ignored(base: Optimizer, changes: dict[str, Any]) -> None:
    assert set(changes) == set(type(base).model_fields) - {"kind"}
    for field, value in changes.items():
        assert not np.array_equal(stepped(base.model_copy(update={field: value})), stepped(base)), field


def test_keras_own_example_of_rmsprop() -> None:
    # keras.optimizers.RMSprop's docstring: learning rate 0.1, var1 = 10, loss = var1²/2, one step -> 9.683772
    weight = torch.nn.Parameter(torch.tensor(10.0))
    optimizer = RMSprop(learning_rate=0.1).build([weight])
    (weight**2 / 2).backward()
    optimizer.step()
    assert weight.item() == pytest.approx(9.683772, abs=1e-6)


def test_nesterov_without_a_momentum_is_refused() -> None:
    with pytest.raises(ValidationError, match="only with a momentum, received momentum 0"):
        TypeAdapter(AnyOptimizer).validate_python({"kind": "sgd", "nesterov": True})


@pytest.mark.parametrize("field", ["learning_rate", "epsilon"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_sizes_are_bounded(field: str, value: float) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AnyOptimizer).validate_python({"kind": "adam", field: value})


@pytest.mark.parametrize("optimizer", [case[0] for case in CASES], ids=repr)
def test_state_goes_through_its_dictionary_and_back(optimizer: Optimizer) -> None:
    def run(break_after: int | None) -> torch.Tensor:
        weight = torch.nn.Parameter(torch.tensor(START, dtype=torch.float32))
        build = optimizer.build([weight])
        for step, gradient in enumerate(GRADIENTS):
            if step == break_after:
                state = build.state_dict()
                weight = torch.nn.Parameter(weight.detach().clone())
                build = optimizer.build([weight])
                build.load_state_dict(state)
            weight.grad = torch.tensor(gradient, dtype=torch.float32)
            build.step()
        return weight.detach()

    assert torch.equal(run(None), run(2))
