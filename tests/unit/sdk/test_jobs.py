"""Handles of jobs, in both colours: waiting, progress, results, cancelling, tokens."""

import io

import httpx
import pytest
import respx
from tests.unit.sdk.conftest import KEY, ROOT, collected
from tests.unit.sdk.test_client import job
from tests.unit.sdk.test_transport import problem

from pynomaly import (
    APIConnectionError,
    APITimeoutError,
    ConfigurationError,
    ConflictError,
    DataError,
    JobCancelledError,
    JobFailedError,
    NotFoundError,
    UnknownJobStateError,
)
from pynomaly._generated.models import Job
from pynomaly.frames.upload import UploadBar
from pynomaly.jobs.progress_bar import ProgressBar
from pynomaly.jobs.token import read_token, write_token
from pynomaly.progress.status_line import StatusLine

ID = "job_" + "1" * 32
URL = f"{ROOT}/jobs/{ID}"


def seen(
    state: str, done: int = 0, total: int | None = None, stage: str = "scoring", **fields
) -> httpx.Response:
    progress = {"done": done, "total": total, "stage": stage}
    return httpx.Response(200, json=job(state, progress=progress, **fields))


def page(rows: list[int], cursor: str | None = None) -> httpx.Response:
    summary = {
        "algorithm": "ecod",
        "threshold": 0.5,
        "contamination": 0.1,
        "n_rows": 3,
        "n_anomalies": 1,
        "feature_names": ["amount"],
        "columns": [{"name": "amount", "type": "numeric", "missing": 0, "used": True}],
        "warnings": [],
        "elapsed_ms": 2.0,
    }
    items = [
        {
            "row": row,
            "score": 0.9 if row == 1 else 0.1,
            "prediction": int(row == 1),
            "identifiers": {"id": f"t{row}"},
            "explanation": [{"feature": "amount", "value": 9, "expected": 1, "contribution": 1}]
            if row == 1
            else None,
        }
        for row in rows
    ]
    return httpx.Response(200, json={"items": items, "next_cursor": cursor, "summary": summary})


async def handle_of(colour):
    client = colour.client()
    if colour.name == "sync":
        return await client.jobs.resume(ID)
    return client.jobs.resume(ID)


@respx.mock
async def test_waiting_ends_when_the_job_has_succeeded(colour):
    route = respx.get(url__startswith=URL).mock(
        side_effect=[seen("queued"), seen("running", 5, 10), seen("succeeded")]
    )
    handle = await handle_of(colour)
    assert (await handle.wait(timeout=60)).state == "succeeded"
    assert handle.state == "succeeded"
    assert route.calls[0].request.url.query == b"wait=30.0"


@respx.mock
async def test_a_server_that_answers_at_once_is_asked_less_and_less_often(colour):
    respx.get(url__startswith=URL).mock(side_effect=[seen("running")] * 7 + [seen("succeeded")])
    await (await handle_of(colour)).wait()
    assert colour.clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


@respx.mock
async def test_a_server_that_held_the_answer_back_is_asked_again_at_once(colour):
    states = iter(["running", "running", "succeeded"])

    def held(request):
        colour.clock.now += 30
        return seen(next(states))

    respx.get(url__startswith=URL).mock(side_effect=held)
    await (await handle_of(colour)).wait()
    assert colour.clock.slept == [0.0, 0.0]


@respx.mock
async def test_waiting_never_passes_its_timeout_and_says_that_the_job_goes_on(colour):
    respx.get(url__startswith=URL).mock(return_value=seen("running", 5, 10))
    began = colour.clock.now
    with pytest.raises(APITimeoutError) as caught:
        await (await handle_of(colour)).wait(timeout=12)
    assert colour.clock.now - began == pytest.approx(12)
    assert str(caught.value) == (
        f"Job {ID} has not ended within 12 s (state: running, 5 of 10 rows done). It goes on at the server. "
        f"Call wait() "
        "again, or keep to_token() and take it up later with client.jobs.resume(token)."
    )


@pytest.mark.parametrize(
    "fault",
    [httpx.ConnectError("refused"), httpx.ReadError("reset"), problem(503), problem(502), problem(429)],
    ids=repr,
)
@respx.mock
async def test_a_server_that_restarts_does_no_harm(colour, fault):
    respx.get(url__startswith=URL).mock(
        side_effect=[seen("running"), fault, fault, fault, fault, seen("succeeded")]
    )
    assert (await (await handle_of(colour)).wait(timeout=100)).state == "succeeded"


