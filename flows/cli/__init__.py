"""The command line: `rnn`. Heavy imports happen inside the commands, so that `rnn --help` answers at once."""

from flows.cli.main import main

__all__ = ["main"]
