"""What answers a detection where no server does, in both colours."""

import json

import httpx
import numpy as np
import pandas as pd
import polars as pl
import pytest
import respx
from tests.unit.sdk.conftest import ROOT

from pynomaly import (
    APIConnectionError,
    DataError,
    DetectionRequest,
    DetectionResult,
    ServiceUnavailableError,
    UnprocessableEntityError,
)
from pynomaly.transport.content import Content

ROWS = [[10.0, "DE"], [11.0, "DE"], [9.0, "DE"], [10.0, "DE"], [12.0, "DE"], [10.0, "DE"], [90.0, "XX"]]
URL = f"{ROOT}/detect"
LAST = [0, 0, 0, 0, 0, 0, 1]
ONE = 1 / 7


def away():
    respx.post(URL).mock(side_effect=httpx.ConnectError("refused"))


def refused(status: int, code: str) -> httpx.Response:
    document = {"type": "t", "title": "T", "status": status, "detail": "D.", "code": code, "request_id": "r"}
    return httpx.Response(status, json=document, headers={"content-type": "application/problem+json"})


@respx.mock
async def test_local_rules_answer_when_the_server_is_away_and_say_so(colour):
    away()
    client = colour.client(fallback="local", max_retries=0)
    result = await client.detect_anomalies(ROWS, contamination=ONE, include_explanations=True)
    assert result.predictions == LAST
    assert (result.source, result.algorithm, result.n_anomalies) == ("fallback", "local_rules", 1)
    (warning,) = result.warnings
    assert warning.code == "fallback"
    assert "Cannot connect" in warning.detail
    (explained,) = result.explanations
    assert (explained.row, explained.contributions[0].feature, explained.contributions[0].value) == (
        6,
        "x0",
        90,
    )
    assert sum(each.contribution for each in explained.contributions) == pytest.approx(1)


@respx.mock
async def test_one_result_per_row_comes_from_the_local_rules_too(colour):
    away()
    rows = await colour.client(fallback="local", max_retries=0).detect_anomalies_batch(ROWS)
    assert rows[6]["prediction"] == 1
    assert rows[6].explanation[0].feature == "x0"


@respx.mock
async def test_an_overloaded_server_is_replaced_after_its_retries(colour):
    route = respx.post(URL).mock(return_value=refused(503, "overloaded"))
    result = await colour.client(fallback="local", max_retries=2).detect_anomalies(ROWS)
    assert (route.call_count, result.source) == (3, "fallback")


@respx.mock
async def test_a_request_that_is_refused_is_not_answered_by_anything_else(colour):
    respx.post(URL).mock(return_value=refused(422, "too-few-rows"))
    with pytest.raises(UnprocessableEntityError):
        await colour.client(fallback="local").detect_anomalies(ROWS)


@respx.mock
async def test_without_a_fallback_the_error_is_the_answer(colour):
    away()
    with pytest.raises(APIConnectionError):
        await colour.client(max_retries=0).detect_anomalies(ROWS)


@respx.mock
async def test_a_function_gets_the_data_and_the_error(colour):
    away()
    seen = []

    def scores(data, error):
        seen.append((data, type(error)))
        return [0.1] * 6 + [0.9]

    result = await colour.client(fallback=scores, max_retries=0).detect_anomalies(ROWS)
    assert (result.predictions, result.source) == (LAST, "fallback")
    assert seen == [(ROWS, APIConnectionError)]


@respx.mock
async def test_a_function_may_give_a_result_of_its_own(colour):
    away()
    given = json.loads(
        '{"predictions":[1],"scores":[0.7],"threshold":1,"contamination":0.1,"n_rows":1,"n_anomalies":1,'
        '"feature_names":[],"columns":[],"identifiers":{},"algorithm":"mine","warnings":[],'
        '"source":"server","elapsed_ms":0}'
    )
    client = colour.client(fallback=lambda _data, _error: DetectionResult(**given), max_retries=0)
    result = await client.detect_anomalies([[1.0]])
    assert (result.algorithm, result.source) == ("mine", "fallback")


