"""Models as files over HTTP and from the command line, with a whole server around them."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pynomaly import AsyncPynomalyClient, ConflictError, UnprocessableEntityError

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
ROWS = [{"amount": float(n * 37 % 50), "country": "FR" if n % 3 else "DE"} for n in range(60)]
MEDIA_TYPE = "application/vnd.pynomaly.model-package"


@pytest.fixture(scope="module")
def packed(stack, tmp_path_factory):
    """A model of one version, and its package."""
    with stack.client() as client:
        model = client.train_model(ROWS, "ecod", "packed")
        return model.reference, model.package(tmp_path_factory.mktemp("packages") / "packed.pynomaly")


@pytest.mark.parametrize("section", ["Packages", "Feedback"])
def test_the_sections_of_the_page_print_what_they_say(stack, tmp_path, section):
    section = PAGE.split(f"## {section}\n")[1]
    program, printed = (
        re.findall(rf"```{kind}\n(.*?)```", section, re.DOTALL)[0] for kind in ("python", "text")
    )
    done = stack.run_python("-c", program, cwd=tmp_path)
    assert (done.stdout, done.stderr) == (printed, "")


def test_giving_out_and_taking_in_are_in_the_audit_log(client, packed):
    reference, path = packed
    taken = client.models.load(path, "audited")
    by_resource = {
        resource: [entry.action for entry in client.audit.list_audit_log_iter(resource=resource)]
        for resource in (reference, str(taken))
    }
    assert by_resource == {"packed@1": ["packageModel"], "audited@1": ["importModel"]}


async def test_the_asynchronous_client_takes_a_package_back_as_well(stack, packed, tmp_path):
    async with AsyncPynomalyClient(api_key=stack.api_key, base_url=stack.base_url) as client:
        path = await client.models.use(packed[0]).package(tmp_path / "again.pynomaly")
        assert path.read_bytes() == packed[1].read_bytes()
        model = await client.models.load(path, "from-async")
        assert (await model.predict(ROWS)).scores == (await client.predict(packed[0], ROWS)).scores


def test_a_file_that_is_no_package_is_refused_with_what_to_send(client, tmp_path):
    (tmp_path / "a.pynomaly").write_bytes(b"not a package" * 100)
    with pytest.raises(UnprocessableEntityError, match="This is no package of a model") as refused:
        client.models.load(tmp_path / "a.pynomaly")
    assert refused.value.code == "bad-package"


def test_a_package_over_the_limit_is_refused_before_a_byte_of_it_is_read(stack):
    address = urlsplit(stack.base_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.putrequest("POST", "/api/v1/model-packages")
    for name, value in (
        ("X-API-Key", stack.api_key),
        ("Content-Type", MEDIA_TYPE),
        ("Content-Length", str(256 * 2**20 + 1)),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    problem = json.loads(answer.read())
    connection.close()
    assert (answer.status, problem["code"]) == (413, "payload-too-large")
    assert "the limit here is 268,435,456 bytes" in problem["detail"]


def test_the_operator_is_told_the_key_that_packages_are_signed_with(stack, client, packed):
    done = stack.run_python("-m", "pynomaly_server", "package-key", "--data-dir", str(stack.data_dir))
    assert (done.returncode, done.stderr) == (0, "")
    assert client.models.load(packed[1], "told").describe().imported.signed_by == done.stdout.strip()


def test_a_version_that_an_alias_points_at_is_in_use_and_says_by_which(client, packed):
    model = client.models.load(packed[1], "in-use")
    model.set_alias("production")
    for reference in ("in-use", "in-use@1"):
        with pytest.raises(ConflictError, match="is in use: the alias production points at it"):
            client.models.use(reference).delete()


def test_a_damaged_file_is_refused_and_the_version_before_goes_on_serving(stack, client):
    expected = client.train_model(ROWS, "ecod", "damaged").predict(ROWS).scores
    client.models.use("damaged@1").set_alias("production")
    there = set((stack.data_dir / "objects").rglob("*"))
    client.train_model(ROWS, "hbos", "damaged").set_alias("production")
    [artefact] = [
        path
        for path in set((stack.data_dir / "objects").rglob("*")) - there
        if path.is_file() and "/models/" in str(path)
    ]
    data = bytearray(artefact.read_bytes())
    data[len(data) // 2] ^= 1
    artefact.write_bytes(data)
    with pytest.raises(ConflictError, match="cannot be used: its file is damaged") as refused:
        client.predict("damaged@2", ROWS)
    assert refused.value.code == "model-unreadable"
    served = client.predict("damaged@production", ROWS)
    assert (served.model.version, served.scores) == (1, expected)
    assert [warning.code for warning in served.warnings] == ["earlier-version"]
