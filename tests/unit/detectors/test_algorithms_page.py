"""docs/algorithms.md says of every algorithm what the registry says."""

from pathlib import Path

import pytest

from pynomaly_server.detectors import registry

PAGE = (Path(__file__).parents[3] / "docs" / "algorithms.md").read_text()


@pytest.mark.parametrize("spec", registry.all(), ids=lambda spec: spec.name)
def test_the_page_names_every_parameter_with_its_bounds(spec):
    _, _, rest = PAGE.partition(f"### {spec.title}\n")
    section, _, _ = rest.partition("\n### ")
    assert f"`{spec.name}`" in section
    for name, rule in spec.parameters["properties"].items():
        (line,) = [line for line in section.splitlines() if line.startswith(f"- `{name}` ")]
        if rule["type"] == "integer":
            assert f"{rule['minimum']} to {rule['maximum']}" in line
