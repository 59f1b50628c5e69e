"""A server with TLS, origins and little patience."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
import select
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pynomaly import PynomalyClient
from pynomaly.profile import read_profile
from pynomaly_server.runtime.embedded import EmbeddedServer
from pynomaly_server.runtime.tls import certificate_of
from pynomaly_server.settings import Settings, SettingsError

ORIGIN = "https://app.example.com"
HOST = b"Host: localhost\r\n"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that nobody else has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pynomaly tests")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert_file, key_file


@dataclass
class Encrypted:
    url: str
    key: str
    cert: Path

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.cert)

    def client(self) -> httpx.Client:
        headers = {"X-API-Key": self.key}
        return httpx.Client(base_url=f"{self.url}/api/v1", verify=self.context(), headers=headers, timeout=60)

    def connect(self) -> ssl.SSLSocket:
        where = urlsplit(self.url)
        raw = socket.create_connection((where.hostname, where.port), timeout=60)
        return self.context().wrap_socket(raw, server_hostname=where.hostname)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encrypted")
    cert, key = make_certificate(folder)
    env = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "XDG_DATA_HOME": str(folder),
        "PYNOMALY_TLS_CERT": str(cert),
        "PYNOMALY_TLS_KEY": str(key),
        "PYNOMALY_CORS_ORIGINS": ORIGIN,
        "PYNOMALY_SLOW_CLIENT_SECONDS": "2",
    }
    with EmbeddedServer(folder / "data", config_home=folder / "config", env=env) as running:
        profile = read_profile(running.profile)
        yield Encrypted(running.url, profile.api_key, cert)


def test_the_client_library_speaks_tls_with_an_authority_of_ones_own(server):
    assert server.url.startswith("https://")
    with (
        httpx.Client(verify=server.context()) as http_client,
        PynomalyClient(api_key=server.key, base_url=server.url, http_client=http_client) as client,
    ):
        assert client.auth.who_am_i().scopes == ["*"]


def test_a_caller_that_does_not_know_the_certificate_refuses_it(server):
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{server.url}/api/v1/health/live")


def test_plain_http_gets_no_answer(server):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{server.url.replace('https', 'http')}/api/v1/health/live")


def test_an_older_tls_is_refused(server):
    context = server.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/api/v1/health/live", verify=context)


@pytest.mark.parametrize(
    "path", ["/api/v1/me", "/api/v1/jobs", "/nowhere", "/api/v1/health", "/api/v1/datasets/x"]
)
def test_every_answer_tells_browsers_and_caches_to_be_careful(server, path):
    with server.client() as api:
        headers = api.get(server.url + path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_documentation_page_may_load_its_own_files_and_nothing_else(server):
    with server.client() as api:
        policy = api.get("/docs").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy


def test_over_plain_http_nothing_is_said_of_tls(stack):
    assert "Strict-Transport-Security" not in httpx.get(f"{stack.base_url}/api/v1/health/live").headers


def test_a_named_origin_may_ask_and_read(server):
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    with server.client() as api:
        preflight = api.options("/detect", headers=asked)
        answer = api.get("/me", headers={"Origin": ORIGIN})
        refusal = api.get("/me", headers={"Origin": ORIGIN, "X-API-Key": "wrong"})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert {
        answer.headers["Access-Control-Allow-Origin"],
        refusal.headers["Access-Control-Allow-Origin"],
    } == {ORIGIN}


def test_another_origin_may_not(server):
    asked = {"Origin": "https://evil.example.com", "Access-Control-Request-Method": "POST"}
    with server.client() as api:
        answers = [api.options("/detect", headers=asked), api.get("/me", headers=asked)]
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_no_origin_is_allowed_where_none_is_configured(stack):
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{stack.base_url}/api/v1/detect", headers=asked)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def begin(connection: ssl.SSLSocket, key: str) -> None:
    connection.sendall(
        b"POST /api/v1/datasets HTTP/1.1\r\n" + HOST + b"X-API-Key: " + key.encode()
        + b"\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n\r\na,b\n"
    )  # fmt: skip


def all_of(connection: ssl.SSLSocket) -> bytes:
    heard = b""
    while piece := connection.recv(65_536):
        heard += piece
    return heard


@pytest.mark.parametrize(
    "sent", [b"", b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /api/v1/me HTTP/1.1\r\nHo"]
)
def test_a_connection_that_never_comes_to_a_request_is_closed(server, sent):
    with server.connect() as connection:
        connection.sendall(sent)
        assert not re.search(rb"HTTP/1.1 2", all_of(connection))


def test_a_body_that_stalls_gets_408_and_the_connection_is_closed(server):
    with server.connect() as connection:
        begin(connection, server.key)
        heard = all_of(connection)
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"request-timeout"' in heard


def test_a_body_of_a_byte_now_and_then_gets_408_too(server):
    with server.connect() as connection:
        begin(connection, server.key)
        while not select.select([connection], [], [], 0.25)[0]:
            connection.sendall(b"1")
        heard = connection.recv(65_536)
    assert heard.startswith(b"HTTP/1.1 408 ")


def test_headers_that_do_not_end_are_not_waited_for(server):
    with server.connect() as connection:
        connection.sendall(b"GET /api/v1/health/live HTTP/1.1\r\n" + HOST)
        heard = all_of(connection)
    assert not heard or heard.startswith(b"HTTP/1.1 408 ")


def test_a_result_is_awaited_longer_than_a_slow_caller_is(server):
    """A request that is there as a whole may take its time to be answered."""
    with server.client() as api:
        table = b"a,b\n" + b"".join(b"%d,%d\n" % (n % 7, n % 5) for n in range(40))
        dataset = api.post("/datasets", content=table, headers={"Content-Type": "text/csv"}).json()[
            "dataset_id"
        ]
        job = api.post("/batch", json={"data_sources": [dataset]}).json()["job_id"]
        assert api.get(f"/jobs/{job}", params={"wait": 30}).status_code == 200


def test_one_file_alone_is_refused(tmp_path):
    cert, _ = make_certificate(tmp_path)
    settings = Settings.load(data_dir=tmp_path, tls_cert=cert)
    with pytest.raises(SettingsError, match="belong together"):
        certificate_of(settings)


def test_files_that_do_not_belong_together_are_refused_before_anything_starts(tmp_path):
    cert, _ = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    _, key = make_certificate(tmp_path / "other")
    with pytest.raises(SettingsError, match="are no certificate and its private key in PEM"):
        certificate_of(Settings.load(data_dir=tmp_path, tls_cert=cert, tls_key=key))
