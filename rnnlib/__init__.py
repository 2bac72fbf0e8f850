"""rnnlib: cells, layers, windows, loops and bundles for sequence models; worth importing alone."""

__version__ = "0.1.0"
