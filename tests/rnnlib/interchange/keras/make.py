"""Makes the `.keras` files beside this script, and what Keras itself predicts with them (`expected.npz`).

Run where Keras 3.15 is installed, which no test needs: `KERAS_BACKEND=torch python make.py`.
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
FEATURES, STEPS, BATCH, TOKENS = 3, 9, 4, 11


def values(*stack: layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((None, FEATURES)), *stack])


def tokens(*stack: layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((None,)), *stack])


def functional() -> keras.Model:
    x = inputs = keras.Input((STEPS, FEATURES))
    for layer in (layers.GRU(5, return_sequences=True), layers.Dense(4, activation="gelu"), layers.LSTM(3)):
        x = layer(x)
    return keras.Model(inputs, layers.Dense(1)(x))


MODELS = {
    "rnn": values(layers.SimpleRNN(6), layers.Dense(1)),
    "rnn_relu": values(layers.SimpleRNN(6, activation="relu", use_bias=False), layers.Dense(2, use_bias=False)),
    "lstm": values(layers.LSTM(6, return_sequences=True), layers.LSTM(5), layers.Dense(3, activation="softmax")),
    "lstm_other": values(
        layers.LSTM(6, activation="sigmoid", recurrent_activation="hard_sigmoid", unit_forget_bias=False),
        layers.Dense(1),
    ),
    "gru": values(layers.GRU(6), layers.Dense(4, activation="relu"), layers.Dropout(0.3), layers.Dense(1)),
    "gru_before": values(layers.GRU(6, reset_after=False), layers.Dense(1, activation="sigmoid")),
    "bidirectional": values(
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.Dropout(0.2),
        layers.Bidirectional(layers.GRU(3), merge_mode="sum"),
        layers.Dense(2),
    ),
    "bidirectional_rnn": values(layers.Bidirectional(layers.SimpleRNN(4, activation="tanh")), layers.Dense(2)),
    "embedding": tokens(layers.Embedding(TOKENS, 5), layers.LSTM(4), layers.Dense(3, activation="softmax")),
    "masked": tokens(layers.Embedding(TOKENS, 5, mask_zero=True), layers.GRU(4), layers.Dense(1)),
    "steps": values(layers.LSTM(4, return_sequences=True), layers.Dense(3, activation="softmax")),
    "functional": functional(),
    "convolution": values(layers.Conv1D(4, 3), layers.LSTM(3), layers.Dense(1)),
    "backwards": values(layers.LSTM(3, go_backwards=True), layers.Dense(1)),
}


def main() -> None:
    """Writes every file anew."""
    draw = np.random.default_rng(7)
    read = draw.normal(size=(BATCH, STEPS, FEATURES)).astype(np.float32)
    words = draw.integers(1, TOKENS, (BATCH, STEPS)).astype(np.float32)
    masked = words.copy()
    for row, length in enumerate((9, 4, 1, 6)):
        masked[row, length:] = 0
    expected = {"values": read, "tokens": words, "masked_tokens": masked}
    for name, model in MODELS.items():
        for weight in model.weights:  # biases too: zeros would hide where they go
            if "seed" not in weight.path:
                weight.assign(np.asarray(weight) + draw.normal(scale=0.2, size=weight.shape))
        model.save(HERE / f"{name}.keras")
        shown = {"embedding": words, "masked": masked}.get(name, read)
        expected[name] = np.asarray(model.predict(shown, verbose=0))
    np.savez_compressed(HERE / "expected.npz", **expected)


if __name__ == "__main__":
    main()
