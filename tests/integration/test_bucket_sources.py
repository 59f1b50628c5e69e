"""Data sources in buckets: read from a real S3 server, and from one that checks Google's signatures."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import boto3
import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from moto.server import ThreadedMotoServer

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest, CredentialRequest, RemoteSource
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.service import JobService
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.problems import ProblemError

CSV = "id,amount,items\n" + "".join(f"t{row},{(row * 37) % 101}.5,{(row * 17) % 13}\n" for row in range(300))
CANARY = "canary-51e7d0c3b9"


class Staying:
    def requested(self):
        return False


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The address of an S3 server with a table in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="somebody",
        aws_secret_access_key="something",
    )
    client.create_bucket(Bucket="sensors")
    client.put_object(Bucket="sensors", Key="2026/a b+ü.csv", Body=CSV.encode())
    yield url
    server.stop()


class Bucket(BaseHTTPRequestHandler):
    """Answers with the table where the signature is right."""

    def do_GET(self) -> None:
        right = self.server.is_right(self.path, self.headers["Host"])  # type: ignore[attr-defined]
        self.send_response(200 if right else 403)
        self.send_header("Content-Length", str(len(CSV) if right else 0))
        self.end_headers()
        self.wfile.write(CSV.encode() if right else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Google(ThreadingHTTPServer):
    """What of Google Cloud Storage reading a signed URL needs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Bucket)
        self.key = rsa.generate_private_key(65537, 2048)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def is_right(self, path: str, host: str) -> bool:
        parts = urlsplit(path)
        query, _, signature = parts.query.partition("&X-Goog-Signature=")
        said = {name: values[0] for name, values in parse_qs(query).items()}
        scope = said["X-Goog-Credential"].split("/", 1)[1]
        request = f"GET\n{parts.path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"GOOG4-RSA-SHA256\n{said['X-Goog-Date']}\n{scope}\n{digest}".encode()
        try:
            self.key.public_key().verify(bytes.fromhex(signature), text, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return parts.path == "/sensors/2026/a%20b%2B%C3%BC.csv"


@pytest.fixture(scope="module")
def google() -> Iterator[Google]:
    with Google() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def allow(world):
    """Lets the services of the test reach this machine, or no longer."""

    def allow(text="127.0.0.0/8", **settings):
        world.settings = world.settings.model_copy(update={"outbound_allow": text, **settings})
        world.credentials = CredentialService(
            world.async_sessions, Guard(Allowances.parse(text)), world.settings.secret
        )
        world.jobs = JobService(
            world.async_sessions,
            world.store,
            world.datasets,
            world.credentials,
            world.published,
            world.settings,
        )

    allow()
    return allow


async def stored(world, **secrets):
    request = msgspec.convert({"name": "tests", **secrets}, CredentialRequest)
    return (await world.credentials.create(world.principal, request)).credential_id


def s3(url, **fields):
    return {"access_key_id": "somebody", "secret_access_key": CANARY, "endpoint": url, **fields}


def gcs(url, key):
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    document = {"type": "service_account", "client_email": "a@b.example", "private_key": pem}
    return {"service_account_key": json.dumps(document), "endpoint": url}


async def submit(world, *sources):
    named = [
        each if isinstance(each, str) else RemoteSource(url=each[0], credential_id=each[1])
        for each in sources
    ]
    job, _ = await world.submissions.submit(world.principal, BatchDetectionRequest(data_sources=named), None)
    return job


async def run(world, *sources):
    job = await submit(world, *sources)
    return await work(world, job)


async def work(world, job):
    def attempt():
        claimed = world.attempts.claim(job.job_id)
        run_attempt(claimed, JobTools(world.attempts, world.store, world.settings, Staying()))

    await asyncio.to_thread(attempt)
    return await world.jobs.get(world.principal, job.job_id)


async def scores(world, job):
    assert job.state == "succeeded", job.error
    page = await world.jobs.result(world.principal, job.job_id, limit=1000)
    return [row.score for row in page.items]


async def test_a_table_in_a_bucket_has_the_scores_of_the_same_table_uploaded(world, allow, moto, google):
    uploaded = await world.upload(300)
    amazon = ("s3://sensors/2026/a b+ü.csv", await stored(world, s3=s3(moto)))
    cloud = ("gs://sensors/2026/a b+ü.csv", await stored(world, gcs=gcs(google.url, google.key)))
    wanted = await scores(world, await run(world, uploaded.dataset_id))
    assert await scores(world, await run(world, amazon)) == wanted
    assert await scores(world, await run(world, cloud)) == wanted
    assert len(await scores(world, await run(world, uploaded.dataset_id, amazon, cloud))) == 900


async def test_a_signature_by_another_key_is_not_taken(world, allow, google):
    other = rsa.generate_private_key(65537, 2048)
    job = await run(world, ("gs://sensors/2026/a b+ü.csv", await stored(world, gcs=gcs(google.url, other))))
    assert job.error.code == "source-unavailable"
    assert job.error.detail == (
        "gs://sensors/2026/a b+ü.csv answered with status 403 instead of the table. Check the bucket and the "
        "key, and the credential: its region, and what it may read."
    )


async def test_a_missing_object_fails_the_job_and_says_which(world, allow, moto):
    job = await run(world, ("s3://sensors/none.csv", await stored(world, s3=s3(moto))))
    assert job.error.code == "source-unavailable"
    assert job.error.detail.startswith("s3://sensors/none.csv answered with status 404 instead of the table.")
    assert CANARY not in repr(job)


async def test_an_object_over_the_limit_of_bytes_is_not_taken(world, allow, moto):
    allow(dataset_max_bytes=1_024)
    job = await run(world, ("s3://sensors/2026/a b+ü.csv", await stored(world, s3=s3(moto))))
    assert job.error.code == "payload-too-large"


async def test_a_worker_asks_the_guard_again_whatever_was_stored(world, allow, moto):
    job = await submit(world, ("s3://sensors/2026/a b+ü.csv", await stored(world, s3=s3(moto))))
    allow("")
    ended = await work(world, job)
    assert ended.error.code == "forbidden-source"
    assert "loopback" in ended.error.detail


async def test_an_endpoint_that_is_allowed_no_longer_is_refused_at_submission(world, allow, moto):
    source = ("s3://sensors/2026/a b+ü.csv", await stored(world, s3=s3(moto)))
    allow("")
    with pytest.raises(ProblemError, match="loopback") as caught:
        await submit(world, source)
    assert caught.value.code == "forbidden-source"
    assert [fault.pointer for fault in caught.value.errors] == ["/data_sources/0"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("s3://sensors/a.csv", "names no credential to read it with"),
        ("gs://sensors/a.csv", "names no credential to read it with"),
        (("gs://sensors/a.csv", "S3"), "read with a credential of the kind gcs"),
        (("https://1.1.1.1/a.csv", "S3"), "no source that is read with a credential"),
        (("file:///etc/passwd", "S3"), "no source that is read with a credential"),
        (("s3://sensors", "S3"), "names no object"),
        (("s3://u:hunter2@sensors/a", "S3"), "no bucket that can exist"),
    ],
)
async def test_a_source_that_no_worker_would_read_is_refused(world, allow, source, words):
    kept = await stored(world, s3=s3("http://127.0.0.1:1"))
    if not isinstance(source, str):
        source = (source[0], kept)
    with pytest.raises(ProblemError, match=words) as caught:
        await submit(world, source)
    assert caught.value.code == "forbidden-source"
    assert "hunter2" not in str(caught.value)


