"""How often a caller may call: token buckets shared through Valkey, with local ones for when it is away.

`senders` is the only part that knows HTTP.
"""
