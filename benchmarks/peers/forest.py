"""Trains the forest that a peer serves, in its environment: forest.py ROWS.npy OUT.joblib pyod|sklearn."""

import sys

import joblib
import numpy as np

rows = np.load(sys.argv[1])
if sys.argv[3] == "pyod":
    from pyod.models.iforest import IForest as Forest
else:
    from sklearn.ensemble import IsolationForest as Forest
joblib.dump(Forest(n_estimators=100, max_samples=256, random_state=0).fit(rows), sys.argv[2])
