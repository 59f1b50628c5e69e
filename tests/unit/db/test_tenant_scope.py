"""The check that statements are held to one tenant finds those that are not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "requirements" / "tenant_scope.py"
TABLES = """
class TenantRow(Base):
    id: Mapped[str]

class JobRow(Base):
    tenant_id: Mapped[str]
"""


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location("tenant_scope", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def faults(check, tmp_path):
    """What is found in a package with one repository."""

    def found(statement: str, exceptions: dict[str, str] | None = None) -> list[str]:
        (tmp_path / "db" / "tables").mkdir(parents=True, exist_ok=True)
        (tmp_path / "db" / "tables" / "notes.py").write_text(TABLES)
        source = f"class Jobs:\n    def find(self, tenant_id):\n        {statement}\n"
        (tmp_path / "repository.py").write_text(source)
        return check.faults(tmp_path, {"TenantRow": "the tenants", **(exceptions or {})})

    return found


@pytest.mark.parametrize(
    "statement",
    [
        "return sa.select(JobRow).where(JobRow.tenant_id == tenant_id)",
        "return sa.select(JobRow.id).limit(1).where(JobRow.id == 1, JobRow.tenant_id == tenant_id)",
        "return sa.select(sa.func.count()).select_from(JobRow).where(JobRow.tenant_id == self._tenant_id)",
        "return sa.delete(JobRow).where(JobRow.tenant_id == tenant_id).returning(JobRow.id)",
        "return sa.insert(JobRow).values(tenant_id=tenant_id, **values)",
        "return of_tenant(JobRow, tenant_id).where(JobRow.id == 1)",
        "return sa.select(TenantRow).where(TenantRow.id == tenant_id)",
    ],
)
def test_a_statement_that_says_whose_rows_it_means_is_in_order(faults, statement):
    assert faults(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        "return sa.select(JobRow)",
        "return sa.select(JobRow).where(JobRow.id == job_id)",
        "return sa.select(sa.func.count()).select_from(JobRow)",
        "return sa.update(JobRow).where(JobRow.id == job_id).values(state='x')",
        "return sa.delete(JobRow).where(JobRow.tenant_id != tenant_id)",
        "return sa.insert(JobRow).values(**values)",
        "return sa.select(JobRow).join(TenantRow, TenantRow.id == JobRow.tenant_id)",
        "other = aliased(JobRow); return sa.select(other.id).where(other.id == job_id)",
        "return sa.select(JobRow).where(JobRow.id.in_(sa.select(JobRow.id).where(JobRow.id == 1)))",
    ],
)
def test_a_statement_that_says_no_tenant_is_found(faults, statement):
    found = faults(statement)
    assert found
    assert all(
        fault.startswith("server/src/pynomaly_server/repository.py:3: Jobs.find reads or changes ")
        for fault in found
    )


@pytest.mark.parametrize("name", ["repository.py::Jobs.find", "repository.py"])
def test_what_is_listed_with_a_reason_is_in_order(faults, name):
    assert faults("return sa.select(JobRow)", {name: "serves all tenants"}) == []


def test_a_reason_that_nothing_needs_is_found(faults):
    assert faults("return 1", {"repository.py::Jobs.find": "serves all tenants"}) == [
        "requirements/tenant_scope.toml lists 'repository.py::Jobs.find', which nothing needs. Remove it."
    ]


def test_a_table_without_a_tenant_is_found(check, faults, tmp_path):
    faults("return 1")
    more = TABLES + "\nclass NoteRow(Base):\n    id: Mapped[str]\n"
    (tmp_path / "db" / "tables" / "notes.py").write_text(more)
    (found,) = check.faults(tmp_path, {"TenantRow": "the tenants"})
    assert found.startswith("The table NoteRow has no tenant_id. Add one, or list 'NoteRow' in ")


def test_every_statement_of_the_server_is_held_to_one_tenant_or_listed(check, capsys):
    assert check.main() == 0, capsys.readouterr().out
