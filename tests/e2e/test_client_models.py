"""Models from the client and the command line: trained once, scored with by name, on a real server."""

import json

import pandas as pd
import pytest
from tests.unit.sdk.test_cli_faults import complaint

from pynomaly import (
    APITimeoutError,
    AsyncPynomalyClient,
    ConflictError,
    DataError,
    NotFoundError,
    UnprocessableEntityError,
)
from pynomaly.cli import main
from pynomaly.evaluation import evaluated

ROWS = [
    {"amount": 900.0 + n if n % 20 == 19 else float(n * 37 % 50), "country": "FR" if n % 3 else "DE"}
    for n in range(120)
]
LABELLED = [{**row, "fraud": n % 20 == 19} for n, row in enumerate(ROWS)]


@pytest.fixture(scope="module")
def trained(stack):
    """A model of one version, which nobody changes."""
    with stack.client() as client:
        return client.train_model(
            LABELLED, "ecod", "kept", label_column="fraud", contamination=0.05
        ).reference


def test_a_trained_model_scores_as_a_detection_that_fits_the_same_rows(client, trained):
    detected = client.detect_anomalies(ROWS, "ecod", contamination=0.05)
    predicted = client.predict_with_model(trained, ROWS)
    assert (trained, predicted.scores) == ("kept@1", detected.scores)
    assert (predicted.model.name, predicted.model.version) == ("kept", 1)
    assert client.detect_anomalies(ROWS, model_id=trained).scores == detected.scores


def test_a_row_scores_alone_as_it_does_among_others(client, trained):
    together = client.predict(trained, ROWS).scores
    assert [client.predict(trained, [ROWS[at]]).scores[0] for at in (0, 19)] == [together[0], together[19]]


def test_a_prediction_is_aligned_with_the_frame_it_was_made_of(client, trained):
    frame = pd.DataFrame(ROWS).set_index(pd.Index(range(1000, 1120)))
    result = client.models.use(trained).predict(frame, return_confidence=True, include_explanations=True)
    assert result.anomalies()[0].index in {1019, 1039, 1059, 1079, 1099, 1119}
    assert result.to_pandas().index.equals(frame.index)
    assert result.confidence
    assert result.explain(result.anomalies()[0].row)[0].feature == "amount"


def test_the_version_knows_what_it_was_made_of_and_how_good_it_is(client, trained):
    version = client.models.use(trained).describe()
    assert (version.algorithm, version.label_column, version.data.n_rows) == ("ecod", "fraud", 120)
    assert version.feature_names == ["amount", "country"]
    here = evaluated(client.predict(trained, ROWS), [row["fraud"] for row in LABELLED])
    assert version.metrics.roc_auc == pytest.approx(here.roc_auc)
    assert version.metrics.average_precision == pytest.approx(here.average_precision)
    assert (version.metrics.precision, version.metrics.recall) == (here.precision, here.recall)


def test_a_client_fits_with_its_own_algorithm_and_scores_with_what_it_gets(stack):
    with stack.client(algorithm="hbos", contamination=0.05, n_bins=7) as client:
        model = client.fit(ROWS)
        version = model.describe()
        assert (version.algorithm, version.contamination, version.parameters["n_bins"]) == ("hbos", 0.05, 7)
        assert len(model.predict(ROWS)) == 120
        # A model is fitted already: the client's defaults for fitting are not sent along.
        assert client.detect_anomalies(ROWS, model_id=model.reference).algorithm == "hbos"
        client.models.use(model.name).delete()
        with pytest.raises(NotFoundError):
            model.predict(ROWS)


def test_an_alias_says_which_version_scores(client):
    first = client.train_model(ROWS, "ecod", "aliased")
    second = client.train_model(ROWS, "hbos", "aliased")
    first.set_alias("production")
    by_alias = client.models.use("aliased@production")
    assert (by_alias.version(), client.models.use("aliased").version()) == (1, 2)
    assert by_alias.predict(ROWS).model.alias == "production"
    assert client.predict("aliased", ROWS).algorithm == "hbos"
    client.models.use("aliased").set_alias("production")
    assert by_alias.version() == 2
    with pytest.raises(ConflictError, match="production"):
        second.delete()
    first.delete()
    assert [each.version for each in client.models.list_model_versions_iter("aliased")] == [2]


