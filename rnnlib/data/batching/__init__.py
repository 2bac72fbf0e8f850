"""From a data set to batches: which examples there are, which of them stand together, and how rows are copied."""
