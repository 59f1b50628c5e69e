"""When the certificates end that callers meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.service import certificates

ENDS = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def certificate(tmp_path):
    key, name = Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a.test")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(ENDS - timedelta(days=90))
        .not_valid_after(ENDS)
        .sign(key, None)
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path


def told(**settings):
    return {each.labels["shown_by"]: each.value for each in certificates(Settings.load(**settings))}


def test_the_certificate_of_the_api_and_that_of_a_proxy_are_told_apart(certificate):
    assert told() == {}
    assert told(tls_cert=certificate) == {"api": ENDS.timestamp()}
    assert told(tls_cert=certificate, proxy_cert=certificate) == {
        "api": ENDS.timestamp(),
        "proxy": ENDS.timestamp(),
    }


def test_a_certificate_of_a_proxy_that_cannot_be_read_has_ended(tmp_path):
    """So that the alert fires where the watching itself is broken."""
    assert told(proxy_cert=tmp_path / "none.pem") == {"proxy": 0}
