"""Settings from the environment."""

from __future__ import annotations

import pytest

from pynomaly_server.features import Feature
from pynomaly_server.settings import Settings, SettingsError

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "REDIS_URL", "PYNOMALY_SECRET_KEY", "PYNOMALY_DATA_DIR", "PYNOMALY_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def faults(**given):
    with pytest.raises(SettingsError) as error:
        Settings.load(**given)
    return error.value.faults


def test_without_environment_everything_lies_in_the_data_folder(tmp_path):
    settings = Settings.load()
    assert settings.data_dir == tmp_path / "pynomaly"
    assert settings.database_url == f"sqlite:///{tmp_path}/pynomaly/pynomaly.db"
    assert settings.storage_url == f"file://{tmp_path}/pynomaly/objects"
    assert (settings.redis_url, settings.secret_key) == (None, None)


def test_the_environment_is_read(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@h/d")
    monkeypatch.setenv("REDIS_URL", "unix:///run/valkey.sock")
    monkeypatch.setenv("PYNOMALY_PORT", "9000")
    settings = Settings.load()
    assert (settings.database_url, settings.redis_url, settings.port) == (
        "postgres://u:p@h/d",
        "unix:///run/valkey.sock",
        9000,
    )


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("PYNOMALY_PORT", "")
    assert Settings.load().port == 8000


def test_all_faults_are_named_at_once():
    assert faults(
        port=70000, lease_seconds="soon", database_url="mysql://h/d", redis_url="http://h", log_level="loud"
    ) == [
        (
            "DATABASE_URL is 'mysql://h/d', but must be postgresql://user:password@host/name or "
            "sqlite:////absolute/path.db."
        ),
        (
            "REDIS_URL is 'http://h', but must be redis://host:port/0, rediss://…, valkey://… or "
            "unix:///path/to/socket."
        ),
        "PYNOMALY_PORT is '70000', but must be a whole number from 0 to 65,535.",
        "PYNOMALY_LOG_LEVEL is 'loud', but must be debug, info, warning or error.",
        "PYNOMALY_LEASE_SECONDS is 'soon', but must be a number of seconds from 0.5 to 3600.",
    ]


def test_faults_from_the_environment_name_the_variable(monkeypatch):
    monkeypatch.setenv("PYNOMALY_PORT", "many")
    assert faults() == ["PYNOMALY_PORT is 'many', but must be a whole number from 0 to 65,535."]


def test_a_faulty_secret_is_not_shown():
    [fault] = faults(secret_key="hunter2")
    assert fault == (
        "PYNOMALY_SECRET_KEY is set to 7 characters (not shown), but must be at least 32 characters, "
        "the same for every process of one server."
    )


def test_a_password_in_a_faulty_url_is_not_shown():
    [fault] = faults(database_url="mysql://bob:hunter2@h/d")
    assert "hunter2" not in fault


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresq://h/d", "h/d"])
def test_a_database_that_processes_cannot_share_is_refused(url):
    assert faults(database_url=url)[0].startswith("DATABASE_URL is ")


@pytest.mark.parametrize("url", ["ftp://h/x", "file://host/x", "s3://", "/tmp/x"])
def test_an_unknown_storage_is_refused(url):
    assert faults(storage_url=url)[0].startswith("PYNOMALY_STORAGE_URL is ")


def test_a_process_of_the_server_needs_a_broker_and_a_secret():
    with pytest.raises(SettingsError) as error:
        Settings.load().complete()
    assert [fault.split()[0] for fault in error.value.faults] == ["REDIS_URL", "PYNOMALY_SECRET_KEY"]


def test_the_secret_kept_in_the_data_folder_is_used(tmp_path):
    (tmp_path / "secret.key").write_text(SECRET + "\n")
    assert Settings.load(data_dir=tmp_path, redis_url="redis://h").complete().secret == SECRET


def test_secrets_are_not_in_the_settings_repr():
    settings = Settings.load(
        secret_key=SECRET, database_url="postgresql://u:pw1@h/d", redis_url="redis://:pw2@h"
    )
    assert not any(secret in repr(settings) for secret in (SECRET, "pw1", "pw2"))


def test_secrets_may_lie_in_files(monkeypatch, tmp_path):
    for variable, secret in (
        ("DATABASE_URL", "postgresql://u:p@h/d"),
        ("REDIS_URL", "redis://h:6379/0"),
        ("PYNOMALY_SECRET_KEY", SECRET),
    ):
        (tmp_path / variable).write_text(secret + "\n")
        monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / variable))
    settings = Settings.load()
    assert (settings.database_url, settings.broker_url, settings.secret) == (
        "postgresql://u:p@h/d",
        "redis://h:6379/0",
        SECRET,
    )


def test_a_variable_goes_before_its_file(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql://file/d")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://variable/d")
    assert Settings.load().database_url == "postgresql://variable/d"


def test_files_that_cannot_be_used_are_named_beside_all_other_faults(monkeypatch, tmp_path):
    (tmp_path / "empty").write_text(" \n")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "empty"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY_FILE", "/nowhere/key")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    assert faults(port=-1) == [
        f"REDIS_URL_FILE names {tmp_path}/empty, which is empty. Put the value of REDIS_URL there.",
        (
            "AWS_SECRET_ACCESS_KEY_FILE names /nowhere/key, which cannot be read: No such file or directory. "
            "Put the value of AWS_SECRET_ACCESS_KEY there, readable for the user that runs the server."
        ),
        "PYNOMALY_PORT is '-1', but must be a whole number from 0 to 65,535.",
    ]


def test_a_faulty_secret_in_a_file_is_not_shown(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("hunter2")
    monkeypatch.setenv("PYNOMALY_SECRET_KEY_FILE", str(tmp_path / "key"))
    [fault] = faults()
    assert "hunter2" not in fault
    assert fault.startswith("PYNOMALY_SECRET_KEY is set to 7 characters (not shown)")


def test_former_secret_keys_are_told_apart_by_white_space_and_the_present_one_is_none_of_them():
    former = ["f" * 32, "g" * 40]
    settings = Settings.load(secret_key=SECRET, secret_key_previous=f"{former[0]}\n{SECRET}  {former[1]}\n")
    assert settings.former_secrets == tuple(former)
    assert Settings.load(secret_key=SECRET).former_secrets == ()


def test_former_secret_keys_may_lie_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "former").write_text("f" * 32 + "\n")
    monkeypatch.setenv("PYNOMALY_SECRET_KEY_PREVIOUS_FILE", str(tmp_path / "former"))
    assert Settings.load(secret_key=SECRET).former_secrets == ("f" * 32,)


def test_a_former_secret_key_that_is_too_short_is_named_but_not_shown():
    assert faults(secret_key=SECRET, secret_key_previous=f"{SECRET} hunter2") == [
        (
            "PYNOMALY_SECRET_KEY_PREVIOUS is set to 40 characters (not shown), but must be keys of at least "
            "32 characters each, with white space between them."
        )
    ]


def test_what_is_switched_off_is_named_with_commas_between(monkeypatch):
    assert Settings.load().switched_off == frozenset()
    monkeypatch.setenv("PYNOMALY_FEATURES_OFF", " trainings,Shadow-Traffic ,")
    assert Settings.load().switched_off == {Feature.TRAININGS, Feature.SHADOW_TRAFFIC}


def test_a_feature_that_there_is_not_is_a_fault_that_names_those_there_are():
    assert faults(features_off="training") == [
        (
            "PYNOMALY_FEATURES_OFF is 'training', but must be any of batch-jobs, deep-algorithms, "
            "remote-sources, shadow-traffic, trainings, uploads, separated by commas."
        ),
    ]
