"""Models that Keras 3 saved."""

from rnnlib.interchange.keras.build import Imported, import_keras
from rnnlib.interchange.keras.file import read_keras

__all__ = ["Imported", "import_keras", "read_keras"]
