"""The work on a job, from its data sources to its result, in this process."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest
import sqlalchemy as sa

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.detection.series import fit_series
from pynomaly_server.jobs import runner
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.jobs.workbook import MEDIA_TYPE
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.reading import read_table


def run_job(job_id, tools):
    """Work on this job if it can be had."""
    if not tools.shutdown.requested() and (attempt := tools.attempts.claim(job_id)) is not None:
        run_attempt(attempt, tools)


STORED = {"result_held_rows": 0}


class Staying:
    """A worker that nobody tells to stop."""

    def requested(self):
        return False


class Stopping(Staying):
    def requested(self):
        return True


async def body_of(text):
    yield text.encode()


async def upload(world, text):
    dataset = await world.datasets.upload(world.principal, "text/csv", None, body_of(text))
    return dataset.dataset_id


async def submit(world, *dataset_ids, **options):
    request = BatchDetectionRequest(data_sources=list(dataset_ids), **options)
    job, _ = await world.submissions.submit(world.principal, request, None)
    return job.job_id


def work(world, job_id, shutdown=None, **settings):
    changed = world.settings.model_copy(update=settings)
    run_job(job_id, JobTools(world.attempts, world.store, changed, shutdown or Staying()))


async def rows_of(world, job_id, **options):
    return (await world.jobs.result(world.principal, job_id, limit=1000, **options)).items


async def whole(world, job_id, media_type, only="all"):
    chunks = await world.jobs.result_stream(world.principal, job_id, media_type, only=only)
    return b"".join([chunk async for chunk in chunks])


def table(rows, offset=0):
    lines = [f"t{row},{(row * 37) % 101}.5,{'abc'[row % 3]}" for row in range(offset, offset + rows)]
    return "id,amount,kind\n" + "\n".join(lines) + "\n"


def objects_of(world, job_id):
    return [path for path in world.store.root.rglob("*") if path.is_file() and job_id in str(path)]


@pytest.mark.parametrize("algorithm", ["isolation_forest", "local_outlier_factor", "ecod"])
async def test_a_job_scores_as_a_synchronous_detection_of_the_same_table(world, algorithm):
    text = table(300)
    job_id = await submit(world, await upload(world, text), algorithm=algorithm, return_confidence=True)
    work(world, job_id, job_chunk_rows=70)
    frame = read_table(text.encode(), "text/csv", dataset_limits(world.settings))
    expected = fit_pipeline(frame, algorithm=algorithm)
    rows = await rows_of(world, job_id)
    assert [row.score for row in rows] == expected.training.scores.tolist()
    assert [row.prediction for row in rows] == expected.training.predictions.tolist()
    assert [row.confidence for row in rows] == expected.confidence(expected.training.raw).tolist()


LOADS = [900 if hour == 150 else hour % 24 for hour in range(240)]
SERIES = "at,load\n" + "".join(
    f"2025-01-{1 + hour // 24:02}T{hour % 24:02}:00:00Z,{load}\n" for hour, load in enumerate(LOADS)
)


@pytest.mark.parametrize("algorithm", ["spectral_residual", "isolation_forest"])
async def test_a_job_on_series_scores_as_a_synchronous_detection_of_them(world, algorithm):
    options = {"algorithm": algorithm, "timestamp_column": "at"}
    job_id = await submit(world, await upload(world, SERIES), **options)
    work(world, job_id, job_chunk_rows=70)
    frame = read_table(SERIES.encode(), "text/csv", dataset_limits(world.settings))
    expected = fit_series(frame, **options)
    assert [row.score for row in await rows_of(world, job_id)] == expected.training.scores.tolist()


async def test_a_job_on_series_expects_of_every_row_what_a_synchronous_detection_does(world):
    options = {"algorithm": "spectral_residual", "timestamp_column": "at"}
    job_id = await submit(world, await upload(world, SERIES), **options)
    work(world, job_id, job_chunk_rows=70)
    frame = read_table(SERIES.encode(), "text/csv", dataset_limits(world.settings))
    expected = fit_series(frame, **options).expectation
    points = [row.series for row in await rows_of(world, job_id)]
    assert [point.feature for point in points] == expected.feature
    assert [point.expected for point in points] == expected.expected
    assert [point.lower for point in points] == expected.lower
    assert [point.upper for point in points] == expected.upper


async def test_what_is_expected_of_series_is_in_the_tables_too(world):
    options = {"algorithm": "spectral_residual", "timestamp_column": "at", "output_format": "csv"}
    job_id = await submit(world, await upload(world, SERIES), **options)
    work(world, job_id)
    row = (await rows_of(world, job_id))[150]
    figures = {"feature": "load", "expected": row.series.expected}
    figures |= {"lower": row.series.lower, "upper": row.series.upper}
    parquet = pl.read_parquet(io.BytesIO(await whole(world, job_id, "application/vnd.apache.parquet")))
    assert {name: parquet[name][150] for name in figures} == figures
    csv = pl.read_csv(io.BytesIO(await whole(world, job_id, "text/csv")))
    assert {name: csv[name][150] for name in figures} == figures
    lines = (await whole(world, job_id, "application/x-ndjson")).splitlines()
    assert json.loads(lines[150])["series"] == figures
    excel = pl.read_excel(io.BytesIO(await whole(world, job_id, MEDIA_TYPE)), sheet_name="Results")
    assert {name: excel[name][150] for name in figures} == pytest.approx(figures)


async def test_a_job_whose_method_expects_nothing_says_nothing_of_series(world):
    job_id = await submit(world, await upload(world, SERIES), algorithm="ecod", timestamp_column="at")
    work(world, job_id)
    assert {row.series for row in await rows_of(world, job_id)} == {None}
    parquet = pl.read_parquet(io.BytesIO(await whole(world, job_id, "application/vnd.apache.parquet")))
    assert "expected" not in parquet.columns


async def test_a_job_explains_the_points_of_series_in_their_own_chunk(world):
    options = {"algorithm": "spectral_residual", "timestamp_column": "at", "include_explanations": True}
    job_id = await submit(world, await upload(world, SERIES), contamination=0.01, **options)
    work(world, job_id, job_chunk_rows=70)
    values = {row.row: row.explanation[0].value for row in await rows_of(world, job_id, only="anomalies")}
    assert values[150] == 900


async def test_series_that_are_too_long_to_be_looked_at_whole_are_refused(world):
    dataset_id = await upload(world, SERIES)
    world.submissions.intake.settings = world.settings.model_copy(update={"job_fit_rows": 200})
    with pytest.raises(ProblemError) as refused:
        await submit(world, dataset_id, timestamp_column="at")
    assert refused.value.code == "job-limit-exceeded"
    assert "240 rows together; time series are looked at whole" in refused.value.detail


async def test_sources_are_read_one_after_the_other(world):
    first, second = await upload(world, table(120)), await upload(world, table(80, offset=500))
    job_id = await submit(world, first, second)
    work(world, job_id, job_chunk_rows=50)
    rows = await rows_of(world, job_id)
    assert [row.row for row in rows] == list(range(200))
    assert [row.identifiers["id"] for row in rows[119:121]] == ["t119", "t500"]


async def test_sources_in_another_order_of_columns_fit_together(world):
    first = await upload(world, "a,b\n" + "\n".join(f"{row},{row * 2}.5" for row in range(30)))
    second = await upload(world, "b,a\n" + "\n".join(f"{row * 2}.5,{row}.25" for row in range(30)))
    job_id = await submit(world, first, second)
    work(world, job_id)
    assert await world.state(job_id) == "succeeded"


async def error_of(world, job_id):
    job = await world.jobs.get(world.principal, job_id)
    assert job.state == "failed"
    return job.error


async def test_sources_with_other_columns_fail_naming_both(world):
    first, second = await upload(world, "a,b\n1,2\n3,4\n"), await upload(world, "a,c\n1,2\n3,4\n")
    job_id = await submit(world, first, second)
    work(world, job_id)
    error = await error_of(world, job_id)
    assert error.code == "bad-dataset"
    assert error.detail == (
        f"Dataset {second} lacks the column 'b' and has the column 'c' besides, compared with {first}. "
        "All data sources of a job must have the same columns."
    )


async def test_sources_with_other_types_fail_naming_the_column(world):
    first, second = await upload(world, "a,b\n1,2\n3,4\n"), await upload(world, "a,b\n1,true\n3,false\n")
    job_id = await submit(world, first, second)
    work(world, job_id)
    error = await error_of(world, job_id)
    assert error.code == "bad-dataset"
    assert error.detail == (
        f"Column 'b' of dataset {second} holds booleans, but numbers before it in {first}. "
        "All data sources of a job must have columns of the same types."
    )


@pytest.mark.parametrize("empty_first", [False, True])
async def test_a_column_without_values_fits_any_type(world, empty_first):
    numbers = "a,b\n" + "\n".join(f"{row},{row}.5" for row in range(30))
    nothing = "a,b\n" + "\n".join(f"{row}," for row in range(30))
    texts = [nothing, numbers] if empty_first else [numbers, nothing]
    job_id = await submit(world, *[await upload(world, text) for text in texts])
    work(world, job_id)
    page = await world.jobs.result(world.principal, job_id, limit=1)
    assert [(column.name, column.type) for column in page.summary.columns] == [
        ("a", "numeric"),
        ("b", "numeric"),
    ]


async def test_too_few_rows_fail_the_job_with_the_engines_words(world):
    job_id = await submit(world, await upload(world, "a,b\n1,2\n"))
    work(world, job_id)
    assert (await error_of(world, job_id)).code == "too-few-rows"


async def test_a_feature_that_is_not_there_fails_the_job(world):
    job_id = await submit(world, await upload(world, table(50)), features=["nope"])
    work(world, job_id)
    assert (await error_of(world, job_id)).code == "validation"


async def test_a_dataset_whose_bytes_are_gone_fails_the_job(world):
    dataset_id = await upload(world, table(50))
    job_id = await submit(world, dataset_id)
    await world.store.delete(world.row(job_id).sources[0]["object_key"])
    work(world, job_id)
    assert (await error_of(world, job_id)).code == "bad-dataset"


async def test_a_large_table_is_fitted_on_a_sample_and_scored_whole(world):
    job_id = await submit(world, await upload(world, table(500)), random_state=3)
    work(world, job_id, job_fit_rows=100, job_chunk_rows=60)
    page = await world.jobs.result(world.principal, job_id, limit=1000)
    assert len(page.items) == page.summary.n_rows == 500
    assert [warning.code for warning in page.summary.warnings][-1] == "fitted-on-sample"


async def test_the_same_seed_draws_the_same_sample(world):
    dataset_id = await upload(world, table(500))
    results = []
    for seed in (1, 1, 2):
        job_id = await submit(world, dataset_id, random_state=seed, algorithm="ecod")
        work(world, job_id, job_fit_rows=100, job_chunk_rows=60)
        results.append([row.score for row in await rows_of(world, job_id)])
    assert results[0] == results[1] != results[2]


async def test_an_error_nobody_foresaw_is_tried_again_and_given_up_in_the_end(world, monkeypatch):
    job_id = await submit(world, await upload(world, table(50)))
    monkeypatch.setattr(runner, "fit", lambda *_: 1 / 0)
    for _ in range(3):
        world.change(job_id, retry_at=None)
        work(world, job_id)
    assert (await error_of(world, job_id)).code == "job-crashed"
    assert world.row(job_id).attempt == 3


async def test_a_cancelled_job_leaves_no_result_behind(world):
    job_id = await submit(world, await upload(world, table(50)))
    attempt = world.attempts.claim(job_id)
    await world.jobs.cancel(world.principal, job_id)
    world.attempts.cancel(attempt)
    work(world, job_id)
    assert (await world.state(job_id), objects_of(world, job_id)) == ("cancelled", [])


async def test_a_result_that_comes_too_late_is_removed(world, monkeypatch):
    job_id = await submit(world, await upload(world, table(50)))
    monkeypatch.setattr(type(world.attempts), "succeed", lambda *_: False)
    work(world, job_id, **STORED)
    assert objects_of(world, job_id) == []


async def test_the_attempt_that_succeeds_removes_what_a_killed_one_left(world, monkeypatch):
    job_id = await submit(world, await upload(world, table(50)))
    with monkeypatch.context() as killed:
        killed.setattr(type(world.attempts), "succeed", lambda *_: False)
        killed.setattr("pynomaly_server.jobs.work.remove_result", lambda *_: None)
        work(world, job_id, **STORED)
    assert len(objects_of(world, job_id)) == 2
    world.change(job_id, state="queued", worker=None)
    work(world, job_id, **STORED)
    assert {path.parent.name for path in objects_of(world, job_id)} == {"2"}


async def test_a_stopping_worker_takes_no_job(world):
    job_id = await submit(world, await upload(world, table(50)))
    work(world, job_id, shutdown=Stopping())
    assert (await world.state(job_id), world.row(job_id).attempt) == ("queued", 0)


@pytest.fixture
async def finished(world):
    lines = [f"{row},{(row * 37) % 101}.5,=HYPERLINK({row})" for row in range(40)]
    text = "row,amount,note\n" + "\n".join(lines) + "\n40,99999,-5\n"
    job_id = await submit(
        world,
        await upload(world, text),
        contamination=0.05,
        include_explanations=True,
        features=["amount"],
        column_types={"row": "identifier", "note": "identifier"},
    )
    work(world, job_id, job_chunk_rows=15)
    return job_id


async def test_pages_of_anomalies_give_each_once(world, finished):
    every = [row.row for row in await rows_of(world, finished) if row.prediction == 1]
    seen, cursor = [], None
    while True:
        page = await world.jobs.result(world.principal, finished, limit=1, cursor=cursor, only="anomalies")
        seen += [row.row for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == every
    assert 40 in every


async def test_a_cursor_of_all_rows_is_none_of_the_anomalies(world, finished):
    cursor = (await world.jobs.result(world.principal, finished, limit=1)).next_cursor
    with pytest.raises(ProblemError, match="cursor"):
        await world.jobs.result(world.principal, finished, limit=1, cursor=cursor, only="anomalies")


async def test_anomalies_are_explained_and_the_rest_is_not(world, finished):
    for row in await rows_of(world, finished):
        assert (row.explanation is not None) == (row.prediction == 1)
        if row.explanation:
            assert sum(share.contribution for share in row.explanation) == pytest.approx(1)


async def test_json_ndjson_and_parquet_say_the_same(world, finished):
    document = json.loads(await whole(world, finished, "application/json"))
    lines = [json.loads(line) for line in (await whole(world, finished, "application/x-ndjson")).splitlines()]
    frame = pl.read_parquet(io.BytesIO(await whole(world, finished, "application/vnd.apache.parquet")))
    assert document["items"] == lines
    assert document["next_cursor"] is None
    assert document["summary"]["n_rows"] == frame.height == 41
    assert frame["score"].to_list() == [line["score"] for line in lines]
    assert frame["identifier.row"].to_list() == [line["identifiers"]["row"] for line in lines]


async def test_cells_that_a_spreadsheet_would_run_are_quoted_in_csv_and_numbers_are_not(world, finished):
    text = (await whole(world, finished, "text/csv")).decode()
    lines = text.splitlines()
    assert lines[0] == "row,score,prediction,identifier.row,note,explanation"
    assert lines[1].split(",")[4] == "'=HYPERLINK(0)"
    assert lines[41].split(",")[4] == "-5"


ROWS_OF_EXPORT = {
    "application/json": lambda data: [row["row"] for row in json.loads(data)["items"]],
    "application/x-ndjson": lambda data: [json.loads(line)["row"] for line in data.splitlines()],
    "text/csv": lambda data: pl.read_csv(data)["row"].to_list(),
    "application/vnd.apache.parquet": lambda data: pl.read_parquet(data)["row"].to_list(),
}


@pytest.mark.parametrize("media_type", ROWS_OF_EXPORT)
async def test_only_anomalies_are_exported_when_only_they_are_asked_for(world, finished, media_type):
    data = await whole(world, finished, media_type, only="anomalies")
    rows = ROWS_OF_EXPORT[media_type](data)
    assert rows == [row.row for row in await rows_of(world, finished, only="anomalies")]


async def test_a_job_without_result_answers_conflict(world):
    job = await world.submit(10)
    with pytest.raises(ProblemError) as refusal:
        await world.jobs.result(world.principal, job.job_id, limit=1)
    assert refusal.value.code == "conflict"
    assert refusal.value.detail == (
        f"The job {job.job_id} is queued and has no result. "
        "Wait for its end with `?wait=` or the job's events."
    )


def away_once(answer_first, real):
    """`real` as it looks when the database goes away before, or after, it did what it was asked for."""
    calls = []

    def change(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            return real(*arguments)
        if answer_first:
            real(*arguments)
        raise sa.exc.OperationalError("UPDATE", {}, Exception("server closed the connection"))

    return change


@pytest.mark.parametrize("answer_first", [False, True])
async def test_a_result_survives_a_database_that_goes_away_at_the_last_moment(
    world, monkeypatch, answer_first
):
    job_id = await submit(world, await upload(world, table(50)))
    cut_off = away_once(answer_first, world.attempts.succeed)
    monkeypatch.setattr(type(world.attempts), "succeed", lambda _self, *arguments: cut_off(*arguments))
    work(world, job_id)
    assert len(await rows_of(world, job_id)) == 50


async def test_progress_waits_for_a_database_that_is_away(world, monkeypatch):
    job_id = await submit(world, await upload(world, table(50)))
    cut_off = away_once(False, world.attempts.advance)
    monkeypatch.setattr(type(world.attempts), "advance", lambda _self, *arguments: cut_off(*arguments))
    work(world, job_id)
    row = world.row(job_id)
    assert (row.state, row.attempt, row.crashes) == ("succeeded", 1, 0)
