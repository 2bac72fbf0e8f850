"""What rnnlib is measured against, and how: benchmarks/README.md."""
