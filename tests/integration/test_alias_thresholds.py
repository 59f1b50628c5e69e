"""Thresholds of aliases: what they change in answers, what they leave alone, and how they come and go."""

from __future__ import annotations

import numpy as np
from tests.integration.registry import UNLABELLED, one_database


async def test_an_aliass_threshold_decides_what_it_predicts_and_half_is_the_border_again(registry):
    await registry.train()
    own = await registry.predict("fraud@1", return_confidence=True)
    for threshold in (0.2, 0.5, 0.8):
        await registry.point("production", 1, threshold=threshold)
        answer = await registry.predict("fraud@production", return_confidence=True)
        assert answer.predictions == [int(score >= threshold) for score in own.scores]
        assert answer.predictions == [int(score >= 0.5) for score in answer.scores]
        assert answer.n_anomalies == sum(answer.predictions)
        assert (np.diff(np.array(answer.scores)[np.argsort(own.scores)]) >= 0).all()
        assert answer.contamination == sum(answer.predictions) / len(UNLABELLED)
        if threshold == 0.5:
            assert (answer.scores, answer.confidence) == (own.scores, own.confidence)
            assert answer.contamination == own.contamination
        else:
            assert (answer.threshold > own.threshold) == (threshold > 0.5)
    assert (await registry.predict("fraud@1")).scores == own.scores
    assert (await registry.predict("fraud")).predictions == own.predictions


@one_database
async def test_a_threshold_is_part_of_the_alias_and_is_rolled_back_with_it(registry):
    await registry.train()
    await registry.point("production", 1)
    await registry.point("production", 1, threshold=0.7)
    await registry.point("production", 1, threshold=0.7)
    principal = registry.world.principal
    history = (await registry.models.alias(principal, "fraud", "production")).history
    assert [change.threshold for change in history] == [0.7, None]
    assert (await registry.models.roll_back(principal, "fraud", "production")).threshold is None
    await registry.point("production", 1, threshold=0.6)
    assert (await registry.point("production", 1)).threshold is None


@one_database
async def test_explanations_are_of_the_rows_that_the_alias_calls_anomalous(registry):
    await registry.train()
    await registry.point("strict", 1, threshold=0.9)
    answer = await registry.predict("fraud@strict", include_explanations=True)
    assert 0 < answer.n_anomalies < 20
    assert [each.row for each in answer.explanations] == [
        row for row, prediction in enumerate(answer.predictions) if prediction
    ]


@one_database
async def test_the_threshold_holds_for_whichever_version_scores(registry):
    for seed in (1, 2):
        await registry.train(random_state=seed)
    own = {version: (await registry.predict(f"fraud@{version}")).scores for version in (1, 2)}
    await registry.point("production", 1, threshold=0.8)
    await registry.point("production", 2, threshold=0.8)
    registry.artefact(2).write_bytes(b"damaged")
    registry.cache._kept.clear()
    answer = await registry.predict("fraud@production")
    assert answer.model.version == 1
    assert answer.predictions == [int(score >= 0.8) for score in own[answer.model.version]]
