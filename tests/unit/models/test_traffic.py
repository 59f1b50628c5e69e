"""Which version scores a request is a matter of the request and the share, and of nothing else."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.contract.structs import ModelAliasTarget, ModelCanary, PredictionRequest
from pynomaly_server.models.traffic import Target, fingerprint_of_rows, to_canary
from pynomaly_server.problems import ProblemError

SHARES = st.floats(0.001, 0.999)


def requests(count, of=0):
    return [fingerprint_of_rows(PredictionRequest(data=[{"amount": n, "of": of}])) for n in range(count)]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_canary_gets_its_share_of_the_requests(share):
    many = requests(20_000)
    met = sum(to_canary("mdl_a@production", each, share) for each in many)
    # Five standard deviations of a binomial count.
    assert abs(met - share * len(many)) < 5 * math.sqrt(len(many) * share * (1 - share))


@given(request=st.binary(max_size=64), share=SHARES)
def test_a_request_that_is_repeated_meets_the_same_version(request, share):
    assert to_canary("a", request, share) == to_canary("a", request, share)


@given(request=st.binary(max_size=64), share=SHARES, more=SHARES)
def test_a_larger_share_keeps_the_requests_of_the_smaller(request, share, more):
    less, more = sorted([share, more])
    assert to_canary("a", request, more) or not to_canary("a", request, less)


def test_two_aliases_choose_apart_from_each_other():
    many = requests(4_000)
    both = sum(to_canary("a", each, 0.5) and to_canary("b", each, 0.5) for each in many)
    assert 850 < both < 1_150


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"canary": ModelCanary(version=2, share=0.1), "shadow": 3}, "/shadow"),
        ({"canary": ModelCanary(version=1, share=0.1)}, "/canary/version"),
        ({"shadow": 1}, "/shadow"),
    ],
)
def test_versions_that_do_not_go_together_are_refused(asked, pointer):
    with pytest.raises(ProblemError) as refused:
        Target.asked(ModelAliasTarget(version=1, **asked))
    assert (refused.value.code, refused.value.errors[0].pointer) == ("validation", pointer)


def test_a_canary_that_is_gone_takes_its_share_with_it():
    assert Target(1, 2, 0.3).among({1}) == Target(1)
    assert Target(1, shadow=3).among({1}) == Target(1)
    assert Target(1, 2, 0.3).among({1, 2}) == Target(1, 2, 0.3)
