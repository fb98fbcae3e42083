"""Small networks in NumPy, with and without batch norm: run forward at their start, and trained, many in one call."""
