"""Results of a real job in every format."""

import csv
import json

import httpx
import polars as pl
import pytest

ROWS = [{"ref": f"={number}+1", "value": number % 9} for number in range(60)]


@pytest.fixture(scope="module")
def job(stack):
    with stack.client() as client:
        job = client.batch_detect(
            data_sources=[ROWS], algorithm="mad", column_types={"ref": "identifier"}, output_format="excel"
        )
        job.wait(timeout=120)
        yield job


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet", "xlsx"])
def test_every_format_carries_the_identifiers_and_the_same_scores(job, tmp_path, suffix):
    path = job.download(tmp_path / f"result.{suffix}")
    references = [row["ref"] for row in ROWS]
    if suffix == "csv":
        read = list(csv.DictReader(path.open(newline="")))
        references = [f"'{reference}" for reference in references]
    elif suffix == "ndjson":
        read = [json.loads(line) for line in path.read_text().splitlines()]
        read = [row | row["identifiers"] for row in read]
    else:
        read = (pl.read_parquet if suffix == "parquet" else pl.read_excel)(path).to_dicts()
    assert [row["ref"] for row in read] == references
    assert [float(row["score"]) for row in read] == pytest.approx([row.score for row in job.iter_results()])


def test_a_caller_who_names_no_format_gets_the_one_the_job_was_submitted_with(stack, job):
    key = {"X-API-Key": stack.api_key}
    answer = httpx.get(f"{stack.base_url}/api/v1/jobs/{job.job_id}/result", headers=key)
    assert answer.headers["content-disposition"] == f'attachment; filename="{job.job_id}.xlsx"'
    assert answer.content[:2] == b"PK"
