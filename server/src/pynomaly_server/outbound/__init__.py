"""Requests to addresses that callers name: sources of data, receivers of webhooks.

Everything that leaves the server for such an address goes through `Guard`, and by its transports over HTTP.
"""
