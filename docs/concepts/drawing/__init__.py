"""The pictures of the concept pages: one function each, named after its page."""
