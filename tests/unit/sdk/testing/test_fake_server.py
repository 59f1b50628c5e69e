"""The fake server by itself: what it answers, what it refuses, what goes wrong to order."""

import httpx
import pytest

from pynomaly import (
    APIConnectionError,
    APIResponseError,
    APITimeoutError,
    AuthenticationError,
    BadGatewayError,
    CircuitOpenError,
    ConfigurationError,
    ConflictError,
    JobFailedError,
    NotFoundError,
    PynomalyClient,
    RateLimitError,
    ServiceUnavailableError,
    UnprocessableEntityError,
)
from pynomaly._generated.shapes import SHAPES
from pynomaly.testing import ContractError, FakeServer, UnknownBehaviourError
from pynomaly.testing.contract import OPERATIONS

ROWS = [[1.0, 2.0], [1.1, 2.1], [0.9, 1.9], [1.0, 2.2], [1.2, 2.0], [40.0, 90.0]]
JSON, HTML = {"Content-Type": "application/json"}, {"Content-Type": "text/html"}
TABLES = {
    "lists": ROWS,
    "mappings": [{"a": a, "b": b} for a, b in ROWS],
    "columns": {"a": [a for a, _ in ROWS], "b": [b for _, b in ROWS]},
}


class Face:
    """A client of either colour whose calls are awaited."""

    def __init__(self, server: FakeServer, colour: str, **options) -> None:
        self.is_async = colour == "async"
        self.client = server.async_client(**options) if self.is_async else server.client(**options)

    async def __call__(self, verb, *args, **kwargs):
        answer = verb(*args, **kwargs)
        return await answer if self.is_async else answer


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture(params=["async", "sync"])
def make(request, server):
    return lambda **options: Face(server, request.param, **options)


def test_every_operation_of_the_table_has_a_shape():
    assert set(OPERATIONS) == set(SHAPES)


@pytest.mark.parametrize("kind", TABLES)
async def test_the_odd_row_is_found_in_whatever_is_sent(make, server, kind):
    call = make()
    result = await call(call.client.detect_anomalies, TABLES[kind], contamination=1 / 6)
    assert result.predictions == [0, 0, 0, 0, 0, 1]
    assert result.source == "server"
    assert result.algorithm == "isolation_forest"
    server.calls.assert_called("detectAnomalies", times=1, contamination=1 / 6)


@pytest.mark.parametrize("library", ["numpy", "polars", "pandas", "pyarrow"])
async def test_arrays_and_frames_are_read_as_they_were_sent(make, library):
    module = pytest.importorskip(library)
    table = {
        "numpy": lambda: module.array(ROWS),
        "polars": lambda: module.DataFrame(TABLES["columns"]),
        "pandas": lambda: module.DataFrame(TABLES["columns"]),
        "pyarrow": lambda: module.table(TABLES["columns"]),
    }[library]()
    call = make()
    result = await call(call.client.detect_anomalies, table, contamination=1 / 6)
    assert result.predictions == [0, 0, 0, 0, 0, 1]


async def test_confidence_and_explanations_come_where_they_are_asked_for(make):
    call = make()
    plain = await call(call.client.detect_anomalies, ROWS)
    assert plain.confidence is None
    assert plain.explanations is None
    full = await call(call.client.detect_anomalies, ROWS, return_confidence=True, include_explanations=True)
    assert all(0.5 <= value <= 1.0 for value in full.confidence)
    assert full.explain(5)[0].feature in ("x0", "x1")


async def test_a_job_is_queued_runs_and_succeeds_without_a_wait_in_earnest(make, server):
    call = make()
    job = await call(call.client.batch_detect, data_sources=[ROWS], contamination=1 / 6)
    assert job.state == "queued"
    server.clock.advance(1.0)
    assert (await call(job.status)).state == "running"
    result = await call(job.result)
    assert job.state == "succeeded"
    assert result.predictions == [0, 0, 0, 0, 0, 1]
    assert server.clock.monotonic() == pytest.approx(2.5)


async def test_a_job_is_cancelled_once(make):
    call = make()
    job = await call(call.client.batch_detect, data_sources=[ROWS])
    assert (await call(job.cancel)).state == "cancelled"
    with pytest.raises(ConflictError, match="has ended"):
        await call(job.cancel)


async def test_a_job_fails_with_the_problem_that_was_ordered(make, server):
    server.fail_jobs(1, "bad-dataset", "The table is all holes.")
    call = make()
    job = await call(call.client.batch_detect, data_sources=[ROWS])
    with pytest.raises(JobFailedError, match="all holes") as caught:
        await call(job.wait)
    assert caught.value.code == "bad-dataset"


