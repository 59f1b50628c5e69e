"""Trained models: a job makes a version, aliases find it, and rows are scored with it.

The controller speaks HTTP, the services decide, the repository knows the tables; `runner` is what workers do.
"""
