"""Labels that callers give for scored rows, and what they say of a version and its threshold."""
