"""Who calls, and what they may do: API keys, the principal behind each, and the check of scopes.

The middleware is the only part that knows HTTP.
"""
