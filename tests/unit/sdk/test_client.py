"""The promised verbs, in both colours."""

import json
import math

import httpx
import numpy as np
import pandas as pd
import pytest
import respx
from tests.unit.sdk.conftest import KEY, ORIGIN, ROOT
from tests.unit.sdk.test_results import answer

import pynomaly
from pynomaly import BatchDetectionRequest, DataError, DetectionRequest, PynomalyClient

DETECT = f"{ROOT}/detect"
DATASET = "dts_" + "0" * 31


def job(state: str = "queued", **fields) -> dict:
    values = {
        "job_id": "job_" + "1" * 32,
        "kind": "detection",
        "state": state,
        "progress": {"done": 0, "total": None, "stage": "queued"},
        "attempt": 0,
        "error": None,
        "created_at": "2026-05-01T12:00:00Z",
        "started_at": None,
        "finished_at": None,
        "links": {"self": "/a", "result": "/b", "events": "/c"},
    }
    return {**values, **fields}


def stored(number: int) -> httpx.Response:
    dataset = {
        "dataset_id": f"{DATASET}{number}",
        "name": "a.csv",
        "media_type": "text/csv",
        "size_bytes": 4,
        "n_rows": 1,
        "n_columns": 1,
        "created_at": "2026-05-01T12:00:00Z",
    }
    return httpx.Response(201, json=dataset)


@respx.mock
async def test_rows_are_detected_with_the_options_of_the_call(colour):
    route = respx.post(DETECT).mock(return_value=httpx.Response(200, json=answer()))
    client = colour.client()
    result = await client.detect_anomalies([[1]] * 4, algorithm="ecod", contamination=0.5, bins=3)
    assert result.predictions == [0, 1, 1, 0]
    sent = json.loads(route.calls.last.request.content)
    assert sent == {"data": [[1]] * 4, "algorithm": "ecod", "contamination": 0.5, "parameters": {"bins": 3}}


