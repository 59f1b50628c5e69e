"""The tag `algorithms`: what the engine's registry offers, as the contract describes it.

Reads the registry only; there is nothing to store.
"""
