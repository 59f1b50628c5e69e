"""Reads the contract under openapi/ and makes from it what must not be written by hand:
the bundled document, the server's structs and operation table, the SDK's models and resources."""
