"""Datasets as a user of the client meets them."""

from pathlib import Path

import pytest

from pynomaly import NotFoundError
from pynomaly.transport import Content

ROOT = Path(__file__).parents[2]


def test_the_page_on_datasets_runs_as_printed(stack):
    program = (ROOT / "docs" / "datasets.md").read_text().split("```python\n")[1].split("```")[0]
    done = stack.run_python("-c", program)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "2000 rows, 0 of them repeated"
    assert "merchant_category: categorical, 1.3% missing, 11 distinct" in lines
    assert lines[-1] == "True"


def test_a_deleted_dataset_is_gone_for_the_client(client, tmp_path):
    (tmp_path / "small.csv").write_text("a,b\n1,x\n2,y\n")
    dataset = client.datasets.upload_dataset(Content("text/csv", tmp_path / "small.csv"))
    client.datasets.delete_dataset(dataset.dataset_id)
    with pytest.raises(NotFoundError):
        client.datasets.profile_dataset(dataset.dataset_id)