@pytest.mark.parametrize("colour", ["async", "sync"])
async def test_a_table_over_the_limit_becomes_a_job(colour):
    server = FakeServer(max_rows=5)
    call = Face(server, colour)
    result = await call(call.client.detect_anomalies, ROWS, contamination=1 / 6)
    assert result.warnings[-1].code == "ran-as-job"
    assert [each.operation for each in server.calls][:3] == [
        "detectAnomalies",
        "uploadDataset",
        "batchDetect",
    ]


async def test_a_url_is_read_where_the_test_says_what_is_there(make, server):
    server.sources["https://example.com/a.csv"] = ROWS
    call = make()
    job = await call(call.client.batch_detect, data_sources=["https://example.com/a.csv"])
    assert (await call(job.result)).n_rows == 6
    with pytest.raises(UnprocessableEntityError, match=r"server\.sources"):
        await call(call.client.batch_detect, data_sources=["https://example.com/b.csv"])


def test_results_come_in_pages_and_as_files(server, tmp_path):
    with server.client() as client:
        job = client.batch_detect(data_sources=[ROWS * 50], contamination=1 / 6)
        job.wait()
        assert len(list(job.iter_results())) == 300
        page = client.jobs.get_job_result(job.job_id, limit=7)
        assert len(page.items) == 7
        second = client.jobs.get_job_result(job.job_id, limit=7, cursor=page.next_cursor)
        assert second.items[0].row == 7
        for name in ("r.csv", "r.ndjson"):
            lines = job.download(tmp_path / name, only="anomalies").read_text().splitlines()
            assert len(lines) in (50, 51)
        with pytest.raises(UnprocessableEntityError, match="cursor"):
            client.jobs.get_job_result(job.job_id, cursor="bm9uc2Vuc2U=")


def test_the_events_of_a_job_end_with_its_end(server):
    with server.client() as client:
        job = client.batch_detect(data_sources=[ROWS])
        states = [event.data.state for event in client.jobs.stream_job_events(job.job_id)]
    assert states == ["queued", "running", "succeeded"]


def test_datasets_are_kept_listed_and_deleted(server):
    with server.client() as client:
        first = client.upload_dataset(ROWS, name="first")
        second = client.upload_dataset(ROWS[:3])
        listed = client.datasets.list_datasets()
        assert [each.dataset_id for each in listed.items] == [second.dataset_id, first.dataset_id]
        assert client.datasets.get_dataset(first.dataset_id).n_rows == 6
        job = client.batch_detect(data_sources=[first.dataset_id])
        with pytest.raises(ConflictError, match="wait for its end"):
            client.datasets.delete_dataset(first.dataset_id)
        job.wait()
        client.datasets.delete_dataset(first.dataset_id)
        with pytest.raises(NotFoundError):
            client.datasets.get_dataset(first.dataset_id)


def test_the_same_key_makes_one_dataset_and_another_table_under_it_is_refused(server):
    with server.client() as client:
        one = client.upload_dataset(ROWS, idempotency_key="k")
        assert client.upload_dataset(ROWS, idempotency_key="k").dataset_id == one.dataset_id
        with pytest.raises(UnprocessableEntityError) as caught:
            client.upload_dataset(ROWS[:4], idempotency_key="k")
        assert caught.value.code == "idempotency-mismatch"


@pytest.mark.parametrize(("fault", "error"), [(429, RateLimitError), (503, ServiceUnavailableError)])
async def test_a_status_is_answered_as_often_as_was_said(make, server, fault, error):
    server.fail_next(1, fault)
    call = make(max_retries=0)
    with pytest.raises(error):
        await call(call.client.algorithms.get_algorithm, "ecod")
    assert (await call(call.client.algorithms.get_algorithm, "ecod")).name == "ecod"


@pytest.mark.parametrize("fault", [429, 503, 502, "connect", "reset", "timeout", "truncated"])
async def test_the_client_gets_over_faults_and_no_time_passes(make, server, fault):
    server.fail_next(1, fault)
    call = make(timeout=100.0 if fault != "timeout" else 300.0)
    if fault == "timeout":
        with pytest.raises(APITimeoutError):
            await call(call.client.algorithms.get_algorithm, "ecod")
        assert server.clock.monotonic() == pytest.approx(300.0)
        return
    assert (await call(call.client.algorithms.get_algorithm, "ecod")).name == "ecod"
    assert len(server.calls) == 2
    assert server.calls[0].outcome == fault


async def test_retry_after_is_waited_for_on_the_virtual_clock(make, server):
    server.fail_next(1, 429, retry_after=7.0)
    call = make(timeout=60.0)
    await call(call.client.algorithms.get_algorithm, "ecod")
    assert server.clock.slept == [7.0]


