"""A web service that judges payments as they are made, also while the detection server is away.

    pip install fastapi uvicorn
    uvicorn --app-dir examples fastapi_payments:app

    curl -X POST localhost:8000/payments -H 'Content-Type: application/json' -d '{"customer_id": "C0024",
        "amount": 9400, "merchant_category": "jewellery", "country": "BR", "channel": "online"}'

A payment is compared with the payments before it, which begin with those of `transactions.csv`. The server is
found as by any client: `PYNOMALY_BASE_URL` and `PYNOMALY_API_KEY`, or what `pynomaly serve` has written.
"""

import csv
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from pynomaly import AsyncPynomalyClient, PynomalyError

EARLIER = Path(__file__).parent / "transactions.csv"
REMEMBERED = 500
SECONDS = 2.0  # whoever pays waits at the till


class Payment(BaseModel):
    """A payment to judge."""

    customer_id: str
    amount: float = Field(gt=0, allow_inf_nan=False)
    merchant_category: str | None = None
    country: str
    channel: Literal["online", "card_present", "cash_withdrawal"]


class Verdict(BaseModel):
    """What to do with it.

    Attributes:
        score: In [0, 1]; from 0.5 a payment is reviewed.
        reasons: What stands out, where something does.
        source: `fallback` where the rules of the client judged, because no server answered in time.
    """

    action: Literal["accept", "review"]
    score: float
    reasons: str
    source: Literal["server", "fallback"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the one client of all requests, which so share its connections and its circuit breaker."""
    with EARLIER.open(newline="") as file:
        rows = [Payment.model_validate(_filled(row)).model_dump() for row in csv.DictReader(file)]
    app.state.recent = deque(rows, maxlen=REMEMBERED)
    async with AsyncPynomalyClient(
        timeout=SECONDS, max_retries=1, contamination=0.01, fallback="local"
    ) as client:
        app.state.client = client
        yield


app = FastAPI(title="Payments", lifespan=lifespan)


@app.post("/payments")
async def judge(payment: Payment, request: Request) -> Verdict:
    """Say whether a payment goes through or somebody has to look at it."""
    recent: deque[dict[str, Any]] = request.app.state.recent
    client: AsyncPynomalyClient = request.app.state.client
    rows = [*recent, payment.model_dump()]
    result = await client.detect_anomalies(rows, include_explanations=True)
    row = result.row(len(rows) - 1)
    if not row.prediction:  # what is unusual must not become what is usual
        recent.append(rows[-1])
    return Verdict(
        action="review" if row.prediction else "accept",
        score=row.score,
        reasons=row.reasons(),
        source=result.source,
    )


@app.get("/health")
async def health(request: Request) -> dict[str, Any]:
    """Say where the circuit breakers stand; open ones mean that the fallback judges."""
    client: AsyncPynomalyClient = request.app.state.client
    return {
        "payments_known": len(request.app.state.recent),
        "breakers": {f"{origin} {group}": str(state) for (origin, group), state in client.breakers.items()},
    }


@app.exception_handler(PynomalyError)
async def not_judged(_request: Request, error: PynomalyError) -> JSONResponse:
    """Answer where neither a server nor the fallback may judge: a wrong key, say. It holds no secret."""
    return JSONResponse({"detail": f"The payment was not judged. {error}"}, status_code=503)


def _filled(row: dict[str, str]) -> dict[str, str | None]:
    """An empty cell of a CSV is a missing value."""
    return {name: value or None for name, value in row.items()}
