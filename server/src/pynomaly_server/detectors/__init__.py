"""The engine: arrays and parameters in, fitted detectors, calibrated scores and explanations out.

Knows NumPy, SciPy and scikit-learn; knows nothing of HTTP, SQL, Celery, settings or tables.
"""
