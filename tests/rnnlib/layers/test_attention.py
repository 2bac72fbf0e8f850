"""Self-attention against its equation by hand and against torch's own module."""

import numpy as np
import pytest
import torch
from torch import nn

from rnnlib.errors import ModelError
from rnnlib.layer import Flow
from rnnlib.layers import Attention
from rnnlib.layers.attention import SelfAttention


def built(heads: int, causal: bool = False) -> SelfAttention:
    torch.manual_seed(1)
    module = Attention(heads=heads, causal=causal).build(Flow(8)).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)
    return module


def by_hand(module: SelfAttention, x: np.ndarray, length: int) -> np.ndarray:
    """One sequence, one head and one step at a time."""
    maps = {name: getattr(module, name) for name in ("query", "key", "value", "output")}
    weight = {name: m.weight.detach().numpy() for name, m in maps.items()}
    bias = {name: m.bias.detach().numpy() for name, m in maps.items()}
    q, k, v = (x @ weight[name].T + bias[name] for name in ("query", "key", "value"))
    size = x.shape[1] // module.heads
    y = np.zeros_like(x)
    for t in range(length):
        seen = range(t + 1) if module.causal else range(length)
        joined = []
        for head in range(module.heads):
            part = slice(head * size, (head + 1) * size)
            scores = np.array([q[t, part] @ k[s, part] / np.sqrt(size) for s in seen])
            shares = np.exp(scores) / np.exp(scores).sum()
            joined.append(sum(share * v[s, part] for share, s in zip(shares, seen, strict=True)))
        y[t] = x[t] + weight["output"] @ np.concatenate(joined) + bias["output"]
    return y


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 8])
def test_it_is_its_equation(heads: int, causal: bool) -> None:
    module = built(heads, causal)
    x, lengths = torch.randn(3, 6, 8, dtype=torch.float64), torch.tensor([6, 1, 4])
    y = module(x, lengths)[0].detach().numpy()
    for number, length in enumerate(lengths.tolist()):
        expected = by_hand(module, x[number].numpy(), length)
        np.testing.assert_allclose(y[number, :length], expected[:length], rtol=0, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_it_is_torchs_with_a_residual_outputs_and_gradients(causal: bool) -> None:
    module = built(2, causal)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([module.query.weight, module.key.weight, module.value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([module.query.bias, module.key.bias, module.value.bias]))
        theirs.out_proj.load_state_dict(module.output.state_dict())
    x, lengths = torch.randn(3, 6, 8, dtype=torch.float64), torch.tensor([6, 2, 4])
    padded = torch.arange(6) >= lengths[:, None]
    future = torch.ones(6, 6, dtype=torch.bool).triu(1) if causal else None
    ours_in, theirs_in = x.clone().requires_grad_(), x.clone().requires_grad_()
    ours_out, _ = module(ours_in, lengths)
    theirs_out = theirs_in + theirs(theirs_in, theirs_in, theirs_in, key_padding_mask=padded, attn_mask=future)[0]
    upstream = torch.randn(3, 6, 8, dtype=torch.float64).masked_fill(padded[..., None], 0)
    (ours_out * upstream).sum().backward()
    (theirs_out * upstream).sum().backward()
    torch.testing.assert_close(ours_out[~padded], theirs_out[~padded], rtol=0, atol=1e-12)
    torch.testing.assert_close(ours_in.grad, theirs_in.grad, rtol=0, atol=1e-11)


def test_without_lengths_every_step_is_valid() -> None:
    module, x = built(2), torch.randn(3, 6, 8, dtype=torch.float64)
    torch.testing.assert_close(module(x)[0], module(x, torch.tensor([6, 6, 6]))[0], rtol=0, atol=1e-13)


def test_a_causal_step_sees_nothing_later() -> None:
    x = torch.randn(1, 6, 8, dtype=torch.float64)
    later = x.clone()
    later[:, 4:] += 1
    assert torch.equal(built(2, causal=True)(x)[0][:, :4], built(2, causal=True)(later)[0][:, :4])
    assert not torch.equal(built(2)(x)[0][:, :4], built(2)(later)[0][:, :4])


def test_dropout_is_for_training_only() -> None:
    module, x = Attention(heads=2, dropout=0.5).build(Flow(8)), torch.randn(2, 5, 8)
    assert not torch.equal(module(x)[0], module(x)[0])
    assert torch.equal(module.eval()(x)[0], module(x)[0])


def test_the_width_must_divide_by_the_heads() -> None:
    rule = r"attention deals its 12 inputs out to its heads evenly: received 5 heads; use one of 1, 2, 3, 4, 6, 12"
    with pytest.raises(ModelError, match=rule) as caught:
        Attention(heads=5).after(Flow(12))
    assert caught.value.at == ("heads",)
    with pytest.raises(ModelError):
        Attention(heads=5).build(Flow(12))
    assert Attention(heads=4).after(Flow(12)).width == 12
    assert Attention(heads=5).after(Flow(None)).width is None
