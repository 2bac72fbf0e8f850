"""Sources that are tables: files of rows, databases."""
