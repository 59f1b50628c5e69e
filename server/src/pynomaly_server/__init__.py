"""Pynomaly's server: anomaly detection over HTTP and in jobs, bound to the contract in `openapi/`."""

__version__ = "0.1.0"
