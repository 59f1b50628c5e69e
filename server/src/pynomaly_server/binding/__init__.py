"""Ties handlers to the contract's operations: routes, parameters, bodies, scopes, media types and replies.

A handler is an async method named after its operationId; everything HTTP that the contract says is done here, once.
"""
