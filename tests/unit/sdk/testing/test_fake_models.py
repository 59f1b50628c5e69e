"""Models of the fake server: trained as jobs, kept in versions, named by aliases, scoring by rules that were
fitted once."""

import json

import pytest

from pynomaly import (
    ConflictError,
    JobFailedError,
    NotFoundError,
    PayloadTooLargeError,
    UnprocessableEntityError,
)
from pynomaly._generated.models import ModelAliasTarget, ModelCanary
from pynomaly.testing import FakeServer

USUAL = [{"amount": 10.0 + place % 5, "country": "DE" if place % 3 else "FR"} for place in range(40)]
ODD = {"amount": 900.0, "country": "XX"}
TABLE = [*USUAL, ODD]
OPTIONS = {"contamination": 1 / 41}


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture(params=["sync", "async"])
def call(request, server):
    """Call a verb of a client of either colour by its path."""

    async def called(path: str, *args, **kwargs):
        verb = server.client() if request.param == "sync" else server.async_client()
        for name in path.split("."):
            verb = getattr(verb, name)
        answer = verb(*args, **kwargs)
        return await answer if request.param == "async" else answer

    return called


def train(client, name="payments", rows=TABLE, **options):
    return client.train_model(rows, "ecod", name, **{**OPTIONS, **options})


async def test_a_model_is_trained_as_a_job_and_finds_the_odd_row_among_rows_it_never_saw(call, server):
    model = await call("train_model", TABLE, "ecod", "payments", **OPTIONS)
    assert model.reference == "payments@1"
    result = await call("predict_with_model", "payments", [USUAL[0], ODD])
    assert result.predictions == [0, 1]
    assert (result.model.name, result.model.version, result.model.alias) == ("payments", 1, None)
    assert (result.algorithm, result.source) == ("ecod", "server")
    server.calls.assert_called("trainModel", times=1)
    assert server.clock.monotonic() > 2.0  # the job's time, and none of the test's


def test_a_row_has_the_score_it_has_alone_and_the_one_that_a_detection_gave_it(client):
    detected = client.detect_anomalies(TABLE, **OPTIONS)
    model = train(client)
    assert model.predict(TABLE).scores == detected.scores
    assert [model.predict([row]).scores[0] for row in TABLE[-3:]] == detected.scores[-3:]


def test_explanations_and_confidence_come_where_they_are_asked_for(client):
    train(client)
    result = client.predict_with_model("payments", [ODD], return_confidence=True, include_explanations=True)
    assert {each.feature for each in result.explain(0)} == {"amount", "country"}
    assert result.explain(0)[0].expected in (12.0, "DE")
    assert result.confidence[0] == result.scores[0]


def test_a_new_category_is_rarer_than_any_other_and_said_so(client):
    train(client)
    result = client.predict_with_model("payments", [{**USUAL[0], "country": "ZZ"}, USUAL[0], USUAL[1]])
    assert result.scores[0] > max(result.scores[1:])
    assert [warning.code for warning in result.warnings] == ["unseen-category"]


def test_a_version_says_what_it_was_made_of(client):
    labelled = [{**row, "fraud": 0} for row in USUAL] + [{**ODD, "fraud": 1}]
    version = train(client, rows=labelled, label_column="fraud").describe()
    assert (version.algorithm, version.contamination, version.label_column) == ("ecod", 1 / 41, "fraud")
    assert version.feature_names == ["amount", "country"]
    assert version.metrics.roc_auc == 1.0
    assert (version.data.n_rows, len(version.data.sources)) == (41, 1)
    amount, country = version.profile
    assert (amount.numeric.min, amount.numeric.max, amount.distinct) == (10.0, 900.0, 6)
    assert sum(amount.numeric.histogram.counts) == 41
    assert [(each.value, each.count) for each in country.top_values] == [("DE", 26), ("FR", 14), ("XX", 1)]
    # Rows that carry the label are scored like those that do not.
    assert client.predict_with_model("payments", [{**ODD, "fraud": 1}, ODD]).predictions == [1, 1]


def test_versions_are_counted_on_and_named_by_number_id_and_alias(client):
    first, second = (
        train(client),
        train(client, rows=[{"amount": 880.0 + 5.0 * p, "country": "XX"} for p in range(9)]),
    )
    assert (first.reference, second.reference) == ("payments@1", "payments@2")
    assert client.predict_with_model("payments@1", [ODD]).predictions == [1]
    assert client.predict_with_model("payments", [ODD]).predictions == [0]
    model = client.models.get_model("payments")
    assert model.latest_version == 2
    assert client.predict_with_model(model.model_id, [ODD]).model.version == 2
    assert [each.version for each in client.models.list_model_versions("payments").items] == [2, 1]
    second.delete()
    assert train(client).reference == "payments@3"


