"""Labels for scored rows: kept once per row and version, and what they say of a threshold."""

from __future__ import annotations

import pytest
from tests.integration.registry import ROWS, UNLABELLED, free, one_database

from pynomaly_server.contract.structs import ModelFeedbackRequest
from pynomaly_server.detection.workload import Workload
from pynomaly_server.models.feedback import service as room
from pynomaly_server.models.feedback.service import FeedbackService
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.limits import UNLIMITED

FRAUD = [row["fraud"] for row in ROWS]


@pytest.fixture
def feedback(registry):
    service = FeedbackService(
        registry.world.async_sessions, registry.predictions._models, Workload(), UNLIMITED
    )

    class Feedback:
        async def give(self, reference, rows, labels):
            request = ModelFeedbackRequest(data=rows, labels=labels)
            return await service.give(registry.world.principal, reference, request, free)

        async def look(self, reference):
            return await service.look(registry.world.principal, reference)

    return Feedback()


async def test_labels_give_precision_and_recall_at_the_threshold_and_a_better_one(registry, feedback):
    await registry.train(contamination=0.3)
    own = await registry.predict("fraud")
    given = await feedback.give("fraud@1", UNLABELLED, FRAUD)
    predicted = [score >= 0.5 for score in own.scores]
    assert (given.n_labels, given.n_anomalies, given.n_predicted) == (200, 20, sum(predicted))
    assert given.precision == 20 / sum(predicted)
    assert (given.threshold, given.recall) == (0.5, 1.0)
    assert (given.suggested.precision, given.suggested.recall) == (1.0, 1.0)
    assert await feedback.look("fraud") == given
    await registry.point("production", 1, threshold=given.suggested.threshold)
    told = await feedback.look("fraud@production")
    assert (told.alias, told.threshold) == ("production", given.suggested.threshold)
    assert (told.precision, told.recall, told.n_predicted) == (1.0, 1.0, 20)
    answer = await registry.predict("fraud@production")
    assert [bool(prediction) for prediction in answer.predictions] == FRAUD


async def test_the_same_row_again_replaces_its_label(registry, feedback):
    await registry.train()
    first = await feedback.give("fraud", UNLABELLED[:10], FRAUD[:10])
    assert await feedback.give("fraud", UNLABELLED[:10], FRAUD[:10]) == first
    turned = await feedback.give("fraud", [UNLABELLED[9]], [False])
    assert (first.n_labels, first.n_anomalies) == (10, 1)
    assert (turned.n_labels, turned.n_anomalies) == (10, 0)
    assert turned.suggested is None


@one_database
async def test_what_was_missed_is_not_known_where_only_alerts_have_labels(registry, feedback):
    await registry.train()
    alerts = [
        row
        for row, prediction in zip(UNLABELLED, (await registry.predict("fraud")).predictions, strict=True)
        if prediction
    ]
    given = await feedback.give("fraud", alerts, [True] * len(alerts))
    assert (given.precision, given.recall) == (1.0, None)


@one_database
async def test_labels_belong_to_a_version_and_go_with_it(registry, feedback):
    for seed in (1, 2):
        await registry.train(random_state=seed)
    await feedback.give("fraud@1", UNLABELLED, FRAUD)
    assert (await feedback.look("fraud@2")).n_labels == 0
    await registry.models.delete_version(registry.world.principal, "fraud", 1)
    with pytest.raises(ProblemError, match="has no version 1"):
        await feedback.look("fraud@1")


@one_database
async def test_only_the_newest_labels_are_kept(registry, feedback, monkeypatch):
    monkeypatch.setattr(room, "MOST_LABELS", 15)
    await registry.train()
    await feedback.give("fraud", UNLABELLED[:10], FRAUD[:10])
    given = await feedback.give("fraud", UNLABELLED[100:115], FRAUD[100:115])
    assert (given.n_labels, given.n_anomalies) == (15, 1)


@one_database
async def test_labels_that_do_not_fit_their_rows_are_refused(registry, feedback):
    await registry.train()
    with pytest.raises(ProblemError, match="has 2 items for 3 rows") as refused:
        await feedback.give("fraud", UNLABELLED[:3], [True, False])
    assert refused.value.code == "validation"
    with pytest.raises(ProblemError, match="Column 'country' is missing") as refused:
        await feedback.give("fraud", [{"amount": 1}], [True])
    assert refused.value.code == "bad-dataset"
    assert (await feedback.look("fraud")).n_labels == 0
