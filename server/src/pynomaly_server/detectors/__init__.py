"""The engine: arrays and parameters in, fitted detectors, calibrated scores and explanations out.

Knows NumPy, SciPy and scikit-learn; knows nothing of HTTP, SQL, Celery, settings or tables.
"""

from pynomaly_server.detectors.plugins import BaseAnomalyDetector, register_algorithm

__all__ = ["BaseAnomalyDetector", "register_algorithm"]
