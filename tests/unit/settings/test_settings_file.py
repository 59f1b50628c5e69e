"""Settings may stand in a file; what the environment and the command line say goes before it."""

import pytest

from pynomaly_server.settings import Settings, SettingsError


@pytest.fixture
def told(tmp_path, monkeypatch):
    monkeypatch.setenv("PYNOMALY_DATA_DIR", str(tmp_path))

    def tell(text):
        (tmp_path / "settings").write_text(text)
        monkeypatch.setenv("PYNOMALY_SETTINGS_FILE", str(tmp_path / "settings"))
        return Settings.load

    return tell


def test_lines_are_settings_and_comments_are_none(told):
    settings = told("# what is here\n\n  PYNOMALY_WORKERS = 3\nREDIS_URL=redis://queue:6379/0\n")()
    assert (settings.workers, settings.redis_url) == (3, "redis://queue:6379/0")


def test_the_environment_and_the_command_line_go_before_the_file(told, monkeypatch):
    monkeypatch.setenv("PYNOMALY_WORKERS", "2")
    load = told("PYNOMALY_WORKERS=3\nPYNOMALY_PORT=8001\n")
    assert load(port=8002).workers == 2
    assert load(port=8002).port == 8002


def test_every_fault_of_the_file_is_told_with_those_of_the_environment(told, monkeypatch):
    monkeypatch.setenv("PYNOMALY_PORT", "-1")
    load = told("PYNOMALY_WORKERS=none\nPYNOMALY_WORKRES=3\nhello\n")
    with pytest.raises(SettingsError) as refused:
        load()
    told_of = " ".join(refused.value.faults)
    for part in ("PYNOMALY_PORT is '-1'", "PYNOMALY_WORKERS is 'none'", "Line 2 of", "Line 3 of"):
        assert part in told_of
    assert len(refused.value.faults) == 4


def test_a_file_that_is_not_there_is_a_fault(told, monkeypatch, tmp_path):
    monkeypatch.setenv("PYNOMALY_SETTINGS_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="nowhere, which cannot be read: No such file"):
        Settings.load()