async def test_a_foreign_credential_is_as_good_as_none(world, allow, moto):
    mine = await stored(world, s3=s3(moto))
    missing = new_id("crd")
    neighbour = Principal(new_id("ten"), "key", frozenset({"*"}))
    said = []
    for credential in (mine, missing):
        request = BatchDetectionRequest(
            data_sources=[RemoteSource(url="s3://sensors/a.csv", credential_id=credential)]
        )
        with pytest.raises(ProblemError) as caught:
            await world.submissions.submit(neighbour, request, None)
        said.append((caught.value.code, caught.value.detail.replace(credential, "ID")))
    assert (
        said[0]
        == said[1]
        == ("not-found", "There is no credential ID. Store it with createCredential first.")
    )


async def test_a_credential_is_kept_while_a_job_is_to_use_it(world, allow, moto):
    credential = await stored(world, s3=s3(moto))
    job = await submit(world, ("s3://sensors/2026/a b+ü.csv", credential))
    with pytest.raises(ProblemError) as caught:
        await world.credentials.delete(world.principal, credential)
    assert caught.value.code == "conflict"
    assert caught.value.detail == (
        f"The job {job.job_id} has not ended and uses the credential {credential}. "
        "Cancel it or wait for its end, then delete the credential."
    )
    assert (await work(world, job)).state == "succeeded"
    await world.credentials.delete(world.principal, credential)


async def test_a_replaced_credential_is_used_by_jobs_that_wait(world, allow, moto):
    credential = await stored(world, s3=s3("http://127.0.0.1:1"))
    job = await submit(world, ("s3://sensors/2026/a b+ü.csv", credential))
    request = msgspec.convert({"name": "n", "s3": s3(moto)}, CredentialRequest)
    await world.credentials.replace(world.principal, credential, request)
    assert (await work(world, job)).state == "succeeded"


async def test_a_changed_secret_key_fails_the_job_clearly(world, allow, moto):
    credential = await stored(world, s3=s3(moto))
    job = await submit(world, ("s3://sensors/2026/a b+ü.csv", credential))
    secret = type(world.settings.secret_key)("another secret key of thirty-two characters")
    world.settings = world.settings.model_copy(update={"secret_key": secret})
    ended = await work(world, job)
    assert ended.error.code == "credential-unreadable"
    assert credential in ended.error.detail


async def test_variables_of_the_servers_own_account_are_not_used(world, allow, google, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", CANARY)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CANARY)
    seen = []
    monkeypatch.setattr(Google, "is_right", lambda _self, path, _host: seen.append(path) or False)
    headers = []
    monkeypatch.setattr(Bucket, "send_response", lambda self, code: (
        headers.append(str(self.headers)), BaseHTTPRequestHandler.send_response(self, code)
    ))  # fmt: skip
    await run(world, ("s3://sensors/a.csv", await stored(world, s3=s3(google.url))))
    assert seen == ["/sensors/a.csv"]
    assert "somebody/" in headers[0]
    assert CANARY not in headers[0]
