"""Tables: bytes of every accepted media type in, typed and checked frames and matrices out.

Knows polars and NumPy; knows nothing of HTTP, SQL or detectors.
"""