def test_an_alias_moves_rolls_back_and_remembers(client):
    for _ in range(3):
        train(client)
    client.models.use("payments@1").set_alias("production")
    client.models.use("payments@2").set_alias("production")
    client.models.use("payments@2").set_alias("production")  # what it is already
    assert client.predict_with_model("payments@production", [ODD]).model.version == 2
    assert client.models.rollback_model_alias("payments", "production").version == 1
    with pytest.raises(ConflictError, match="no version that the alias production"):
        client.models.rollback_model_alias("payments", "production")
    history = client.models.get_model_alias("payments", "production").history
    assert [(each.version, each.rollback) for each in history] == [(1, True), (2, False), (1, False)]


def test_a_rollback_passes_over_versions_that_are_deleted(client):
    for number in (1, 2, 3):
        train(client)
        client.models.use(f"payments@{number}").set_alias("production")
    client.models.delete_model_version("payments", 2)
    assert client.models.rollback_model_alias("payments", "production").version == 1


def test_what_an_alias_points_at_is_not_deleted(client):
    train(client).set_alias("production")
    with pytest.raises(ConflictError, match="the alias production points at it"):
        client.models.delete_model_version("payments", 1)
    with pytest.raises(ConflictError, match="the alias production points at it"):
        client.models.delete_model("payments")
    client.models.delete_model_alias("payments", "production")
    client.models.delete_model("payments")
    assert client.models.list_models().items == []
    with pytest.raises(NotFoundError, match="Train it with trainModel"):
        client.predict_with_model("payments", [ODD])


def test_what_a_job_scores_with_is_not_deleted_before_its_end(server, client):
    train(client)
    train(client)
    job = client.batch_detect(data_sources=[TABLE], model_id="payments@1")
    for deleted in (
        lambda: client.models.delete_model_version("payments", 1),
        lambda: client.models.delete_model("payments"),
    ):
        with pytest.raises(ConflictError, match=f"the job {job.job_id} has not ended and scores with it"):
            deleted()
    client.models.delete_model_version("payments", 2)
    server.clock.advance(60.0)
    client.models.delete_model("payments")


def test_an_alias_with_a_threshold_of_its_own_has_its_border_at_one_half(client):
    model = train(client)
    plain = model.predict(USUAL)
    border = max(plain.scores)
    model.set_alias("strict", threshold=min(border, 0.49))
    strict = client.predict_with_model("payments@strict", USUAL)
    assert strict.predictions == [int(score >= min(border, 0.49)) for score in plain.scores]
    assert strict.predictions == [int(score >= 0.5) for score in strict.scores]


def test_a_canary_scores_its_share_and_the_same_request_always_meets_the_same_version(client):
    train(client)
    train(client)
    target = ModelAliasTarget(version=1, canary=ModelCanary(version=2, share=0.5))
    client.models.set_model_alias("payments", "production", target)

    def scored_by(place: int) -> int:
        return client.predict_with_model("payments@production", [{**ODD, "amount": place}]).model.version

    versions = [scored_by(place) for place in range(40)]
    assert 5 < versions.count(2) < 35
    assert versions == [scored_by(place) for place in range(40)]


def test_a_detection_may_name_a_model(client):
    train(client)
    result = client.detect_anomalies([ODD], model_id="payments@1")
    assert (result.predictions, result.model.version) == ([1], 1)
    with pytest.raises(UnprocessableEntityError, match="matter of the model's training"):
        client.detect_anomalies([ODD], model_id="payments", algorithm="knn")


def test_a_job_may_name_a_model_and_its_result_says_which_version_scored(client):
    train(client).set_alias("production")
    result = client.batch_detect(data_sources=[TABLE], model_id="payments@production").result()
    assert (result.model.version, result.model.alias) == (1, "production")
    assert result.scores == client.predict("payments", TABLE).scores
    with pytest.raises(UnprocessableEntityError, match="matter of the model's training"):
        client.batch_detect(data_sources=[TABLE], model_id="payments", algorithm="knn")


def test_a_job_that_scores_with_a_model_is_shown_in_every_stage_and_where_it_fails(server, client):
    train(client)
    job = client.batch_detect(data_sources=[TABLE], model_id="payments")
    seen = []
    for _ in range(5):
        seen.append(job.status().progress.stage)
        server.clock.advance(0.5)
    assert seen == ["queued", "scoring", "scoring", "writing", "writing"]
    failing = client.batch_detect(data_sources=[[{"country": "DE"}] * 20], model_id="payments")
    with pytest.raises(JobFailedError):
        failing.result()


