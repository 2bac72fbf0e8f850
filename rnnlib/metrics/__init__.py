"""Scores, the baselines beside them, and the cases that both are computed over; one concept per file."""