@respx.mock
async def test_a_coroutine_function_is_awaited_where_there_is_a_loop(colour):
    away()

    async def scores(_data, _error):
        return [0.0] * 7

    client = colour.client(fallback=[scores, "local"], max_retries=0)
    result = await client.detect_anomalies(ROWS)
    expected = "fallback_function" if colour.name == "async" else "local_rules"
    assert result.algorithm == expected


@respx.mock
async def test_the_next_step_answers_for_one_that_fails(colour):
    away()

    def broken(_data, _error):
        raise RuntimeError("no cache either")

    result = await colour.client(fallback=[broken, "local"], max_retries=0).detect_anomalies(ROWS)
    assert result.algorithm == "local_rules"


@respx.mock
@pytest.mark.parametrize("given", [[0.5], [2.0] * 7, "text", 3, None])
async def test_scores_that_are_none_leave_the_servers_error_with_a_note(colour, given):
    respx.post(URL).mock(return_value=refused(503, "overloaded"))
    client = colour.client(fallback=lambda _data, _error: given, max_retries=0)
    with pytest.raises(ServiceUnavailableError) as caught:
        await client.detect_anomalies(ROWS)
    assert any("fallback" in note for note in caught.value.__notes__)


@respx.mock
async def test_a_copy_of_the_client_may_fall_back_elsewhere(colour):
    away()
    client = colour.client(max_retries=0)
    copy = (
        await client.with_options(max_retries=0, fallback="local")
        if colour.name == "sync"
        else (client.with_options(max_retries=0, fallback="local"))
    )
    assert (await copy.detect_anomalies(ROWS)).source == "fallback"
    with pytest.raises(APIConnectionError):
        await client.detect_anomalies(ROWS)


def test_what_is_no_fallback_is_refused_at_once(colour):
    with pytest.raises(DataError, match="fallback= takes"):
        colour.client(fallback="remote")


FRAME = {"amount": [row[0] for row in ROWS], "country": [row[1] for row in ROWS]}


def forms(folder):
    """The same rows in every form that can be sent."""
    frame = pl.DataFrame(FRAME)
    frame.write_csv(folder / "rows.csv")
    (folder / "semicolons.csv").write_text((folder / "rows.csv").read_text().replace(",", ";"))
    frame.write_parquet(folder / "rows.parquet")
    frame.write_ndjson(folder / "rows.ndjson")
    frame.write_ipc_stream(folder / "rows.arrow")
    (folder / "rows.json").write_text(json.dumps(ROWS))
    (folder / "request.json").write_text(json.dumps({"data": ROWS, "column_names": ["amount", "country"]}))
    np.save(folder / "rows.npy", np.array(FRAME["amount"]))
    return {
        "rows": ROWS,
        "dicts": frame.to_dicts(),
        "columns": FRAME,
        "numbers": FRAME["amount"],
        "array": np.array(FRAME["amount"]),
        "pandas": pd.DataFrame(FRAME),
        "polars": frame,
        "lazy": frame.lazy(),
        "arrow": frame.to_arrow(),
        "request": DetectionRequest(data=ROWS),
        "content": Content("text/csv", (folder / "rows.csv").read_bytes()),
        **{file.name: str(file) for file in sorted(folder.iterdir())},
    }


@respx.mock
async def test_every_form_of_data_has_a_local_answer(colour, tmp_path):
    away()
    client = colour.client(fallback="local", max_retries=0)
    answers = {}
    for name, data in forms(tmp_path).items():
        result = await client.detect_anomalies(data, contamination=ONE)
        answers[name] = result.predictions
    assert answers == dict.fromkeys(answers, LAST)
    assert len(answers) == 19


@respx.mock
async def test_a_stream_that_was_sent_cannot_be_looked_at_again(colour):
    away()
    client = colour.client(fallback="local", max_retries=0)
    with pytest.raises(APIConnectionError) as caught:
        await client.detect_anomalies(Content("text/csv", iter([b"a\n1\n"])))
    assert "cannot be read" in "".join(caught.value.__notes__) or "not read again" in "".join(
        caught.value.__notes__
    )


@respx.mock
async def test_columns_are_chosen_and_typed_as_the_caller_says(colour):
    away()
    client = colour.client(fallback="local", max_retries=0)
    result = await client.detect_anomalies(FRAME, features=["amount"], column_types={"country": "identifier"})
    assert result.feature_names == ["amount"]
