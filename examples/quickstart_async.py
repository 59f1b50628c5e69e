"""First calls with asyncio, against the server that `make serve` (or `pynomaly serve`) keeps running here."""

import asyncio
from pathlib import Path

from pynomaly import AsyncPynomalyClient

PAYMENTS = Path(__file__).parent / "transactions.csv"
ALGORITHMS = ("isolation_forest", "local_outlier_factor", "ecod")


async def main() -> None:
    """Ask three algorithms at once, then run a job."""
    async with AsyncPynomalyClient() as client:
        results = await asyncio.gather(
            *(client.detect_anomalies(PAYMENTS, algorithm=name, contamination=0.01) for name in ALGORITHMS)
        )
        for name, result in zip(ALGORITHMS, results, strict=True):
            print(f"{name:<22}", [row.row for row in result.anomalies(5)])

        job = await client.batch_detect(data_sources=[PAYMENTS], contamination=0.01)
        await job.wait(timeout=120, progress=True)
        anomalies = [row async for row in job.iter_results(only="anomalies")]
        print(len(anomalies), "anomalies in", job.job_id)


asyncio.run(main())