async def test_a_deadline_passes_on_the_virtual_clock(make, server):
    server.latency = 3.0
    server.fail_always(503)
    call = make(timeout=5.0)
    with pytest.raises((APITimeoutError, ServiceUnavailableError)):
        await call(call.client.algorithms.get_algorithm, "ecod")
    assert server.clock.monotonic() <= 5.0


async def test_an_answer_slower_than_the_caller_waits_is_a_timeout(make, server):
    server.latency = 30.0
    call = make(timeout=2.0, max_retries=0)
    with pytest.raises(APITimeoutError):
        await call(call.client.algorithms.get_algorithm, "ecod")
    assert server.clock.monotonic() == pytest.approx(2.0)


async def test_the_breaker_opens_and_closes_by_the_virtual_clock(make, server):
    server.fail_always("connect")
    call = make(max_retries=0)
    for _ in range(5):
        with pytest.raises(APIConnectionError):
            await call(call.client.algorithms.get_algorithm, "ecod")
    with pytest.raises(CircuitOpenError):
        await call(call.client.algorithms.get_algorithm, "ecod")
    assert len(server.calls) == 5
    server.recover()
    server.clock.advance(10.0)
    assert (await call(call.client.algorithms.get_algorithm, "ecod")).name == "ecod"


async def test_a_submission_whose_answer_is_lost_makes_one_job(make, server):
    dataset = server.client().upload_dataset(ROWS)
    server.fail_next(2, "truncated", operation="batchDetect")
    call = make()
    await call(call.client.batch_detect, data_sources=[dataset.dataset_id])
    assert len(server.calls.to("batchDetect")) == 3
    assert len(server.client().jobs.list_jobs().items) == 1


async def test_a_stub_answers_in_place_of_the_rules(make, server):
    server.answer("healthCheck", {"status": "degraded", "version": "9", "checks": []}, times=1)
    call = make()
    assert (await call(call.client.health_check)).status == "degraded"
    assert (await call(call.client.health_check)).status == "ok"


def test_a_stub_may_be_a_function_of_the_request(server):
    server.answer("getDataset", lambda asked: dataset_document(asked.parameters["dataset_id"]))
    name = f"dts_{'0' * 32}"
    assert server.client().datasets.get_dataset(name).dataset_id == name


def dataset_document(dataset_id: str) -> dict:
    return {
        "dataset_id": dataset_id,
        "name": None,
        "media_type": "text/csv",
        "size_bytes": 1,
        "n_rows": 1,
        "n_columns": 1,
        "created_at": "2026-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("operation", "answer", "status", "says"),
    [
        ("detectAnomalie", {}, None, "has no operation 'detectAnomalie'"),
        ("getDataset", {"dataset_id": "dts_1"}, None, "/name field required"),
        ("getDataset", dataset_document("x"), 201, "never answers 201"),
        ("deleteDataset", {"deleted": True}, None, "without a body"),
        ("getDataset", {"detail": "no"}, 404, "/type field required"),
    ],
)
def test_a_stub_that_no_server_could_answer_is_refused(server, operation, answer, status, says):
    with pytest.raises(ContractError, match=says):
        server.answer(operation, answer, status=status)


