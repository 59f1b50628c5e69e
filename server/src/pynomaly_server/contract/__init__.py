# Generated from openapi/ by `make generate`; do not edit.
"""The contract as the server knows it: types, operations and the document that it serves.
Everything in this room is generated."""
