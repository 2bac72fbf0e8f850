"""`rnn generate`: a text that appears as it is drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from flows.cli.specs import AsJson


def generate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="models:/NAME@ALIAS, models:/NAME/VERSION or a folder")],
    *,
    seed_text: Annotated[str, typer.Option("--seed-text", help="what the text begins with")] = "",
    length: Annotated[int, typer.Option("--length", min=1, max=1_000_000, help="the most tokens to write")] = 500,
    temperature: Annotated[
        float, typer.Option("--temperature", min=0, max=100, help="below 1: likely, above: surprising; 0: no chance")
    ] = 1.0,
    top_k: Annotated[
        int | None, typer.Option("--top-k", min=1, max=10_000_000, help="draw from so many tokens at most")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option("--top-p", min=0, max=1, help="draw from the fewest tokens that make this share")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed draws the same text")] = 0,
    stream: Annotated[bool, typer.Option("--stream/--no-stream", help="print every token as it comes")] = True,
    json: AsJson = False,
) -> None:
    """Write a text with a language model: a token at a time, each drawn from what comes before it."""
    from flows.cli.printing import as_json, err
    from flows.generate import writer as opened
    from rnnlib.errors import Refused
    from rnnlib.sampling import Sampling

    if top_p == 0:
        raise Refused("`--top-p` keeps tokens that make a share above 0: received 0; use 0.9, or `--temperature 0`")
    writer = opened(model)
    unknown = writer.read(seed_text)
    pieces = writer.write(length, Sampling(temperature=temperature, top_k=top_k, top_p=top_p), seed)
    if json:
        text = "".join(pieces)
        as_json({"seed_text": seed_text, "text": text, "ended": writer.ended, "unknown": unknown, "seed": seed})
        return
    if unknown:
        shown = ", ".join(repr(one) for one in unknown[:8])
        err.print(f"{len(unknown)} of the seed text's tokens are unknown to the model: {shown}")
    _print(seed_text, pieces if stream else ["".join(pieces)])


def _print(begun: str, pieces: Iterable[str]) -> None:
    """The text as it comes, without any colour: what is read from a pipe is the text, and a line's end behind it."""
    sys.stdout.write(begun)
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()
    sys.stdout.write("\n")
