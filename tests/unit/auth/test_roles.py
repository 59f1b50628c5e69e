"""The table of roles."""

from __future__ import annotations

from pathlib import Path
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


def test_the_page_on_access_prints_this_table():
    page = (Path(__file__).parents[3] / "docs" / "access.md").read_text().splitlines()
    head, *rows = (
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in page
        if line.startswith("| ") and "---" not in line
    )
    assert head[1:] == list(ROLES)
    printed = {
        role: {row[0].split("`")[0] for row in rows if row[column] == "yes"}
        for column, role in enumerate(head[1:], start=1)
    }
    assert printed.pop(ADMIN) == SCOPES | {EVERYTHING}
    assert printed == {role: set(scopes) for role, scopes in ROLES.items() if role != ADMIN}
