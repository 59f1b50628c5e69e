"""The server's secret key, those that were it before, and how one takes the other's place.

Rooms that keep something under the secret key take over what is theirs; this one says in which order.
"""