@pytest.mark.parametrize(
    ("count", "fault", "options", "says"),
    [
        (1, 418, {}, "No problem has the status 418"),
        (1, "melted", {}, "is no fault"),
        (0, 503, {}, "1 call or more"),
        (1, 429, {"code": "overloaded"}, "has not the status 429"),
        (1, 503, {"operation": "nothing"}, "has no operation"),
        (1, 410, {"operation": "healthCheck"}, "never answers 410"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(server, count, fault, options, says):
    with pytest.raises(ContractError, match=says):
        server.fail_next(count, fault, **options)


def test_what_the_fake_does_not_know_is_said_with_the_remedy(server):
    with (
        server.client() as client,
        pytest.raises(UnknownBehaviourError, match=r"server\.answer\('getUsage', …\)"),
    ):
        client.usage.get_usage()


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("getModelDrift", lambda client: client.models.get_model_drift("payments")),
        ("listUsers", lambda client: list(client.users.list())),
        ("listApiKeys", lambda client: list(client.api_keys.list())),
    ],
)
def test_what_is_said_to_be_absent_is_refused_by_its_name(server, operation, call):
    with (
        server.client() as client,
        pytest.raises(UnknownBehaviourError, match=rf"server\.answer\('{operation}', …\)"),
    ):
        call(client)


def test_a_fault_that_the_operation_called_never_has_is_told(server):
    server.fail_next(1, 429)
    with server.client() as client, pytest.raises(ContractError, match=r"healthCheck never answers 429"):
        client.health_check()


def test_another_key_is_refused(server):
    with (
        server.client(api_key="pyn_other") as client,
        pytest.raises(AuthenticationError, match=r"server\.api_key"),
    ):
        client.algorithms.list_algorithms()


def ask(server, method, path, **options):
    headers = {"X-API-Key": server.api_key, **options.pop("headers", {})}
    with httpx.Client(transport=server, base_url=f"{server.base_url}/api/v1") as http:
        return http.request(method, path, headers=headers, **options)


@pytest.mark.parametrize(
    ("method", "path", "options", "code"),
    [
        ("GET", "/nothing", {}, "not-found"),
        ("PUT", "/detect", {}, "method-not-allowed"),
        ("GET", "/datasets", {"params": {"limit": "0"}}, "validation"),
        ("GET", "/datasets", {"params": {"colour": "red"}}, "validation"),
        ("GET", "/datasets/dts_1", {}, "not-found"),
        ("GET", "/algorithms", {"headers": {"Accept": "text/html"}}, "not-acceptable"),
        (
            "POST",
            "/detect",
            {"content": b"{", "headers": {"Content-Type": "application/json"}},
            "malformed-json",
        ),
        (
            "POST",
            "/detect",
            {"content": b"x", "headers": {"Content-Type": "text/html"}},
            "unsupported-media-type",
        ),
        ("POST", "/detect", {"json": {"data": ROWS, "contamination": 0.9}}, "validation"),
        ("POST", "/detect", {"json": {"data": ROWS, "colour": "red"}}, "validation"),
        ("POST", "/detect", {"json": {"data": ROWS, "algorithm": "ecodd"}}, "validation"),
        ("POST", "/detect", {"json": {"data": ROWS[:1]}}, "too-few-rows"),
        ("POST", "/batch", {"json": {"data_sources": [f"dts_{'0' * 32}"]}}, "not-found"),
    ],
)
def test_a_request_outside_the_contract_is_refused_with_a_problem(server, method, path, options, code):
    response = ask(server, method, path, **options)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_the_calls_are_told_where_an_assertion_fails(server):
    server.client().health_check()
    with pytest.raises(AssertionError, match=r"healthCheck \(200\)"):
        server.calls.assert_called("detectAnomalies")
    server.calls.assert_not_called("detectAnomalies")
    with pytest.raises(AssertionError, match="0 times"):
        server.calls.assert_not_called("healthCheck")


def test_no_credential_is_in_the_log_of_the_calls(server):
    server.client().algorithms.list_algorithms()
    assert "authorization" not in server.calls[0].headers
    assert server.api_key not in repr(list(server.calls))


def test_it_serves_a_client_with_an_httpx_client_of_its_own_on_the_machines_clock(server):
    http = httpx.Client(transport=httpx.MockTransport(server.respond))
    with PynomalyClient(api_key=server.api_key, base_url=server.base_url, http_client=http) as client:
        job = client.batch_detect(data_sources=[ROWS])
        assert job.result().n_rows == 6


def test_it_is_a_side_effect_for_respx(server):
    respx = pytest.importorskip("respx")
    with respx.mock(assert_all_called=False) as router:
        router.route(host="pynomaly.test").mock(side_effect=server.respond)
        with PynomalyClient(api_key=server.api_key, base_url=server.base_url) as client:
            assert client.health_check().status == "ok"
        assert router.calls.call_count == 1


def test_a_transport_and_an_httpx_client_exclude_each_other(server):
    with pytest.raises(ConfigurationError, match="give one of them"):
        PynomalyClient(api_key="k", base_url=server.base_url, transport=server, http_client=httpx.Client())


def test_a_truncated_answer_without_retries_is_a_typed_error(server):
    server.fail_next(1, "truncated")
    with server.client(max_retries=0) as client, pytest.raises((APIConnectionError, APIResponseError)):
        client.health_check()


def test_a_proxys_page_is_a_typed_error(server):
    server.fail_next(1, 502)
    with server.client(max_retries=0) as client, pytest.raises(BadGatewayError, match="without a problem"):
        client.health_check()


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
def test_a_clock_advances_by_seconds_that_can_be(server, seconds):
    with pytest.raises(ValueError, match="advances by 0 or more"):
        server.clock.advance(seconds)


def test_its_problems_have_the_statuses_and_titles_of_the_real_ones():
    from pynomaly.testing.problems import KINDS, USUAL
    from pynomaly_server.problems import KINDS as REAL

    assert {code: (REAL[code].status, REAL[code].title) for code in KINDS} == dict(KINDS)
    assert all(KINDS[code][0] == status for status, code in USUAL.items())
