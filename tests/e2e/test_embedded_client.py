"""A client with a server of its own, and a table that is too large for one request."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from pynomaly import APIConnectionError, PayloadTooLargeError, PynomalyClient
from pynomaly.errors import ConfigurationError

ROWS = np.random.default_rng(0).normal(size=(10_050, 3))
ROWS[7] = 40.0


class Life:
    """A client with a server of its own in a folder of its own, from its making to its closing."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            client = PynomalyClient.embedded(timeout=120)
            self.health = client.health_check().status
            self.folder = Path(client._server._temporary)
            self.was_there = self.folder.exists()
            with pytest.raises(ConfigurationError) as refused:
                PynomalyClient()
            client.close()
        self.said_to_the_person = str(refused.value)
        self.client = client


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("person")))
        yield Life()


def test_an_embedded_server_answers_without_touching_the_persons_own_profile(life):
    assert life.health == "ok"
    assert "No API key" in life.said_to_the_person


def test_closing_the_client_stops_the_server_and_removes_its_folder(life):
    assert life.was_there
    assert not life.folder.exists()
    with pytest.raises((APIConnectionError, RuntimeError), match=r"Cannot connect|closed"):
        life.client.health_check(timeout=1)


def test_a_table_over_the_limit_of_one_request_becomes_a_job_by_itself(client):
    result = client.detect_anomalies(ROWS, contamination=0.001)
    assert len(result) == len(ROWS)
    assert result.predictions[7] == 1
    assert result.top(1)[0].values == {"x0": 40.0, "x1": 40.0, "x2": 40.0}
    assert [warning.code for warning in result.warnings][-1] == "ran-as-job"


def test_whoever_wants_no_job_is_told_the_limit(client):
    with pytest.raises(PayloadTooLargeError, match=r"10,000|10000"):
        client.with_options(oversize="error").detect_anomalies(ROWS)
