"""What a source gives becomes a data set: rows of tables, texts and arrays, each by the roles of its columns.

Whatever is wrong with the data is refused with its file, column and row, or repaired as the section says; every repair
is counted in `about.repairs`. Missing values stay missing here: they are filled within each part, after the split.
"""

from rnnlib.data.loading.files import load
from rnnlib.data.loading.from_arrays import arrays_to_dataset
from rnnlib.data.loading.from_tables import frame_to_dataset

__all__ = ["arrays_to_dataset", "frame_to_dataset", "load"]
