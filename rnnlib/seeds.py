"""Random numbers that never come from a global generator: each draw names its purpose and its place."""

from __future__ import annotations

import hashlib


def derived(seed: int, purpose: str, *numbers: int) -> int:
    """A 63-bit seed for one purpose at one place: `derived(seed, "shuffle", epoch)`.

    The first 63 bits of sha256 over `seed/purpose/numbers`: the same on every machine, and independent of what else
    was drawn before, so that a resumed run draws what the uninterrupted one would have drawn.
    """
    text = "/".join([str(int(seed)), purpose, *(str(int(number)) for number in numbers)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
