"""Secrets that a tenant has stored for reading its buckets and databases.

They come in, are sealed, and are opened again only where a worker signs a request or logs in; no answer has
them.
"""