@respx.mock
async def test_a_server_that_stays_away_ends_the_wait_at_its_timeout(colour):
    respx.get(url__startswith=URL).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(APITimeoutError, match=r"state: unknown.* The last poll failed: Cannot connect"):
        await (await handle_of(colour)).wait(timeout=30)


@respx.mock
async def test_without_a_timeout_a_server_may_stay_away_for_two_minutes(colour):
    respx.get(url__startswith=URL).mock(side_effect=httpx.ConnectError("refused"))
    began = colour.clock.now
    with pytest.raises(APIConnectionError):
        await (await handle_of(colour)).wait()
    assert 120 < colour.clock.now - began < 130


@respx.mock
async def test_a_missing_job_ends_the_wait_at_once(colour):
    route = respx.get(url__startswith=URL).mock(return_value=problem(404, "not-found"))
    with pytest.raises(NotFoundError):
        await (await handle_of(colour)).wait()
    assert route.call_count == 1


@respx.mock
async def test_a_failed_job_is_an_error_that_says_why(colour):
    reason = problem(422, "bad-dataset").json()
    respx.get(url__startswith=URL).mock(return_value=seen("failed", error=reason))
    with pytest.raises(JobFailedError, match=rf"Job {ID} failed \(bad-dataset\): It did not work") as caught:
        await (await handle_of(colour)).wait()
    assert caught.value.code == "bad-dataset"


@respx.mock
async def test_a_cancelled_job_is_an_error(colour):
    respx.get(url__startswith=URL).mock(return_value=seen("cancelled"))
    with pytest.raises(JobCancelledError):
        await (await handle_of(colour)).result()


@respx.mock
async def test_an_unknown_state_is_an_error_and_no_endless_loop(colour):
    respx.get(url__startswith=URL).mock(return_value=seen("paused"))
    with pytest.raises(UnknownJobStateError, match="is in state 'paused', which this version"):
        await (await handle_of(colour)).wait()


@respx.mock
async def test_the_whole_result_is_put_together_from_its_pages(colour):
    respx.get(url__startswith=f"{URL}/result").mock(side_effect=[page([0, 1], "c1"), page([2])])
    respx.get(url__startswith=URL).mock(return_value=seen("succeeded"))
    result = await (await handle_of(colour)).result()
    assert result.predictions == [0, 1, 0]
    assert result.identifiers == {"id": ["t0", "t1", "t2"]}
    assert (result.source, result.confidence) == ("server", None)
    assert result.anomalies()[0].reasons() == "amount 100%"


@respx.mock
async def test_what_was_expected_of_the_rows_of_a_series_is_put_together_too(colour):
    def points(rows, cursor=None):
        answer = page(rows, cursor).json()
        for row in answer["items"]:
            row["series"] = {"feature": "amount", "expected": row["row"] * 1.5, "lower": None, "upper": 9.0}
        return httpx.Response(200, json=answer)

    respx.get(url__startswith=f"{URL}/result").mock(side_effect=[points([0, 1], "c1"), points([2])])
    respx.get(url__startswith=URL).mock(return_value=seen("succeeded"))
    result = await (await handle_of(colour)).result()
    assert result.series.expected == [0.0, 1.5, 3.0]
    assert (result.series.lower, result.series.upper) == ([None] * 3, [9.0] * 3)
    assert result.rows()[1].series.feature == "amount"


@respx.mock
async def test_rows_are_fetched_page_by_page(colour):
    route = respx.get(url__startswith=f"{URL}/result").mock(side_effect=[page([0, 1], "c 1"), page([2])])
    rows = await collected((await handle_of(colour)).iter_results(only="anomalies"))
    assert [row.row for row in rows] == [0, 1, 2]
    assert rows[1]["identifiers"] == {"id": "t1"}
    queries = [call.request.url.query for call in route.calls]
    assert queries == [b"limit=1000&only=anomalies", b"limit=1000&cursor=c%201&only=anomalies"]


