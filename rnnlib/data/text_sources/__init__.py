"""Sources of text: whole files, lines, tokens in columns, tokens in files beside each other."""

from rnnlib.data.text_sources.conll import Conll
from rnnlib.data.text_sources.lines import Lines
from rnnlib.data.text_sources.parallel import Parallel
from rnnlib.data.text_sources.text import Text

__all__ = ["Conll", "Lines", "Parallel", "Text"]
