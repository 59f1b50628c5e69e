"""Ties handlers to the contract's operations: routes, parameters, bodies, media types and replies.

A handler is an async method marked with its operationId; what the contract says of HTTP is done here, once.
"""