@pytest.mark.parametrize(
    ("name", "asked", "media_type"),
    [
        ("rows.csv", None, "text/csv"),
        ("rows.JSONL", None, "application/x-ndjson"),
        ("rows.xlsx", None, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("rows", "parquet", "application/vnd.apache.parquet"),
    ],
)
@respx.mock
async def test_a_result_is_downloaded_in_the_format_of_its_file(colour, tmp_path, name, asked, media_type):
    whole = httpx.Response(200, content=b"row,score\r\n" * 1000, headers={"Content-Type": media_type})
    route = respx.get(url__startswith=f"{URL}/result").mock(return_value=whole)
    (tmp_path / name).write_text("what was there before")
    path = await (await handle_of(colour)).download(tmp_path / name, format=asked, only="anomalies")
    assert path.read_bytes() == b"row,score\r\n" * 1000
    assert list(tmp_path.iterdir()) == [path]
    request = route.calls.last.request
    assert (request.headers["accept"], request.url.query) == (media_type, b"only=anomalies")


@respx.mock
async def test_a_download_that_breaks_off_leaves_the_file_as_it_was(colour, tmp_path):
    class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self):
            yield b"row"
            raise httpx.ReadError("reset")

        async def __aiter__(self):
            yield b"row"
            raise httpx.ReadError("reset")

    broken = httpx.Response(200, stream=Broken(), headers={"Content-Type": "text/csv"})
    respx.get(url__startswith=f"{URL}/result").mock(return_value=broken)
    (tmp_path / "rows.csv").write_text("what was there before")
    with pytest.raises(APIConnectionError):
        await (await handle_of(colour)).download(tmp_path / "rows.csv")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["what was there before"]


@respx.mock
async def test_a_download_needs_a_format_that_is_known(colour, tmp_path):
    with pytest.raises(DataError) as caught:
        await (await handle_of(colour)).download(tmp_path / "rows.doc")
    assert str(caught.value) == (
        "Results are not downloaded as the suffix of 'rows.doc' says. Take format= ndjson, csv, parquet, "
        "excel, or a file that ends in .ndjson, .jsonl, .csv, .parquet, .pq, .xlsx."
    )


@respx.mock
async def test_an_unfinished_job_has_no_result_to_iterate(colour):
    respx.get(url__startswith=f"{URL}/result").mock(return_value=problem(409, "conflict"))
    with pytest.raises(ConflictError):
        await collected((await handle_of(colour)).iter_results())


@respx.mock
async def test_a_job_is_cancelled(colour):
    respx.post(f"{URL}/cancel").mock(return_value=seen("cancelled"))
    handle = await handle_of(colour)
    assert (await handle.cancel()).state == "cancelled"
    assert handle.state == "cancelled"


@respx.mock
async def test_the_status_is_asked_without_holding_the_answer_back(colour):
    route = respx.get(url__startswith=URL).mock(return_value=seen("running", 5, 10))
    handle = await handle_of(colour)
    assert handle.progress is None
    await handle.status()
    assert (handle.progress.done, handle.progress.total) == (5, 10)
    assert route.calls.last.request.url.query == b""


def test_a_token_brings_the_job_back_and_holds_no_secret():
    token = write_token(ID, ROOT)
    assert read_token(token, "http://localhost:9/api/v1") == ID
    assert KEY not in token


@pytest.mark.parametrize(
    "token", ["", "job_", "pynjob1.", "pynjob1.!!", "pynjob1.e30", "../jobs", "job_1/cancel"]
)
def test_something_else_is_no_token(token):
    with pytest.raises(ConfigurationError, match="This is no job token"):
        read_token(token, ROOT)


def test_a_token_of_another_server_is_refused():
    with pytest.raises(ConfigurationError, match=r"at https://other/api/v1, but this client talks to"):
        read_token(write_token(ID, "https://other/api/v1"), ROOT)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, *states: tuple[str, int, int | None, str, float]) -> str:
    bar = ProgressBar(StatusLine(stream))
    for state, done, total, stage, now in states:
        bar.update(
            Job.model_validate(job(state, progress={"done": done, "total": total, "stage": stage})), now
        )
    bar.close()
    return stream.getvalue()


def test_a_terminal_gets_a_bar_with_rate_and_time_left():
    text = shown(Terminal(), ("running", 0, 1000, "scoring", 0.0), ("running", 500, 1000, "scoring", 5.0))
    bar = "#" * 15 + "." * 15
    assert text.endswith(f"\rscoring   [{bar}]  50% 500/1,000 rows 100 rows/s, 5 s left\n")


def test_a_log_gets_a_line_for_each_stage_and_every_ten_seconds():
    states = [
        ("queued", 0, None, "queued", 0.0),
        *(("running", n, 30, "scoring", float(n)) for n in range(25)),
    ]
    lines = shown(io.StringIO(), *states).splitlines()
    assert "queued" in lines[0]
    assert [line.split(" rows")[0].split()[-1] for line in lines[1:]] == ["0/30", "10/30", "20/30"]
    assert "\r" not in "".join(lines)


