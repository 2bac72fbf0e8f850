"""Times: read, held to a grid, and what a calendar says of them."""
