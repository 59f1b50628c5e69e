"""Aliases with two versions behind them: shares of the requests, their history and their ends."""

from __future__ import annotations

import pytest
from tests.integration.registry import UNLABELLED, one_database

from pynomaly_server.contract.structs import ModelCanary
from pynomaly_server.problems import ProblemError

HALF = ModelCanary(version=2, share=0.5)


@pytest.fixture
async def two(registry):
    for seed in (1, 2):
        await registry.train(random_state=seed)
    return registry


async def test_a_canary_scores_its_share_and_the_answer_names_the_version(two):
    await two.point("production", 1, canary=HALF)
    own = {version: await two.predict(f"fraud@{version}") for version in (1, 2)}
    answers = [await two.predict("fraud@production", [row]) for row in UNLABELLED[:60]]
    scored = [answer.model.version for answer in answers]
    assert 15 < scored.count(2) < 45
    # Each score is wholly that of the version which is named.
    assert [answer.scores[0] for answer in answers] == [
        own[version].scores[at] for at, version in enumerate(scored)
    ]
    again = [await two.predict("fraud@production", [row]) for row in UNLABELLED[:60]]
    assert [answer.model.version for answer in again] == scored


@one_database
async def test_rollback_undoes_a_split_and_the_history_has_it(two):
    principal = two.world.principal
    await two.point("production", 1)
    await two.point("production", 1, canary=HALF)
    shadowed = await two.point("production", 2, shadow=1)
    assert (shadowed.version, shadowed.canary, shadowed.shadow) == (2, None, 1)
    back = await two.models.roll_back(principal, "fraud", "production")
    assert (back.version, back.canary, back.shadow) == (1, HALF, None)
    back = await two.models.roll_back(principal, "fraud", "production")
    assert (back.version, back.canary, back.shadow) == (1, None, None)
    history = (await two.models.alias(principal, "fraud", "production")).history
    assert [(each.version, each.canary, each.shadow, each.rollback) for each in history] == [
        (1, None, None, True),
        (1, HALF, None, True),
        (2, None, 1, False),
        (1, HALF, None, False),
        (1, None, None, False),
    ]


@one_database
async def test_setting_an_alias_to_the_split_that_it_has_changes_nothing(two):
    first = await two.point("production", 1, canary=HALF)
    assert await two.point("production", 1, canary=HALF) == first
    moved = await two.point("production", 1, canary=ModelCanary(version=2, share=0.6))
    assert moved.changed_at > first.changed_at


@one_database
@pytest.mark.parametrize("second", [{"canary": HALF}, {"shadow": 2}])
async def test_a_canary_or_shadow_is_in_use_and_must_be_there(two, second):
    await two.point("production", 1, **second)
    principal = two.world.principal
    with pytest.raises(ProblemError, match="Version 2 of the model fraud is in use: the alias production"):
        await two.models.delete_version(principal, "fraud", 2)
    await two.point("production", 1)
    await two.models.delete_version(principal, "fraud", 2)
    with pytest.raises(ProblemError, match="The model fraud has no version 2"):
        await two.point("production", 1, **second)


@one_database
async def test_instead_of_a_canary_that_cannot_be_read_the_aliass_version_scores(two):
    await two.point("production", 1, canary=ModelCanary(version=2, share=0.999_999))
    two.artefact(2).write_bytes(b"damaged")
    answer = await two.predict("fraud@production")
    assert answer.model.version == 1
    assert [each.code for each in answer.warnings if each.code == "earlier-version"] == ["earlier-version"]
    assert "Version 1 has scored" in answer.warnings[0].detail
