"""Models from their training to their predictions, with a real database, storage and worker."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from tests.integration.registry import ROWS, UNLABELLED, Staying, free, one_database

from pynomaly_server.contract.structs import (
    DetectionRequest,
)
from pynomaly_server.db.tables import WebhookDeliveryRow, WebhookEndpointRow
from pynomaly_server.detection.service import DetectionService
from pynomaly_server.detection.workload import Workload
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.models import opening
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.limits import UNLIMITED


async def test_a_trained_model_scores_as_a_detection_that_fits_the_same_rows(registry):
    made = await registry.train()
    detected = await DetectionService(Workload(), UNLIMITED, most_seconds=60).detect_rows(
        DetectionRequest(data=UNLABELLED), free
    )
    predicted = await registry.predict("fraud", return_confidence=True)
    assert (made.name, made.version) == ("fraud", 1)
    assert predicted.scores == detected.scores
    assert (predicted.predictions, predicted.threshold) == (detected.predictions, detected.threshold)
    assert (predicted.model.name, predicted.model.version, predicted.model.alias) == ("fraud", 1, None)


@one_database
async def test_a_row_alone_scores_as_it_does_among_others(registry):
    await registry.train()
    together = await registry.predict("fraud")
    alone = [(await registry.predict("fraud", [UNLABELLED[at]])).scores[0] for at in (0, 9, 50)]
    assert alone == [together.scores[at] for at in (0, 9, 50)]


@one_database
async def test_a_version_says_what_it_was_made_of(registry):
    await registry.train(data=ROWS, label_column="fraud", parameters={"n_estimators": 20}, random_state=7)
    world = registry.world
    version = await registry.models.version(world.principal, "fraud", 1)
    assert (version.algorithm, version.parameters["n_estimators"]) == ("isolation_forest", 20)
    assert version.random_state == 7
    assert version.feature_names == ["amount", "country"]
    assert [(column.name, column.type) for column in version.columns] == [
        ("customer_id", "identifier"),
        ("amount", "numeric"),
        ("country", "categorical"),
    ]
    assert [column.name for column in version.profile] == ["customer_id", "amount", "country"]
    assert (version.data.n_rows, version.data.n_fitted_rows) == (200, 200)
    assert version.created_by == world.principal.subject
    assert {"python", "numpy", "pynomaly-server"} <= set(version.libraries)
    assert version.artefact.sha256 == hashlib.sha256(registry.artefact(1).read_bytes()).hexdigest()


@one_database
async def test_labels_make_metrics_and_are_no_feature(registry):
    await registry.train(data=ROWS, label_column="fraud")
    version = await registry.models.version(registry.world.principal, "fraud", 1)
    assert "fraud" not in version.feature_names
    assert (version.metrics.n_labelled, version.metrics.n_anomalies) == (200, 20)
    assert (version.metrics.roc_auc, version.metrics.average_precision) == (1.0, 1.0)
    assert (version.metrics.precision, version.metrics.recall) == (1.0, 1.0)
    # The column may come along with rows to be scored, and is left alone.
    assert (await registry.predict("fraud", ROWS)).scores == (await registry.predict("fraud")).scores


@one_database
async def test_a_label_that_is_none_ends_the_training_and_says_where_it_is(registry):
    rows = [{**row, "fraud": "maybe" if at == 3 else "true"} for at, row in enumerate(ROWS)]
    job, _ = await registry.submit(data=rows, label_column="fraud")
    registry.work(job.job_id)
    ended = await registry.world.jobs.get(registry.world.principal, job.job_id)
    assert (ended.state, ended.error.code, ended.model) == ("failed", "bad-dataset", None)
    assert ended.error.detail == (
        "The label column 'fraud' holds 'maybe' in row 4 (counting from 1). Labels are true or 1 for an "
        "anomaly, false or 0 for a normal row, and empty where that is not known."
    )


async def test_each_training_makes_the_next_version_and_changes_none_before(registry):
    await registry.train()
    principal = registry.world.principal
    before = await registry.models.version(principal, "fraud", 1)
    scores = (await registry.predict("fraud")).scores
    file = registry.artefact(1).read_bytes()
    second = await registry.train(contamination=0.2, random_state=1)
    assert second.version == 2
    assert await registry.models.version(principal, "fraud", 1) == before
    assert registry.artefact(1).read_bytes() == file
    assert (await registry.predict("fraud@1")).scores == scores
    assert (await registry.predict("fraud")).model.version == 2
    listed = await registry.models.versions(principal, "fraud", limit=1)
    older = await registry.models.versions(principal, "fraud", limit=1, cursor=listed.next_cursor)
    assert [page.items[0].version for page in (listed, older)] == [2, 1]
    assert older.next_cursor is None


@one_database
async def test_the_number_of_a_deleted_version_is_not_given_again(registry):
    await registry.train()
    await registry.train()
    file = registry.artefact(2)
    await registry.models.delete_version(registry.world.principal, "fraud", 2)
    assert not file.exists()
    assert (await registry.train()).version == 3


async def test_an_alias_moves_and_steps_back_through_its_history(registry):
    for seed in range(3):
        await registry.train(random_state=seed)
    principal = registry.world.principal
    for version in (1, 2, 2, 3):
        await registry.point("production", version)
    assert (await registry.predict("fraud@production")).model.version == 3
    assert (await registry.models.roll_back(principal, "fraud", "production")).version == 2
    assert (await registry.models.roll_back(principal, "fraud", "production")).version == 1
    with pytest.raises(ProblemError, match="no version that the alias production") as refused:
        await registry.models.roll_back(principal, "fraud", "production")
    assert refused.value.code == "conflict"
    history = (await registry.models.alias(principal, "fraud", "production")).history
    assert [(change.version, change.rollback) for change in history] == [
        (1, True),
        (2, True),
        (3, False),
        (2, False),
        (1, False),
    ]
    await registry.models.delete_alias(principal, "fraud", "production")
    with pytest.raises(ProblemError, match="has no alias production"):
        await registry.predict("fraud@production")


@one_database
async def test_a_rollback_passes_over_versions_that_were_deleted(registry):
    for seed in range(3):
        await registry.train(random_state=seed)
    for version in (1, 2, 3):
        await registry.point("production", version)
    await registry.models.delete_version(registry.world.principal, "fraud", 2)
    rolled = await registry.models.roll_back(registry.world.principal, "fraud", "production")
    assert rolled.version == 1


@one_database
async def test_what_an_alias_points_at_is_not_deleted_and_the_alias_is_named(registry):
    await registry.train()
    await registry.point("production", 1)
    principal = registry.world.principal
    for deletion in (
        registry.models.delete_version(principal, "fraud", 1),
        registry.models.delete(principal, "fraud"),
    ):
        with pytest.raises(ProblemError, match="is in use: the alias production points at it") as refused:
            await deletion
        assert refused.value.code == "conflict"
    assert (await registry.predict("fraud@production")).model.version == 1


@one_database
async def test_a_deleted_model_leaves_no_file_and_frees_its_name(registry):
    first = await registry.train()
    file = registry.artefact(1)
    await registry.models.delete(registry.world.principal, "fraud")
    assert not file.exists()
    with pytest.raises(ProblemError, match="There is no model fraud"):
        await registry.predict("fraud")
    again = await registry.train()
    assert (again.version, again.model_id != first.model_id) == (1, True)


@one_database
async def test_a_model_is_found_by_its_id_as_well(registry):
    made = await registry.train()
    assert (await registry.predict(f"{made.model_id}@1")).model.name == "fraud"
    assert (await registry.models.get(registry.world.principal, made.model_id)).name == "fraud"


@one_database
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [{"amount": 1.0}],
            ["Column 'country' is missing; null stands for unknown values."],
        ),
        (
            [{"amount": 1.0, "country": "DE", "colour": "red", "size": 3}],
            [
                "Column 'colour' is not one of the model's; leave it out.",
                "Column 'size' is not one of the model's; leave it out.",
            ],
        ),
        (
            [{"amount": "much", "country": "DE"}, {"amount": "more", "country": "DE"}],
            [
                (
                    "Column 'amount' holds 'much' in row 1 (counting from 1), where the model was trained "
                    "on a number. Correct it, or leave it empty."
                )
            ],
        ),
    ],
)
async def test_rows_that_do_not_fit_are_refused_and_every_column_named(registry, rows, said):
    await registry.train()
    with pytest.raises(ProblemError) as refused:
        await registry.predict("fraud", rows)
    assert refused.value.code == "bad-dataset"
    assert refused.value.detail == (
        f"The rows do not fit the model. {' '.join(said)} It was trained with the columns 'customer_id', "
        "'amount', 'country'."
    )
    assert [fault.detail for fault in refused.value.errors] == said


@one_database
async def test_categories_that_training_never_saw_are_counted(registry):
    await registry.train()
    rows = [{"amount": 1.0, "country": country} for country in ("DE", "XX", None, "YY")]
    predicted = await registry.predict("fraud", rows)
    assert [(warning.code, warning.column) for warning in predicted.warnings] == [
        ("unseen-category", "country")
    ]
    assert predicted.warnings[0].detail.startswith(
        "Column 'country' has 2 values of categories that were not"
    )


@one_database
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
async def test_a_damaged_file_is_refused_and_the_version_before_goes_on_serving(registry, damage):
    for seed in range(2):
        await registry.train(random_state=seed)
    expected = (await registry.predict("fraud@1")).scores
    for version in (1, 2):
        await registry.point("production", version)
    file = registry.artefact(2)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(bytes(data) if damage == "flipped" else bytes(data[:100]))
    with pytest.raises(
        ProblemError, match=r"Version 2 of the model fraud cannot be used: its file is"
    ) as refused:
        await registry.predict("fraud@2")
    assert refused.value.code == "model-unreadable"
    predicted = await registry.predict("fraud@production")
    assert (predicted.model.version, predicted.scores) == (1, expected)
    assert [warning.code for warning in predicted.warnings] == ["earlier-version"]


@one_database
async def test_a_file_signed_with_another_key_is_refused(registry, monkeypatch):
    await registry.train()
    monkeypatch.setattr(registry.predictions._models, "_secret", "another secret of 32 characters and more")
    with pytest.raises(ProblemError, match="this server cannot load it") as refused:
        await registry.predict("fraud")
    assert refused.value.code == "model-unreadable"


async def test_aliases_swapped_under_predictions_give_neither_a_mix_nor_an_error(registry):
    rows = UNLABELLED[:20]
    expected = {}
    for seed in (1, 2):
        version = (await registry.train(random_state=seed)).version
        expected[version] = (await registry.predict(f"fraud@{version}", rows)).scores
    assert expected[1] != expected[2]
    await registry.point("production", 1)
    seen = []

    async def predict():
        for _ in range(25):
            answer = await registry.predict("fraud@production", rows)
            seen.append((answer.model.version, answer.scores))

    async def swap():
        for turn in range(25):
            await registry.point("production", 2 - turn % 2)

    await asyncio.gather(predict(), swap(), predict(), swap())
    assert len(seen) == 50
    assert all(scores == expected[version] for version, scores in seen)


@one_database
async def test_an_attempt_that_has_lost_its_job_makes_no_version_and_leaves_no_file(registry):
    job, _ = await registry.submit()
    world = registry.world
    attempt = world.attempts.claim(job.job_id)
    world.change(job.job_id, attempt=attempt.number + 1, worker="another")
    run_attempt(attempt, JobTools(world.attempts, world.store, world.settings, Staying()))
    with pytest.raises(ProblemError, match="There is no model fraud"):
        await registry.models.get(world.principal, "fraud")
    assert [
        found.key for found in world.store.list_objects(f"tenants/{world.principal.tenant_id}/models")
    ] == []


async def test_an_end_that_is_repeated_after_a_lost_answer_makes_one_version(registry, monkeypatch):
    job, _ = await registry.submit()
    world = registry.world
    succeed = type(world.attempts).succeed

    def twice(*arguments):
        assert succeed(*arguments)
        return succeed(*arguments)

    monkeypatch.setattr(type(world.attempts), "succeed", twice)
    registry.work(job.job_id)
    assert [
        each.version for each in (await registry.models.versions(world.principal, "fraud", limit=9)).items
    ] == [1]
    assert (await registry.predict("fraud")).n_rows == 200


@one_database
async def test_a_repeated_training_with_its_key_is_the_same_job(registry):
    first, replayed = await registry.submit(key="nightly")
    second, again = await registry.submit(key="nightly")
    assert (first.job_id, replayed, again) == (second.job_id, False, True)
    with pytest.raises(ProblemError) as refused:
        await registry.submit(key="nightly", contamination=0.3)
    assert refused.value.code == "idempotency-mismatch"


@one_database
async def test_rows_sent_along_become_one_dataset_however_often_they_are_trained_on(registry):
    await registry.train()
    await registry.train(random_state=1)
    world = registry.world
    [dataset] = (await world.datasets.list(world.principal, limit=9)).items
    assert (dataset.n_rows, dataset.name) == (200, "rows of fraud")
    version = await registry.models.version(world.principal, "fraud", 2)
    assert version.data.sources == [dataset.dataset_id]


@one_database
async def test_more_rows_than_are_fitted_are_sampled_and_the_version_says_so(registry):
    object.__setattr__(registry.world.settings, "job_fit_rows", 150)
    await registry.train(data=ROWS, label_column="fraud")
    version = await registry.models.version(registry.world.principal, "fraud", 1)
    assert (version.data.n_rows, version.data.n_fitted_rows) == (200, 150)
    assert version.metrics.n_labelled == 150
    assert [warning.code for warning in version.warnings] == ["fitted-on-sample"]


@one_database
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"data_sources": ["dts_x"]}, "names its rows either in data or in data_sources"),
        ({"data": None}, "names its rows either in data or in data_sources"),
        ({"name": "mdl_" + "0" * 32}, "looks like the id of a model"),
        ({"label_column": "amount", "features": ["amount"]}, "the column of labels; a label is no feature"),
        ({"algorithm": "matrix_profile"}, "there is no model of it to keep"),
        ({"algorithm": "tea_leaves"}, "tea_leaves"),
    ],
)
async def test_a_training_that_no_table_could_make_usable_is_refused_at_once(registry, options, said):
    with pytest.raises(ProblemError, match=said):
        await registry.submit(**options)
    assert registry.world.published.job_ids == []


@one_database
async def test_a_training_has_no_result_and_says_where_its_model_is(registry):
    job, _ = await registry.submit()
    registry.work(job.job_id)
    with pytest.raises(ProblemError, match="its `model` names the version") as refused:
        await registry.world.jobs.result(registry.world.principal, job.job_id, limit=1)
    assert refused.value.code == "conflict"


@one_database
async def test_a_version_deleted_while_its_file_is_looked_for_gives_way_to_the_aliass_new_one(
    registry, monkeypatch
):
    for seed in range(2):
        await registry.train(random_state=seed)
    await registry.point("production", 1)
    load = opening.load
    moved = threading.Event()
    loop = asyncio.get_running_loop()

    async def move():
        await registry.point("production", 2)
        await registry.models.delete_version(registry.world.principal, "fraud", 1)

    def load_late(*arguments):
        if not moved.is_set():
            moved.set()
            asyncio.run_coroutine_threadsafe(move(), loop).result()
        return load(*arguments)

    monkeypatch.setattr(opening, "load", load_late)
    predicted = await registry.predict("fraud@production")
    assert (predicted.model.version, predicted.warnings) == (2, [])


@one_database
async def test_the_message_of_an_ended_training_names_its_version(registry):
    world = registry.world
    with world.sessions.write() as session:
        session.add(
            WebhookEndpointRow(
                id=new_id("whe"),
                tenant_id=world.principal.tenant_id,
                url="https://1.1.1.1/hook",
                description="",
                event_types=["job.succeeded"],
                secret_version=1,
                created_at=datetime.now(UTC),
            )
        )
        session.commit()
    made = await registry.train()
    with world.sessions.read() as session:
        [delivery] = session.scalars(sa.select(WebhookDeliveryRow)).all()
    data = json.loads(delivery.payload)["data"]
    assert data["model"] == {"model_id": made.model_id, "name": "fraud", "version": 1}


@one_database
async def test_models_count_towards_the_quota_of_bytes_and_none_is_trained_beyond_it(registry):
    world = registry.world
    await registry.train()
    file = registry.artefact(1).stat().st_size
    [dataset] = (await world.datasets.list(world.principal, limit=9)).items
    assert await world.datasets.stored_bytes(world.principal) == dataset.size_bytes + file
    quotas = registry.training._quotas
    await quotas.change(world.principal.tenant_id, stored_bytes=dataset.size_bytes + file)
    with pytest.raises(ProblemError, match="so that no model can be added") as refused:
        await registry.submit(random_state=1)
    assert (refused.value.code, refused.value.headers) == ("quota-exceeded", {"Retry-After": "3600"})
