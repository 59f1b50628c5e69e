"""Addresses of the broker in the words of its two clients."""

from __future__ import annotations

import pytest
from kombu import Connection

from pynomaly_server.worker.broker import celery_url, redis_url


@pytest.mark.parametrize(
    ("given", "for_celery"),
    [
        ("redis://h:1/2", "redis://h:1/2"),
        ("valkey://h:1/2", "redis://h:1/2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock"),
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("rediss://u:p@h/0", "rediss://u:p@h/0?ssl_cert_reqs=required"),
        ("valkeys://h/0", "rediss://h/0?ssl_cert_reqs=required"),
    ],
)
def test_every_address_has_its_form_for_celery(given, for_celery):
    assert celery_url(given) == for_celery
    assert Connection(for_celery).transport_cls in {"redis", "rediss"}


def test_every_address_has_its_form_for_redis():
    assert redis_url("valkeys://h/0") == "rediss://h/0"
    assert redis_url("unix:///run/v.sock?db=3") == "unix:///run/v.sock?db=3"
