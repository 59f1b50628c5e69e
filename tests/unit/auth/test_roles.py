"""The table of roles."""

from __future__ import annotations

from typing import get_args

import pytest

from pynomaly_server.auth.principal import EVERYTHING, SCOPES, Principal
from pynomaly_server.auth.roles import ADMIN, ADMINS_ALONE, ROLES
from pynomaly_server.contract.structs import Role


def test_the_roles_are_those_of_the_contract():
    assert set(ROLES) == set(get_args(Role))


def test_every_scope_of_the_contract_is_decided_upon():
    given = set().union(*(scopes for scopes in ROLES.values() if EVERYTHING not in scopes))
    assert given | ADMINS_ALONE == SCOPES
    assert not given & ADMINS_ALONE


def test_each_role_may_all_that_the_one_below_it_may():
    viewer, analyst, operator, _admin = (
        Principal("ten", role, ROLES[role]) for role in ("viewer", "analyst", "operator", ADMIN)
    )
    assert viewer.scopes < analyst.scopes < operator.scopes


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_an_admin_may_everything(scope):
    assert Principal("ten", "usr", ROLES[ADMIN]).may(scope)


def test_a_viewer_changes_nothing():
    assert all(scope.endswith(":read") for scope in ROLES["viewer"])
