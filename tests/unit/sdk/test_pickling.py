"""What a program hands from one process to another: configuration, requests and results; errors are with the
errors."""

import pickle

import pytest

from pynomaly import (
    BatchDetectionRequest,
    BreakerPolicy,
    BudgetPolicy,
    CallOptions,
    Content,
    DetectionRequest,
    PostgresqlSecrets,
    RemoteSource,
    ResiliencePolicy,
)
from pynomaly.resilience import PollPolicy, RetryPolicy
from pynomaly.testing import FakeServer

CONFIGURATION = [
    CallOptions(timeout=3.0, max_retries=1, headers={"x-a": "1"}, idempotency_key="k"),
    ResiliencePolicy(BreakerPolicy(consecutive=2), BudgetPolicy(ratio=0.1), 4, 0.5),
    ResiliencePolicy(breaker=None, budget=None),
    RetryPolicy(max_retries=1),
    PollPolicy(hold=1.0),
    Content("text/csv", b"a\n1\n"),
    DetectionRequest(data=[[1.0], [2.0]], algorithm="ecod"),
    BatchDetectionRequest(data_sources=["dts_1"], contamination="auto"),
    RemoteSource(url="s3://b/k", credential_id=f"crd_{'0' * 32}"),
    PostgresqlSecrets(host="h", user="u", password="p"),
]


@pytest.mark.parametrize("value", CONFIGURATION, ids=lambda value: type(value).__name__)
def test_configuration_and_requests_survive_pickling(value):
    assert pickle.loads(pickle.dumps(value)) == value


def test_a_result_survives_pickling_with_the_rows_beside_it():
    rows = [{"a": float(place)} for place in range(9)] + [{"a": 99.0}]
    with FakeServer().client() as client:
        result = client.detect_anomalies(rows)
    copy = pickle.loads(pickle.dumps(result))
    assert copy.model_dump() == result.model_dump()
    assert copy.anomalies()[0].values == {"a": 99.0}
