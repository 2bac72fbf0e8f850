"""What can be wrong with data: 32 classes, five variants of each."""
