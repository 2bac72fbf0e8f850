"""One file per task that a spec can name: its section, and what it does."""