@respx.mock
async def test_a_file_goes_as_it_is_with_the_options_in_the_query(colour, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,amount\nt1,1\nt2,70\nt3,95\nt4,2\n")
    route = respx.post(url__startswith=DETECT).mock(return_value=httpx.Response(200, json=answer()))
    result = await colour.client().detect_anomalies(str(path), include_explanations=True, features=["amount"])
    request = route.calls.last.request
    assert request.headers["content-type"] == "text/csv"
    assert request.url.query == b"include_explanations=true&features=amount"
    assert result.anomalies()[0]["values"] == {"id": "t3", "amount": "95"}


@respx.mock
async def test_the_result_lines_up_with_the_callers_frame(colour):
    respx.post(DETECT).mock(return_value=httpx.Response(200, json=answer()))
    frame = pd.DataFrame({"amount": [1.0, 70.0, 95.0, 2.0]}, index=list("abcd"))
    result = await colour.client().detect_anomalies(frame)
    assert [row.index for row in result.anomalies()] == ["c", "b"]
    assert list(result.to_pandas().index) == list("abcd")


@respx.mock
async def test_the_clients_defaults_hold_where_a_call_says_nothing(colour):
    route = respx.post(DETECT).mock(return_value=httpx.Response(200, json=answer()))
    client = colour.client(algorithm="ecod", contamination=0.2, bins=3)
    await client.detect_anomalies([[1]])
    await client.detect_anomalies([[1]], contamination=0.3, bins=4)
    await client.detect_anomalies([[1]], algorithm="local_outlier_factor")
    first, second, third = (json.loads(call.request.content) for call in route.calls)
    assert (first["algorithm"], first["contamination"], first["parameters"]) == ("ecod", 0.2, {"bins": 3})
    assert (second["contamination"], second["parameters"]) == (0.3, {"bins": 4})
    assert "parameters" not in third


@respx.mock
async def test_a_request_object_is_sent(colour):
    route = respx.post(DETECT).mock(return_value=httpx.Response(200, json=answer()))
    await colour.client().detect_anomalies(DetectionRequest(data=[[1.0]], algorithm="ecod"))
    assert json.loads(route.calls.last.request.content) == {"data": [[1.0]], "algorithm": "ecod"}


@respx.mock
async def test_a_batch_of_rows_is_answered_row_by_row_with_explanations(colour):
    contributions = [{"feature": "amount", "value": 1.0, "expected": 1.0, "contribution": 1.0}]
    explanations = [{"row": row, "contributions": contributions} for row in range(4)]
    reply = httpx.Response(200, json=answer(explanations=explanations))
    route = respx.post(DETECT).mock(return_value=reply)
    rows = await colour.client().detect_anomalies_batch([[1]] * 4)
    assert [row["prediction"] for row in rows] == [0, 1, 1, 0]
    assert rows[0]["explanation"][0].feature == "amount"
    sent = json.loads(route.calls.last.request.content)
    assert (sent["include_explanations"], sent["explain_rows"]) == (True, "all")


@respx.mock
async def test_local_files_of_a_batch_are_uploaded_once_each_and_ids_are_kept(colour, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("a\n1\n")
    upload = respx.post(url__startswith=f"{ROOT}/datasets").mock(side_effect=[stored(1), stored(2)])
    submit = respx.post(f"{ROOT}/batch").mock(return_value=httpx.Response(202, json=job()))
    sources = [tmp_path / "a.csv", str(tmp_path / "b.csv"), f"{DATASET}9", tmp_path / "a.csv"]
    request = BatchDetectionRequest(data_sources=sources, contamination=0.02, output_format="csv")
    handle = await colour.client().batch_detect(request)
    assert [call.request.url.query for call in upload.calls] == [b"name=a.csv", b"name=b.csv"]
    assert json.loads(submit.calls.last.request.content) == {
        "data_sources": [f"{DATASET}1", f"{DATASET}2", f"{DATASET}9", f"{DATASET}1"],
        "contamination": 0.02,
        "output_format": "csv",
    }
    assert (handle.job_id, handle.state) == ("job_" + "1" * 32, "queued")
    assert len(submit.calls.last.request.headers["idempotency-key"]) == 32


@respx.mock
async def test_a_batch_takes_options_as_arguments_and_tables_as_sources(colour):
    upload = respx.post(url__startswith=f"{ROOT}/datasets").mock(return_value=stored(1))
    submit = respx.post(f"{ROOT}/batch").mock(return_value=httpx.Response(202, json=job()))
    array = np.zeros((3, 2))
    client = colour.client()
    await client.batch_detect(data_sources=[array], algorithm="ecod", idempotency_key="mine", bins=3)
    assert upload.calls.last.request.headers["content-type"] == "application/x-npy"
    request = submit.calls.last.request
    assert json.loads(request.content)["parameters"] == {"bins": 3}
    assert request.headers["idempotency-key"] == "mine"


@respx.mock
async def test_the_uploads_of_a_batch_have_keys_that_follow_from_its_own(colour, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("a\n1\n")
    upload = respx.post(url__startswith=f"{ROOT}/datasets").mock(side_effect=[stored(1), stored(2)] * 3)
    respx.post(f"{ROOT}/batch").mock(return_value=httpx.Response(202, json=job()))
    for key in ("k" * 255, "k" * 255, "other"):
        await colour.client().batch_detect(
            data_sources=[tmp_path / "a.csv", tmp_path / "b.csv"], idempotency_key=key
        )
    keys = [call.request.headers["idempotency-key"] for call in upload.calls]
    assert keys[:2] == keys[2:4]
    assert len(set(keys)) == 4


@respx.mock
async def test_a_file_is_uploaded_under_its_name_and_a_frame_under_the_one_given(colour, tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    answers = [stored(1), stored(2), stored(3)]
    upload = respx.post(url__startswith=f"{ROOT}/datasets").mock(side_effect=answers)
    client = colour.client()
    dataset = await client.upload_dataset(tmp_path / "a.csv", idempotency_key="mine")
    await client.upload_dataset(tmp_path / "a.csv", "b")
    await client.upload_dataset([[1]], name="rows")
    assert dataset.dataset_id == f"{DATASET}1"
    requests = [call.request for call in upload.calls]
    assert [request.url.query for request in requests] == [b"name=a.csv", b"name=b", b"name=rows"]
    assert [request.content for request in requests] == [b"a\n1\n", b"a\n1\n", b"[[1]]"]
    assert requests[0].headers["idempotency-key"] == "mine"


@respx.mock
@pytest.mark.parametrize("data", ["file", "rows"])
async def test_the_progress_of_an_upload_is_shown_and_the_bytes_are_the_same(colour, tmp_path, capsys, data):
    whole = b"a\n" + b"1\n" * 300_000 if data == "file" else b"[" + b",".join([b"[1]"] * 150_000) + b"]"
    (tmp_path / "a.csv").write_bytes(whole)
    upload = respx.post(url__startswith=f"{ROOT}/datasets").mock(return_value=stored(1))
    table = tmp_path / "a.csv" if data == "file" else [[1]] * 150_000
    await colour.client().upload_dataset(table, progress=True)
    request = upload.calls.last.request
    assert (request.content, request.headers["content-length"]) == (whole, str(len(whole)))
    assert f"100% {len(whole) / 1e6:.1f}/{len(whole) / 1e6:.1f} MB" in capsys.readouterr().err


async def test_a_batch_without_data_is_refused(colour):
    with pytest.raises(DataError, match=r"There is no data source; give data_sources="):
        await colour.client().batch_detect(algorithm="ecod")


async def test_a_missing_file_of_a_batch_is_said_to_be_missing(colour):
    with pytest.raises(FileNotFoundError, match=r"There is no file 'gone\.csv'"):
        await colour.client().batch_detect(data_sources="gone.csv")


@respx.mock
async def test_health_and_jobs_are_asked_for(colour):
    health = {"status": "ok", "version": "1", "checks": []}
    respx.get(f"{ROOT}/health").mock(return_value=httpx.Response(200, json=health))
    identifier = "job_" + "1" * 32
    respx.get(f"{ROOT}/jobs/{identifier}").mock(return_value=httpx.Response(200, json=job("running")))
    client = colour.client()
    assert (await client.health_check()).status == "ok"
    assert (await client.get_job_status(identifier)).state == "running"


@respx.mock
async def test_every_operation_is_on_its_resource(colour):
    reply = httpx.Response(200, json={"items": [], "next_cursor": None})
    respx.get(f"{ROOT}/algorithms").mock(return_value=reply)
    assert (await colour.client().algorithms.list_algorithms()).items == []


@respx.mock
def test_with_options_shares_the_connections():
    route = respx.get(f"{ROOT}/health").mock(
        return_value=httpx.Response(200, json={"status": "ok", "version": "1", "checks": []})
    )
    with PynomalyClient(api_key=KEY, base_url=ORIGIN, timeout=9) as client:
        other = client.with_options(timeout=3, headers={"x-a": "1"})
        other.health_check()
        other.close()
        client.health_check()
    first, second = (call.request for call in route.calls)
    assert first.headers["x-a"] == "1"
    assert first.extensions["timeout"]["read"] <= 3 < second.extensions["timeout"]["read"] <= 9
    assert client._driver._wire.is_closed


@respx.mock
def test_ones_own_http_client_is_used_and_left_open():
    health = {"status": "ok", "version": "1", "checks": []}
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=health)))
    with PynomalyClient(api_key=KEY, base_url=ORIGIN, http_client=http) as client:
        assert client.health_check(timeout=math.inf).status == "ok"
    assert not http.is_closed


def test_every_public_name_can_be_imported():
    for name in pynomaly.__all__:
        assert getattr(pynomaly, name) is not None
    assert set(pynomaly.__all__) <= set(dir(pynomaly))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Pynomaly'"):
        pynomaly.Pynomaly  # noqa: B018
