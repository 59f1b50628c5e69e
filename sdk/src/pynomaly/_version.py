"""The version of this distribution, also sent to the server in `User-Agent`."""

__version__ = "0.1.0"
