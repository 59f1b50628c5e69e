"""Neural networks: trained with torch, which the extra `deep` installs; scored without it.

Each algorithm has its module; `training.py` is where torch is used, `dense.py` what remains of a network.
"""
