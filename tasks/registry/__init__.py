"""Versions in MLflow's registry: how they are made, who may carry an alias, and how they are looked up."""
