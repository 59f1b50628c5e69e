"""Who did what: a log per tenant whose entries are chained by hashes, so that tampering shows.

`noting` writes it, the controller shows it, the command line verifies it.
"""
