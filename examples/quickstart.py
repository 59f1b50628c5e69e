"""First calls, against the server that `make serve` (or `pynomaly serve`) keeps running on this machine."""

from pathlib import Path

from pynomaly import PynomalyClient

PAYMENTS = Path(__file__).parent / "transactions.csv"

with PynomalyClient() as client:
    # Rows as they come: lists, dicts, NumPy arrays, pandas or polars frames, or a file.
    readings = [[20.1, 0.31], [19.8, 0.29], [20.4, 0.30], [20.0, 0.33], [19.9, 0.32], [20.2, 0.28]] * 5
    result = client.detect_anomalies([*readings, [35.0, 0.90]])
    print("the last reading:", result.predictions[-1], round(result["scores"][-1], 3))

    # A file with ids, dates, categories, yes and no, and gaps; and why a row stands out.
    result = client.detect_anomalies(PAYMENTS, contamination=0.01, include_explanations=True)
    print(result.anomalies(5))

    # More rows than fit one request: a job, worked on in the background.
    job = client.batch_detect(data_sources=[PAYMENTS], contamination=0.01)
    job.wait(timeout=120, progress=True)
    print(sum(row.prediction for row in job.iter_results()), "anomalies in", job.job_id)
