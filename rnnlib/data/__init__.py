"""Sequences: sources, roles, splits, windows, normalizers, augmentations. Data knows no models."""
