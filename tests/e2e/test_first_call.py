"""What somebody meets who has started the server and configured nothing."""

import stat

import pytest

FIRST_CALL = (
    "from pynomaly import PynomalyClient; print(PynomalyClient().detect_anomalies('file.csv').anomalies())"
)


@pytest.fixture
def folder_with_a_csv(tmp_path):
    lines = ["order,amount,country", *(f"o-{n},{20 + n % 7},{'DE' if n % 3 else 'FR'}" for n in range(60))]
    (tmp_path / "file.csv").write_text("\n".join([*lines, "o-odd,9000,NG"]) + "\n")
    return tmp_path


def test_the_first_call_needs_no_configuration(stack, folder_with_a_csv):
    done = stack.run_python("-c", FIRST_CALL, cwd=folder_with_a_csv)
    assert done.returncode == 0, done.stderr
    summary, _, _, first, *_ = done.stdout.splitlines()
    assert summary.endswith("rows are anomalous (isolation_forest)")
    assert "o-odd" in first


def test_the_command_line_detects_in_a_file(stack, folder_with_a_csv):
    done = stack.run_pynomaly("detect", "file.csv", cwd=folder_with_a_csv)
    assert done.returncode == 0, done.stderr
    assert "o-odd" in done.stdout


def test_the_profile_and_the_secret_key_are_private(stack):
    for path in (stack.server.profile, stack.data_dir / "secret.key", stack.data_dir / "server.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_key_is_printed_nowhere(stack):
    key = stack.api_key
    assert key.startswith("pyn_")
    for log in stack.server.logs.iterdir():
        assert key not in log.read_text(errors="replace"), log


def test_health_names_every_part(client):
    health = client.health_check()
    assert health.status == "ok"
    assert {check.name for check in health.checks} == {"database", "broker", "workers"}


def test_without_a_key_nothing_is_detected(stack):
    from pynomaly import AuthenticationError, PynomalyClient

    with (
        PynomalyClient(api_key="pyn_wrong", base_url=stack.base_url) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.detect_anomalies([[1.0], [2.0], [3.0]] * 10)
