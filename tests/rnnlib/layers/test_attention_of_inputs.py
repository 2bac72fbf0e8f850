"""Attention over inputs, over time, and as pooling: against NumPy, and weights that can be watched."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import Attention, AttentionPooling, InputAttention, Stack, TimeAttention
from rnnlib.layers.attending import watching
from rnnlib.layers.scores import Additive, AnyScore, Multiplicative
from tests.rnnlib.families import members

STEPS, WIDTH = 6, 3
LENGTHS = torch.tensor([6, 1, 4])


def shaken(module: nn.Module) -> nn.Module:
    torch.manual_seed(5)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.6)
    return module.double()


def inputs() -> torch.Tensor:
    torch.manual_seed(6)
    return torch.randn(3, STEPS, WIDTH, dtype=torch.float64)


def arrays(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in module.named_parameters()}


@pytest.mark.parametrize("form", ["dot", "scaled", "general"])
def test_multiplicative_scores(form: Any) -> None:
    module = shaken(Multiplicative(form=form).build(WIDTH, WIDTH))
    query, key = inputs()[:, :2], inputs()
    matrix = arrays(module).get("matrix.weight", np.eye(WIDTH)) / (np.sqrt(WIDTH) if form == "scaled" else 1)
    expected = np.einsum("baq,qk,btk->bat", query.numpy(), matrix, key.numpy())
    np.testing.assert_allclose(module(query, key).detach(), expected, atol=1e-12)


def test_additive_scores() -> None:
    module = shaken(Additive(units=4).build(2, WIDTH))
    query, key, w = torch.randn(3, 2, 2, dtype=torch.float64), inputs(), arrays(module)
    asked = query.numpy() @ w["query.weight"].T + w["query.bias"]
    expected = np.tanh(asked[:, :, None] + (key.numpy() @ w["key.weight"].T)[:, None]) @ w["vector"]
    np.testing.assert_allclose(module(query, key).detach(), expected, atol=1e-12)


def test_every_score_has_a_proof_of_every_field() -> None:
    fields = {
        (kind, name) for kind, score in members(AnyScore).items() for name in score.model_fields if name != "kind"
    }
    assert fields == {("additive", "units"), ("multiplicative", "form")}
    assert Additive(units=5).build(2, 3).vector.shape == (5,)
    with pytest.raises(ModelError, match="received queries of 2 and keys of 3 values; use `form: general`"):
        Multiplicative(form="scaled").build(2, 3)


@pytest.mark.parametrize("query", ["last", "learned"])
@pytest.mark.parametrize("score", [Additive(units=4), Multiplicative(form="scaled")])
def test_pooling_is_a_weighted_mean(score: Any, query: Any) -> None:
    module, x = shaken(AttentionPooling(score=score, query=query).build(Flow(WIDTH))), inputs()
    made, after = module(x, LENGTHS)
    assert (made.shape, after) == ((3, 1, WIDTH), None)
    for number, length in enumerate(LENGTHS.tolist()):
        asks = module.query if query == "learned" else x[number, length - 1]
        scores = module.score(asks[None, None], x[number : number + 1, :length])[0, 0].detach().numpy()
        np.testing.assert_allclose(made[number, 0].detach(), softmax(scores) @ x[number, :length].numpy(), atol=1e-12)


@pytest.mark.parametrize("shared", [False, True])
def test_time_attention_is_permute_dense_multiply(shared: bool) -> None:
    module, x = shaken(TimeAttention(shared=shared).build(Flow(WIDTH, STEPS))), inputs()
    made, _ = module(x, LENGTHS)
    w = arrays(module)
    for number, length in enumerate(LENGTHS.tolist()):
        window = np.zeros((STEPS, WIDTH))
        window[:length] = x[number, :length]
        share = softmax((window.T @ w["affine.weight"].T + w["affine.bias"])[:, :length], axis=1)
        share = np.broadcast_to(share.mean(axis=0), share.shape) if shared else share
        np.testing.assert_allclose(made[number, :length].detach(), share.T * window[:length], atol=1e-12)


def test_input_attention_chooses_by_the_state_before() -> None:
    module, x = shaken(InputAttention(units=4).build(Flow(WIDTH, STEPS))), inputs()
    made, chosen, w = module(x, LENGTHS)[0], module.weights(x, LENGTHS), arrays(module)
    for number, length in enumerate(LENGTHS.tolist()):
        window = np.zeros((STEPS, WIDTH))
        window[:length] = x[number, :length]
        state = tuple(torch.zeros(1, 4, dtype=torch.float64) for _ in range(2))
        for t in range(length):
            known = torch.cat(state, dim=1)[0].detach().numpy()
            driven = w["state.weight"] @ known + w["state.bias"]
            scores = [w["vector"] @ np.tanh(driven + w["column.weight"] @ window[:, k]) for k in range(WIDTH)]
            share = softmax(np.array(scores))
            np.testing.assert_allclose(chosen[number, t].detach(), share, atol=1e-12)
            output, state = module.lstm.step(torch.from_numpy(share * window[t])[None], state)
            np.testing.assert_allclose(made[number, t].detach(), output[0].detach(), atol=1e-12)


@pytest.mark.parametrize("layer", [TimeAttention(), InputAttention(units=4)])
def test_weights_for_every_step_need_windows_of_one_length(layer: Any) -> None:
    assert layer.after(Flow(WIDTH)).steps is None
    with pytest.raises(ModelError, match="these sequences differ in length: use it in a forecaster, or `attention`"):
        layer.build(Flow(WIDTH))


@pytest.mark.parametrize("causal", [False, True])
def test_the_weights_of_self_attention_are_torchs(causal: bool) -> None:
    module = shaken(Attention(heads=2, causal=causal).build(Flow(4)))
    theirs = nn.MultiheadAttention(4, 2, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([module.query.weight, module.key.weight, module.value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([module.query.bias, module.key.bias, module.value.bias]))
    x = torch.randn(3, STEPS, 4, dtype=torch.float64)
    padded = None if causal else torch.arange(STEPS) >= LENGTHS[:, None]
    future = torch.ones(STEPS, STEPS, dtype=torch.bool).triu(1) if causal else None
    given = {"key_padding_mask": padded, "attn_mask": future, "average_attn_weights": False}
    _, expected = theirs(x, x, x, **given)
    torch.testing.assert_close(module.weights(x, None if causal else LENGTHS), expected, rtol=0, atol=1e-12)


def test_weights_are_watched_wherever_they_stand_and_not_after() -> None:
    layers = (TimeAttention(), Attention(heads=1), AttentionPooling())
    stack = Stack(layers, Flow(WIDTH, STEPS)).double().eval()
    with watching(stack) as seen:
        stack(inputs(), LENGTHS)
        stack(inputs(), LENGTHS)
    stack(inputs(), LENGTHS)
    assert {name: len(calls) for name, calls in seen.items()} == {"0": 2, "1": 2, "2": 2}
    assert [tuple(seen[name][0][0].shape) for name in "012"] == [(3, 3, 6), (3, 1, 6, 6), (3, 6)]
    assert torch.equal(seen["1"][0][1], LENGTHS)
