"""Flows: a spec becomes a chain of tasks here and nowhere else; the command line stands here too."""
