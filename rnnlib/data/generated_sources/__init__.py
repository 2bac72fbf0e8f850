"""Sources that make their data: known tests of what a network can remember and foresee."""
