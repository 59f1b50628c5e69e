"""Asking whether every part is up."""

from pynomaly_server.runtime.health import HealthProbe, ask_health


def test_a_server_is_up_when_every_part_is():
    probe = HealthProbe(
        "http://127.0.0.1:1", lambda _: {"status": "ok", "checks": [{"name": "broker", "status": "ok"}]}
    )
    assert probe()


def test_a_part_that_is_missing_is_named():
    said = {
        "status": "degraded",
        "checks": [
            {"name": "database", "status": "ok", "detail": "answered"},
            {"name": "workers", "status": "down", "detail": "none has reported"},
        ],
    }
    probe = HealthProbe("http://127.0.0.1:1", lambda _: said)
    assert not probe()
    assert probe.missing == "workers: none has reported"


def test_nobody_at_the_address_is_no_answer():
    assert ask_health("http://127.0.0.1:1") is None
    probe = HealthProbe("http://127.0.0.1:1")
    assert not probe()
    assert probe.missing == "the HTTP API does not answer"