def test_a_model_without_versions_says_so(client):
    client.train_model(ROWS, "ecod", "emptied").delete()
    with pytest.raises(DataError, match="Every version of the model 'emptied' is deleted; train another"):
        client.models.use("emptied").describe()


def test_a_training_can_be_left_to_itself_and_taken_up_again(client):
    handle = client.models.submit(ROWS, "left", {"algorithm": "ecod"}, idempotency_key="left-to-itself")
    again = client.models.submit(ROWS, "left", {"algorithm": "ecod"}, idempotency_key="left-to-itself")
    assert again.job_id == handle.job_id
    assert client.jobs.resume(handle.to_token()).wait(60).model.version == 1


def test_a_training_over_its_time_is_told_and_goes_on(client):
    with pytest.raises(APITimeoutError):
        client.train_model(ROWS * 50, "isolation_forest", "slow", n_estimators=1000, timeout=0.05)


def test_rows_of_other_columns_are_refused(client, trained):
    with pytest.raises(UnprocessableEntityError, match="country"):
        client.predict(trained, [{"amount": 1.0}])


async def test_the_asynchronous_client_trains_and_scores_too(stack):
    async with AsyncPynomalyClient(stack.api_key, stack.base_url) as client:
        model = await client.train_model(ROWS, "ecod", "awaited")
        result = await model.predict(ROWS)
        assert (await model.describe()).name == result.model.name == "awaited"
        assert (await client.predict_with_model("awaited@1", ROWS)).scores == result.scores
        assert (await client.fit(ROWS, algorithm="hbos", model_name="awaited")).reference == "awaited@2"


@pytest.fixture
def run(stack, monkeypatch, capsys):
    """Runs a command that succeeds and gives what it prints."""
    monkeypatch.setenv("PYNOMALY_BASE_URL", stack.base_url)
    monkeypatch.setenv("PYNOMALY_API_KEY", stack.api_key)
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])

    def printed(*arguments: str) -> str:
        capsys.readouterr()
        assert main(arguments) == 0
        return capsys.readouterr().out

    return printed


def test_a_model_goes_its_way_on_the_command_line(run, tmp_path, capsys):
    table, rows = tmp_path / "labelled.csv", tmp_path / "rows.csv"
    pd.DataFrame(LABELLED).to_csv(table, index=False)
    pd.DataFrame(ROWS).to_csv(rows, index=False)
    command = ["train", str(table), "--name", "typed", "--algorithm", "ecod", "--label-column", "fraud"]
    assert "metrics     roc_auc 0.975, average_precision" in run(*command)
    assert json.loads(run(*command, "--json"))["version"] == 2
    assert run("models", "alias", "typed", "production", "1") == "typed@production is version 1.\n"
    run("models", "alias", "typed", "production", "2")
    assert run("models", "rollback", "typed", "production") == "typed@production is version 1.\n"
    assert run("models", "list", "--limit", "1").splitlines()[-1].split()[:3] == [
        "typed",
        "2",
        "production=1",
    ]
    assert [line.split()[0] for line in run("models", "versions", "typed").splitlines()[2:]] == ["2", "1"]
    assert run("models", "show", "typed@production").startswith("model       typed@1\n")
    found = json.loads(run("predict", "typed@production", str(rows), "--explain", "--json"))
    assert (found["algorithm"], found["n_rows"]) == ("ecod", 120)
    assert found["anomalies"][0]["explanation"]
    assert "(HTTP 409, " in complaint(capsys, 1, "models", "delete", "typed@1")
    assert run("models", "delete", "typed@2") == "Deleted typed@2.\n"
    assert "(HTTP 404, " in complaint(capsys, 1, "predict", "typed@2", str(rows))
