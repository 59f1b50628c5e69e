"""Bad inputs of every kind, sent to a real server: each gets its problem, and the server goes on."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import polars as pl
import pytest

from pynomaly_server.contract.operations import OPERATIONS

GOOD_ROWS = [[float(i % 7), float(i % 5)] for i in range(40)]
PROBLEM_KEYS = {"type", "title", "status", "detail", "code", "request_id"}


@pytest.fixture(scope="module")
def api(stack: Any) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{stack.base_url}/api/v1", headers={"Authorization": f"Bearer {stack.api_key}"}, timeout=30
    ) as client:
        yield client


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document.keys() >= PROBLEM_KEYS
    assert document["code"] == code, document["detail"]
    assert document["status"] == status
    assert document["request_id"] == response.headers["x-request-id"]
    assert "Traceback" not in response.text
    return document


def detect(
    api: httpx.Client, body: bytes, media_type: str = "application/json", **query: str
) -> httpx.Response:
    return api.post("/detect", content=body, headers={"content-type": media_type}, params=query)


def rows(**members: Any) -> bytes:
    return json.dumps({"data": GOOD_ROWS, **members}).encode()


MALFORMED_JSON = {
    "NaN": b'{"data": [[NaN]]}',
    "1e999": b'{"data": [[1e999]]}',
    "an integer of 5,000 digits": b'{"data": [[%s]]}' % (b"9" * 5000),
    "nesting of 5,000": b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "nesting of 5,000 in a free-form object": b'{"data": [[1]], "parameters": {"a": '
    + b"[" * 5000
    + b"]" * 5000
    + b"}}",
    "invalid UTF-8": b'{"data": [["\xff"]]}',
    "a lone surrogate": rb'{"data": [["\ud800"]]}',
    "a byte order mark": b"\xef\xbb\xbf" + rows(),
    "UTF-16": rows().decode().encode("utf-16"),
    "trailing bytes": rows() + b"x",
    "an empty body": b"",
    "duplicate keys": b'{"data": [], "data": [[1]]}',
    "duplicate keys in a row": b'{"data": [{"a": 1, "a": 2}]}',
}


@pytest.mark.parametrize("body", MALFORMED_JSON.values(), ids=MALFORMED_JSON.keys())
@pytest.mark.parametrize("path", ["/detect", "/batch"])
def test_what_is_not_json_answers_400_malformed_json(api: httpx.Client, path: str, body: bytes) -> None:
    response = api.post(path, content=body, headers={"content-type": "application/json"})
    problem(response, 400, "malformed-json")


INVALID = {
    "null root": (b"null", ""),
    "text for a number": (rows(contamination="1"), "/contamination"),
    "true for a number": (rows(contamination=True), "/contamination"),
    "2^70": (rows(random_state=2**70), "/random_state"),
    "2^70 in a row": (json.dumps({"data": [[1], [2**70]]}).encode(), "/data/1/0"),
    "NUL in text": (json.dumps({"data": [["a\x00"]]}).encode(), "/data/0/0"),
    "an unknown field": (rows(contaminaton=0.1), "/contaminaton"),
    "an array over its bound": (rows(features=["x0"] * 1001), "/features"),
    "an unknown algorithm": (rows(algorithm="isolation_forrest"), "/algorithm"),
    "an unknown parameter": (rows(parameters={"n_treez": 3}), "/parameters/n_treez"),
    "a parameter of the wrong type": (rows(parameters={"n_estimators": True}), "/parameters/n_estimators"),
    "contamination over its bound": (rows(contamination=0.7), "/contamination"),
    "an unknown column": (rows(features=["amount"]), "/features/0"),
}


@pytest.mark.parametrize(("body", "pointer"), INVALID.values(), ids=INVALID.keys())
def test_what_does_not_fit_the_contract_answers_422_with_the_place(
    api: httpx.Client, body: bytes, pointer: str
) -> None:
    document = problem(detect(api, body), 422, "validation")
    assert document["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1000000000",
        "cursor=tampered",
        "cursor=%00",
        "state=lost",
        "sort=up",
        "limit=1&limit=2",
    ],
)
def test_faulty_list_parameters_answer_422(api: httpx.Client, query: str) -> None:
    problem(api.get(f"/jobs?{query}"), 422, "validation")


def test_options_in_the_query_beside_a_json_body_answer_422(api: httpx.Client) -> None:
    document = problem(detect(api, rows(), algorithm="ecod"), 422, "validation")
    assert document["errors"] == [{"pointer": "?algorithm", "detail": "belongs into the JSON body"}]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"content-type": "text/plain"}, "text/plain"),
        ({"content-type": "application/xml"}, "application/xml"),
        ({"content-type": "multipart/form-data"}, "multipart/form-data"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, "gzip"),
        ({}, "no Content-Type"),
    ],
)
@pytest.mark.parametrize("path", ["/detect", "/datasets", "/batch"])
def test_another_media_type_or_encoding_answers_415(
    api: httpx.Client, path: str, headers: dict[str, str], reason: str
) -> None:
    assert (
        reason
        in problem(api.post(path, content=rows(), headers=headers), 415, "unsupported-media-type")["detail"]
    )


def test_a_body_declared_over_the_limit_answers_413_and_names_the_batch_operation(api: httpx.Client) -> None:
    document = problem(detect(api, b" " * (16 * 1024 * 1024 + 1)), 413, "payload-too-large")
    assert "batchDetect" in document["detail"]


def test_a_chunked_body_over_the_limit_answers_413(api: httpx.Client) -> None:
    chunks = (b" " * 1024 * 1024 for _ in range(17))
    response = api.post("/detect", content=chunks, headers={"content-type": "application/json"})
    problem(response, 413, "payload-too-large")


def test_more_rows_than_the_limit_answer_413_and_name_the_batch_operation(api: httpx.Client) -> None:
    document = problem(detect(api, b"a\n" + b"1\n" * 10_001, "text/csv"), 413, "payload-too-large")
    assert "batchDetect" in document["detail"]


def test_an_answer_in_no_offered_type_is_406(api: httpx.Client) -> None:
    problem(api.get("/jobs", headers={"accept": "text/html"}), 406, "not-acceptable")


def test_a_method_that_is_not_offered_answers_405_with_allow(api: httpx.Client) -> None:
    response = api.delete("/detect")
    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/jobs/job_1/nothing", "/detect/x", "/../etc/passwd", "/%2e%2e/x", "/jobs/%00"]
)
def test_an_unknown_path_answers_404(api: httpx.Client, path: str) -> None:
    problem(api.get(path), 404, "not-found")


def test_a_url_over_the_limit_answers_414(api: httpx.Client) -> None:
    problem(api.get("/jobs", params={"cursor": "x" * 9000}), 414, "uri-too-long")


def test_headers_over_the_limit_answer_431(api: httpx.Client) -> None:
    problem(api.get("/jobs", headers={"x-filler": "x" * 40_000}), 431, "headers-too-large")


def npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return buffer.getvalue()


CSV, PARQUET, NPY, ARROW, NDJSON = (
    "text/csv",
    "application/vnd.apache.parquet",
    "application/x-npy",
    "application/vnd.apache.arrow.stream",
    "application/x-ndjson",
)
GOOD_PARQUET = parquet(pl.DataFrame({"a": [float(i) for i in range(100)]}))
BAD_DATASETS = {
    "an empty CSV": (b"", CSV),
    "a header only": (b"a,b\n", CSV),
    "ragged rows": (b"a,b\n1,2\n3\n4,5\n", CSV),
    "duplicate columns": (b"a,a\n1,2\n3,4\n", CSV),
    "an unclosed quote": (b'a,b\n1,"2\n3,4\n', CSV),
    "infinities": (b"a\n" + b"1\n" * 20 + b"inf\n", CSV),
    "invalid UTF-8": (b"a\n" + b"\xff\xfe\n" * 20, CSV),
    "NUL bytes": (b"a\n1\n\x00\n", CSV),
    "a zip as CSV": (zipped(b"a\n1\n" * 1000), CSV),
    "Parquet as CSV": (GOOD_PARQUET, CSV),
    "an empty Parquet": (b"", PARQUET),
    "a truncated Parquet": (GOOD_PARQUET[:-20], PARQUET),
    "a forged Parquet": (b"PAR1" + b"\x00" * 200 + struct.pack("<I", 2**31 - 1) + b"PAR1", PARQUET),
    "CSV as Parquet": (b"a,b\n1,2\n", PARQUET),
    "a pickle as NPY": (pickle.dumps([1, 2, 3]), NPY),
    "an NPY of pickled objects": (npy(np.array([{"a": 1}], dtype=object)), NPY),
    "a truncated NPY": (npy(np.ones((100, 3)))[:-40], NPY),
    "a three-dimensional NPY": (npy(np.ones((4, 3, 2))), NPY),
    "infinities in NPY": (npy(np.array([[1.0], [np.inf], [2.0]])), NPY),
    "garbage as Arrow": (b"ARROW1" + b"\x00" * 50, ARROW),
    "a broken line of NDJSON": (b'{"a": 1}\n{"a": \n', NDJSON),
    "a scalar line of NDJSON": (b'{"a": 1}\n2\n', NDJSON),
    "an empty NDJSON": (b"", NDJSON),
}


@pytest.mark.parametrize(("data", "media_type"), BAD_DATASETS.values(), ids=BAD_DATASETS.keys())
@pytest.mark.parametrize("path", ["/detect", "/datasets"])
def test_a_table_that_cannot_be_used_answers_422_bad_dataset(
    api: httpx.Client, path: str, data: bytes, media_type: str
) -> None:
    problem(api.post(path, content=data, headers={"content-type": media_type}), 422, "bad-dataset")


def test_a_table_without_a_single_value_answers_422_bad_dataset(api: httpx.Client) -> None:
    problem(detect(api, b"a,b\n" + b"NaN,\n" * 20, CSV), 422, "bad-dataset")


TOO_LARGE = {
    "100,000 columns": (
        ",".join(f"c{i}" for i in range(100_000)).encode() + b"\n" + b"1," * 99_999 + b"1\n",
        CSV,
    ),
    "a Parquet that expands 1,000 times": (
        parquet(pl.DataFrame({"a": pl.repeat(0.5, 50_000_000, eager=True)})),
        PARQUET,
    ),
}


@pytest.mark.parametrize(("data", "media_type"), TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_table_over_a_limit_answers_413(api: httpx.Client, data: bytes, media_type: str) -> None:
    problem(detect(api, data, media_type), 413, "payload-too-large")


def test_a_field_of_50_mb_is_refused_in_an_upload(api: httpx.Client) -> None:
    response = api.post(
        "/datasets", content=b"a\n" + b"x" * 50_000_000 + b"\n", headers={"content-type": CSV}
    )
    assert response.status_code in {413, 422}
    assert response.json()["code"] in {"payload-too-large", "bad-dataset"}


def test_one_row_answers_too_few_rows_and_names_remedies(api: httpx.Client) -> None:
    document = problem(detect(api, b"a,b\n1,2\n", CSV), 422, "too-few-rows")
    assert "row" in document["detail"]


def test_a_constant_column_succeeds(api: httpx.Client) -> None:
    response = detect(api, b"a,b\n" + b"".join(b"%d,1\n" % (i % 9) for i in range(40)), CSV)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "source",
    ["file:///etc/passwd", "http://127.0.0.1/x.csv", "gopher://x", "s3://bucket/key", "transactions.csv"],
)
def test_a_source_that_is_no_dataset_answers_forbidden_source(api: httpx.Client, source: str) -> None:
    problem(api.post("/batch", json={"data_sources": [source]}), 422, "forbidden-source")


def test_a_dataset_that_does_not_exist_answers_404(api: httpx.Client) -> None:
    problem(api.post("/batch", json={"data_sources": ["dts_" + "0" * 32]}), 404, "not-found")


CREDENTIALS = {
    "none": {},
    "Basic": {"authorization": "Basic dXNlcjpwYXNz"},
    "an empty bearer": {"authorization": "Bearer"},
    "a wrong key": {"authorization": "Bearer pyn_AAAAAAAA_" + "B" * 49},
    "a key of 60 KB": {"authorization": "Bearer " + "x" * 60_000},
    "no ASCII": {"authorization": "Bearer caf\u00e9".encode().decode("latin-1")},
    "an unsigned token": {"authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."},
    "two different keys": {"authorization": "Bearer a", "x-api-key": "b"},
}


@pytest.mark.parametrize("headers", CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_a_credential_that_is_not_valid_answers_401(stack: Any, headers: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    response = httpx.get(f"{stack.base_url}/api/v1/jobs", headers=raw)
    problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_key_in_the_url_is_no_credential(stack: Any) -> None:
    problem(
        httpx.get(f"{stack.base_url}/api/v1/jobs", params={"api_key": stack.api_key}), 401, "unauthenticated"
    )


def test_the_server_still_detects_after_all_of_this(api: httpx.Client) -> None:
    assert detect(api, rows()).status_code == 200


@pytest.mark.parametrize("path", ["/datasets", "/jobs/job_" + "0" * 32, "/health"])
def test_options_names_every_method_of_a_path(api: httpx.Client, path: str) -> None:
    here = f"/api/v1{path}".split("/")
    methods = {
        operation.method
        for operation in OPERATIONS.values()
        if len(operation.path.split("/")) == len(here)
        and all(a == b or a.startswith("{") for a, b in zip(operation.path.split("/"), here, strict=True))
    }
    response = api.options(path)
    assert response.status_code == 204
    assert set(response.headers["allow"].split(", ")) == {*methods, "OPTIONS"}
