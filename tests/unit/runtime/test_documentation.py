"""What docs/running.md says of the settings is what they are."""

from pathlib import Path

import pytest

from pynomaly_server.settings import Settings, environment_variable

PAGE = (Path(__file__).parents[3] / "docs" / "running.md").read_text()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented_in_its_own_words(name):
    field = Settings.model_fields[name]
    begins = f"| `{environment_variable(name)}` | {field.json_schema_extra['allowed']} | "
    lines = [line for line in PAGE.splitlines() if line.startswith(begins)]
    assert [line for line in lines if line.endswith(f"| {field.description} |")]