def test_a_job_that_starts_over_does_not_show_a_negative_rate():
    text = shown(Terminal(), ("running", 500, 1000, "scoring", 0.0), ("running", 100, 1000, "scoring", 5.0))
    assert "rows/s" not in text.split("\r")[-1]


@respx.mock
async def test_progress_is_shown_on_stderr_while_waiting(colour, capsys):
    respx.get(url__startswith=URL).mock(
        side_effect=[seen("running", 5, 10), seen("succeeded", 10, 10, "done")]
    )
    await (await handle_of(colour)).wait(progress=True)
    assert "10/10 rows" in capsys.readouterr().err


def test_an_upload_shows_how_far_it_is_and_begins_anew_with_each_attempt():
    stream, seconds = Terminal(), iter([0.0, 1.0, 2.0, 3.0])
    bar = UploadBar(4_000_000, StatusLine(stream), lambda: next(seconds))
    for sent in (0, 2_000_000, 0, 4_000_000):
        bar.update(sent)
    bar.close()
    lines = stream.getvalue().rstrip("\n").split("\r")[1:]
    assert lines[1].strip() == f"uploading [{'#' * 15}{'.' * 15}]  50% 2.0/4.0 MB, 2.0 MB/s, 1 s left"
    assert lines[2].strip() == f"uploading [{'.' * 30}]   0% 0.0/4.0 MB"
    assert lines[3].strip() == f"uploading [{'#' * 30}] 100% 4.0/4.0 MB, 4.0 MB/s, the server reads it"


def test_an_upload_of_unknown_size_says_what_was_sent():
    stream = io.StringIO()
    UploadBar(None, StatusLine(stream), lambda: 0.0).update(1_500_000)
    assert stream.getvalue() == "uploading 1.5 MB\n"


@respx.mock
async def test_jobs_are_given_as_they_end(colour):
    states = {"1": ["running", "running", "succeeded"], "2": ["succeeded"], "3": ["running", "failed"]}
    ids = {name: f"job_{name * 32}" for name in states}

    def answer(request):
        name = request.url.path[-1]
        left = states[name]
        state = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(200, json=job(state, job_id=ids[name]))

    respx.get(url__regex=r".*/jobs/job_\d+").mock(side_effect=answer)
    jobs = colour.client().jobs
    handles = (
        [jobs.resume(one) for one in ids.values()]
        if colour.name == "async"
        else [await jobs.resume(one) for one in ids.values()]
    )
    handles = [getattr(handle, "_inner", handle) for handle in handles]
    ended = await collected(jobs.as_completed(handles))
    assert [handle.job_id for handle in ended] == [ids["2"], ids["3"], ids["1"]]


@respx.mock
async def test_waiting_for_several_jobs_ends_at_the_timeout(colour):
    respx.get(url__regex=r".*/jobs/job_\d+").mock(return_value=httpx.Response(200, json=job("running")))
    jobs = colour.client().jobs
    handle = jobs.resume(f"job_{'1' * 32}")
    if colour.name == "sync":
        handle = (await handle)._inner
    with pytest.raises(APITimeoutError, match="has not ended within 20 s"):
        await collected(jobs.as_completed([handle], timeout=20))


@respx.mock
async def test_a_stream_of_events_that_ends_before_its_job_says_so(colour):
    body = f"id: 4\nevent: job\ndata: {seen('running').text}\n\n"
    respx.get(f"{URL}/events").mock(
        return_value=httpx.Response(200, text=body, headers={"Content-Type": "text/event-stream"})
    )
    with pytest.raises(APIConnectionError, match=r"The stream of events ended before job job_1+ did\. Go on"):
        await collected((await handle_of(colour)).events())


@respx.mock
async def test_the_events_of_a_job_are_the_job_at_each_change_behind_the_last_one_seen(colour):
    def event(number: int, state: str) -> str:
        return f"id: {number}\nevent: job\ndata: {seen(state).text}\n\n"

    body = event(4, "running") + ": alive\n\n" + event(5, "succeeded")
    route = respx.get(f"{URL}/events").mock(
        return_value=httpx.Response(200, text=body, headers={"Content-Type": "text/event-stream"})
    )
    events = await collected((await handle_of(colour)).events("3"))
    assert [(each.id, each.data.state) for each in events] == [("4", "running"), ("5", "succeeded")]
    assert route.calls[0].request.headers["last-event-id"] == "3"
