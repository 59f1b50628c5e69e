"""The tag `system`: health with real checks, the contract as it is served, and its documentation.

Everything here is public and must answer while other parts are down.
"""
