"""Detection: tables and an algorithm's name in, calibrated and explained anomalies out.

The controller speaks HTTP, the service decides, the pipeline ties tables to detectors.
"""
