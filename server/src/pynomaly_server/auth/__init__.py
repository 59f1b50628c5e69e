"""Who calls, and what they may do: API keys, the principal behind each, and the check of scopes.

`admission` and the controllers are the only parts that know HTTP.
"""
