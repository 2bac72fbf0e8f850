"""Every optimizer against its equations, written by hand in NumPy (float64), and against torch's own."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from rnnlib.training.optimizers import SGD, Adagrad, Adam, AdamW, AnyOptimizer, Optimizer, RMSprop
from tests.rnnlib.families import members

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


def adamw(o: AdamW) -> Array:
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS, start=1):
        w = w - o.learning_rate * o.weight_decay * w
        m = o.beta1 * m + (1 - o.beta1) * g
        v = o.beta2 * v + (1 - o.beta2) * g**2
        w = w - o.learning_rate * (m / (1 - o.beta1**t)) / (np.sqrt(v / (1 - o.beta2**t)) + o.epsilon)
    return w


def adagrad(o: Adagrad) -> Array:
    w, s = START.copy(), np.full(3, o.initial)
    for gradient in GRADIENTS:
        g = gradient + o.weight_decay * w
        s = s + g**2
        w = w - o.learning_rate * g / (np.sqrt(s) + o.epsilon)
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
    (AdamW(), adamw),
    (AdamW(learning_rate=0.1, beta1=0.5, beta2=0.9, epsilon=1e-2, weight_decay=0.3), adamw),
    (Adagrad(), adagrad),
    (Adagrad(learning_rate=0.1, initial=0.1, epsilon=1e-2, weight_decay=0.3), adagrad),
    (RMSprop(), rmsprop),
    (RMSprop(learning_rate=0.1, decay=0.5, epsilon=1e-2, momentum=0.9, weight_decay=0.3), rmsprop),
    (SGD(), sgd),
    (SGD(learning_rate=0.1, momentum=0.9), sgd),
    (SGD(learning_rate=0.1, momentum=0.9, nesterov=True, weight_decay=0.3), sgd),
]
THEIRS: list[tuple[Optimizer, Callable[[Iterable[torch.Tensor]], torch.optim.Optimizer]]] = [
    (Adam(weight_decay=0.3), lambda w: torch.optim.Adam(w, lr=1e-3, weight_decay=0.3)),
    (AdamW(), lambda w: torch.optim.AdamW(w, lr=1e-3, weight_decay=1e-2)),
    (Adagrad(initial=0.1), lambda w: torch.optim.Adagrad(w, lr=1e-2, initial_accumulator_value=0.1)),
    (SGD(momentum=0.9, nesterov=True), lambda w: torch.optim.SGD(w, lr=1e-2, momentum=0.9, nesterov=True)),
]


def stepped(optimizer: Optimizer, dtype: torch.dtype = torch.float64) -> Array:
    theta = torch.tensor(START, dtype=dtype)
    memory = optimizer.start(theta)
    for step, gradient in enumerate(GRADIENTS, start=1):
        optimizer.step(theta, torch.tensor(gradient, dtype=dtype), memory, step, optimizer.learning_rate)
    return theta.double().numpy()


@pytest.mark.parametrize(("optimizer", "by_hand"), CASES, ids=lambda case: repr(case) if hasattr(case, "kind") else "")
def test_five_steps_follow_the_equations(optimizer: Optimizer, by_hand: Callable[[Any], Array]) -> None:
    np.testing.assert_allclose(stepped(optimizer), by_hand(optimizer), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("optimizer", "theirs"), THEIRS, ids=lambda case: getattr(case, "kind", ""))
def test_five_steps_are_those_of_torch(
    optimizer: Optimizer, theirs: Callable[[Iterable[torch.Tensor]], torch.optim.Optimizer]
) -> None:
    weight = torch.nn.Parameter(torch.tensor(START))
    other = theirs([weight])
    for gradient in GRADIENTS:
        weight.grad = torch.tensor(gradient)
        other.step()
    np.testing.assert_allclose(stepped(optimizer), weight.detach().numpy(), rtol=1e-12, atol=1e-15)


def test_the_cases_cover_the_whole_family() -> None:
    assert {type(optimizer) for optimizer, _ in CASES} == set(members(AnyOptimizer).values())


@pytest.mark.parametrize("optimizer", [case[0] for case in CASES], ids=repr)
def test_float32_follows_within_its_own_error(optimizer: Optimizer) -> None:
    np.testing.assert_allclose(stepped(optimizer, torch.float32), stepped(optimizer), rtol=2e-5, atol=1e-7)


COMMON = {"learning_rate": 0.5, "weight_decay": 0.5}
CHANGES: list[tuple[Optimizer, dict[str, Any]]] = [
    (Adam(), {**COMMON, "beta1": 0.1, "beta2": 0.1, "epsilon": 0.1}),
    (AdamW(), {**COMMON, "beta1": 0.1, "beta2": 0.1, "epsilon": 0.1}),
    (Adagrad(), {**COMMON, "initial": 0.1, "epsilon": 0.1}),
    (RMSprop(), {**COMMON, "decay": 0.1, "epsilon": 0.1, "momentum": 0.5}),
    (SGD(momentum=0.5), {**COMMON, "momentum": 0.1, "nesterov": True}),
]


@pytest.mark.parametrize(("base", "changes"), CHANGES, ids=lambda value: getattr(value, "kind", ""))
def test_no_option_is_accepted_and_ignored(base: Optimizer, changes: dict[str, Any]) -> None:
    # `decays` says what of a model decays: that is shown in test_learning
    assert set(changes) == set(type(base).model_fields) - {"kind", "decays"}
    for field, value in changes.items():
        assert not np.array_equal(stepped(base.model_copy(update={field: value})), stepped(base)), field


def test_the_changes_cover_the_whole_family() -> None:
    assert {type(base) for base, _ in CHANGES} == set(members(AnyOptimizer).values())


@pytest.mark.parametrize("optimizer", [case[0] for case in CASES], ids=repr)
def test_what_stands_at_zero_without_a_gradient_stays_there(optimizer: Optimizer) -> None:
    # the gaps between the weights of a flat vector
    theta = torch.zeros(5)
    memory = optimizer.start(theta)
    for step in range(1, 4):
        optimizer.step(theta, torch.zeros(5), memory, step, 0.1)
    assert torch.equal(theta, torch.zeros(5))


def test_keras_own_example_of_rmsprop() -> None:
    # keras.optimizers.RMSprop's docstring: learning rate 0.1, var1 = 10, loss = var1²/2, one step -> 9.683772
    optimizer, weight = RMSprop(learning_rate=0.1), torch.tensor([10.0])
    optimizer.step(weight, weight.clone(), optimizer.start(weight), 1, 0.1)
    assert weight.item() == pytest.approx(9.683772, abs=1e-6)


def test_nesterov_without_a_momentum_is_refused() -> None:
    with pytest.raises(ValidationError, match="only with a momentum, received momentum 0"):
        TypeAdapter(AnyOptimizer).validate_python({"kind": "sgd", "nesterov": True})


@pytest.mark.parametrize("kind", members(AnyOptimizer))
def test_kernels_decay_only_where_something_does(kind: str) -> None:
    with pytest.raises(ValidationError, match="only with a weight decay, received weight_decay 0"):
        TypeAdapter(AnyOptimizer).validate_python({"kind": kind, "decays": "kernels", "weight_decay": 0})


@pytest.mark.parametrize("field", ["learning_rate", "epsilon"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_sizes_are_bounded(field: str, value: float) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AnyOptimizer).validate_python({"kind": "adam", field: value})


@pytest.mark.parametrize("optimizer", [case[0] for case in CASES], ids=repr)
def test_all_that_it_remembers_is_in_its_memory(optimizer: Optimizer) -> None:
    def run(break_after: int | None) -> torch.Tensor:
        theta = torch.tensor(START, dtype=torch.float32)
        memory = optimizer.start(theta)
        for step, gradient in enumerate(GRADIENTS, start=1):
            if step == break_after:
                theta, memory = theta.clone(), {name: tensor.clone() for name, tensor in memory.items()}
            optimizer.step(theta, torch.tensor(gradient, dtype=torch.float32), memory, step, 0.1)
        return theta

    assert torch.equal(run(None), run(3))