def test_a_training_that_is_cancelled_or_fails_makes_no_version(server, client):
    job = client.models.submit(USUAL, "payments", {})
    job.cancel()
    server.fail_jobs(1, "job-crashed")
    with pytest.raises(JobFailedError):
        train(client)
    with pytest.raises(JobFailedError, match="needs at least 3 rows"):
        train(client, rows=USUAL[:2])
    server.clock.advance(60.0)
    assert client.models.list_models().items == []


def test_a_version_is_there_once_its_job_has_ended_whoever_looks(server, client):
    job = client.models.submit(USUAL, "payments", {})
    assert client.models.list_models().items == []
    server.clock.advance(60.0)
    assert [model.name for model in client.models.list_models().items] == ["payments"]
    assert (job.status().kind, job.status().model.version) == ("training", 1)
    with pytest.raises(ConflictError, match="of the kind training"):
        job.result()


def test_a_training_whose_answer_is_lost_makes_one_version(server, client):
    server.fail_next(2, "truncated", operation="trainModel")
    train(client)
    assert client.models.get_model("payments").latest_version == 1
    assert len(client.jobs.list_jobs().items) == 1


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"amount": 1.0}], "Column 'country' is missing"),
        ([{**USUAL[0], "colour": "red"}], "Column 'colour' is not one of the model's"),
        ([{**USUAL[0], "amount": "much"}], "'amount' has values that are no numbers"),
    ],
)
def test_rows_that_do_not_fit_the_model_are_refused_by_their_columns(client, rows, says):
    train(client)
    with pytest.raises(UnprocessableEntityError, match=says):
        client.predict_with_model("payments", rows)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"algorithm": "matrix_profile"}, "no model of it to keep"),
        ({"algorithm": "ecodd"}, "Did you mean 'ecod'"),
        ({"model_name": f"mdl_{'0' * 32}"}, "looks like the id of a model"),
        ({"label_column": "amount", "features": ["amount"]}, "a label is no feature"),
    ],
)
def test_a_training_that_no_table_could_serve_is_refused_at_once(client, options, says):
    with pytest.raises(UnprocessableEntityError, match=says):
        client.train_model(USUAL, **{"model_name": "payments", **options})
    assert client.jobs.list_jobs().items == []


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (ModelAliasTarget(version=1, canary=ModelCanary(version=1, share=0.5)), "own version"),
        (ModelAliasTarget(version=1, canary=ModelCanary(version=2, share=0.5), shadow=2), "excludes canary"),
    ],
)
def test_versions_that_do_not_go_together_behind_an_alias_are_refused(client, target, says):
    train(client)
    with pytest.raises(UnprocessableEntityError, match=says):
        client.models.set_model_alias("payments", "production", target)


def test_names_that_are_not_there_are_not_found(client):
    train(client)
    for ask in (
        lambda: client.predict_with_model("nobody", [ODD]),
        lambda: client.predict_with_model("payments@7", [ODD]),
        lambda: client.predict_with_model("payments@nobody", [ODD]),
        lambda: client.models.get_model_version("payments", 7),
        lambda: client.models.get_model_alias("payments", "nobody"),
        lambda: client.models.set_model_alias("payments", "production", ModelAliasTarget(version=7)),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_more_rows_than_one_request_takes_are_refused_with_the_remedy():
    with FakeServer(max_rows=20).client() as client:
        train(client)  # uploaded, and so of any size
        with pytest.raises(PayloadTooLargeError):
            client.predict_with_model("payments", USUAL)


def test_rows_in_the_training_request_itself_become_a_dataset(server):
    import httpx

    body = {"name": "payments", "data": [[1.0, 2.0]] * 5, "column_names": ["a", "b"]}
    with httpx.Client(transport=server, base_url=server.base_url) as http, server.client() as client:
        answer = http.post(
            "/api/v1/models",
            content=json.dumps(body),
            headers={"X-API-Key": server.api_key, "Content-Type": "application/json"},
        )
        assert answer.status_code == 202
        assert [each.name for each in client.datasets.list_datasets().items] == ["rows of payments"]
        server.clock.advance(60.0)
        assert client.models.get_model_version("payments", 1).feature_names == ["a", "b"]


def test_a_dataset_that_a_training_reads_is_kept_until_its_end(server, client):
    dataset = client.upload_dataset(USUAL)
    client.models.submit(dataset.dataset_id, "payments", {})
    with pytest.raises(ConflictError, match="has not ended and reads"):
        client.datasets.delete_dataset(dataset.dataset_id)
    server.clock.advance(60.0)
    client.datasets.delete_dataset(dataset.dataset_id)


def test_a_dataset_is_profiled(client):
    dataset = client.upload_dataset([*USUAL, USUAL[-1]])
    profile = client.datasets.profile_dataset(dataset.dataset_id)
    assert (profile.n_rows, profile.n_columns) == (41, 2)
    assert profile.duplicate_rows.count == 41 - len({tuple(row.values()) for row in USUAL})
