"""Sources of arrays: NumPy, MATLAB, and the archive of UCR and UEA."""
