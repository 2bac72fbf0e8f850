"""One self-contained HTML page per run: what was asked, what came out, and how to get it again."""
