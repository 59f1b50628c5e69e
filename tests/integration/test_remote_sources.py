"""Data sources behind URLs: checked at submission, fetched by the worker over real connections."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.jobs.service import JobService
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.problems import ProblemError
from pynomaly_server.sources import https

CSV = "id,amount,items\n" + "".join(f"t{row},{(row * 37) % 101}.5,{(row * 17) % 13}\n" for row in range(300))


def run_job(job_id, tools):
    """Work on this job if it can be had."""
    if not tools.shutdown.requested() and (attempt := tools.attempts.claim(job_id)) is not None:
        run_attempt(attempt, tools)


class Staying:
    def requested(self):
        return False


class Site(ThreadingHTTPServer):
    """A web server whose answers a test says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.pages: dict[str, Callable[[Page], None]] = {}
        self.asked: list[str] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        self.server.pages[path](self)

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serving(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serving(Site())


@pytest.fixture
def secure_site(tmp_path, monkeypatch) -> Iterator[Site]:
    """A site with a certificate for `localhost` of an authority that only SSL_CERT_FILE knows."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    site = Site()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    yield from serving(site)


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def allow(world):
    """Lets the services of the test reach this machine."""

    def allow(text="127.0.0.0/8", **settings):
        world.settings = world.settings.model_copy(update={"outbound_allow": text, **settings})
        world.jobs = JobService(
            world.async_sessions,
            world.store,
            world.datasets,
            world.credentials,
            world.published,
            world.settings,
        )

    return allow


async def submit(world, *sources, **options):
    request = BatchDetectionRequest(data_sources=list(sources), **options)
    job, _ = await world.submissions.submit(world.principal, request, None)
    return job


def tools(world):
    return JobTools(world.attempts, world.store, world.settings, Staying())


async def run(world, *sources, **options):
    job = await submit(world, *sources, **options)
    await asyncio.to_thread(
        run_job, job.job_id, JobTools(world.attempts, world.store, world.settings, Staying())
    )
    return await world.jobs.get(world.principal, job.job_id)


async def scores(world, job):
    assert job.state == "succeeded", job.error
    page = await world.jobs.result(world.principal, job.job_id, limit=1000)
    return [row.score for row in page.items]


async def test_a_table_behind_a_url_has_the_scores_of_the_same_table_uploaded(world, allow, site):
    allow()
    site.pages["/a.csv"] = lambda page: page.answer(CSV.encode(), Content_Type="text/csv; charset=utf-8")
    dataset = await world.upload(300)

    job = await submit(world, site.url("/a.csv"))
    assert job.progress.total is None
    fetched = await run(world, site.url("/a.csv?token=secret"))
    both = await run(world, dataset.dataset_id, site.url("/a.csv"))

    uploaded = await run(world, dataset.dataset_id)
    assert fetched.progress.total == 300
    assert len(await scores(world, both)) == 600
    assert await scores(world, fetched) == await scores(world, uploaded)


async def test_the_extension_says_the_format_where_the_server_does_not(world, allow, site):
    allow()
    text = "".join(f'{{"a": {row}, "b": {row % 7}}}\n' for row in range(50))
    site.pages["/a.ndjson"] = lambda page: page.answer(text.encode(), Content_Type="application/octet-stream")
    assert len(await scores(world, await run(world, site.url("/a.ndjson")))) == 50


async def test_https_is_fetched_by_the_name_in_the_certificate(world, allow, secure_site):
    port = secure_site.server_port
    allow(f"localhost:{port},other.localhost:{port}")
    secure_site.pages["/a.csv"] = lambda page: page.answer(CSV.encode(), Content_Type="text/csv")
    job = await run(world, f"https://localhost:{port}/a.csv")
    assert len(await scores(world, job)) == 300


async def test_a_certificate_for_another_name_is_not_accepted(world, allow, secure_site, monkeypatch):
    monkeypatch.setattr(https, "RETRY_SECONDS", ())
    port = secure_site.server_port
    allow("127.0.0.0/8")
    job = await run(world, f"https://127.0.0.1:{port}/a.csv")
    assert job.error.code == "source-unavailable"
    assert "could not be read (ConnectError)" in job.error.detail
    assert secure_site.asked == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1/a.csv", "loopback"),
        ("https://169.254.169.254/latest/meta-data/", "link-local"),
        ("https://2130706433/a.csv", "not written plainly"),
        ("https://localhost/a.csv", "not on the public internet"),
        ("file:///etc/passwd", "neither a dataset id nor an https:// URL"),
        ("https://me:hunter2@example.com/a.csv", "a user or a password"),
    ],
)
async def test_a_forbidden_source_is_refused_at_submission(world, url, words):
    with pytest.raises(ProblemError) as caught:
        await submit(world, (await world.upload(20)).dataset_id, url)
    assert caught.value.code == "forbidden-source"
    assert words in caught.value.detail
    assert "hunter2" not in caught.value.detail
    assert [fault.pointer for fault in caught.value.errors] == ["/data_sources/1"]


async def test_a_worker_asks_the_guard_again(world, allow, site):
    allow()
    job = await submit(world, site.url("/a.csv"))
    allow("")
    await asyncio.to_thread(
        run_job, job.job_id, JobTools(world.attempts, world.store, world.settings, Staying())
    )
    ended = await world.jobs.get(world.principal, job.job_id)
    assert ended.error.code == "forbidden-source"
    assert site.asked == []


async def test_a_missing_page_fails_the_job_and_its_query_is_not_repeated(world, allow, site):
    allow()
    site.pages["/a.csv"] = lambda page: page.answer(b"", 404)
    job = await run(world, site.url("/a.csv?token=secret"))
    assert job.error.code == "source-unavailable"
    assert job.error.detail == (
        f"{site.url('/a.csv')} answered with status 404 instead of the table. "
        "Check the URL and who may read it."
    )


async def test_a_redirect_is_not_followed(world, allow, site):
    allow()
    site.pages["/a.csv"] = lambda page: page.answer(b"", 302, Location="/b.csv")
    job = await run(world, site.url("/a.csv"))
    assert "redirects are not followed" in job.error.detail
    assert site.asked == ["/a.csv"]


async def test_a_busy_server_is_asked_again(world, allow, site, monkeypatch):
    monkeypatch.setattr(https, "RETRY_SECONDS", (0.0, 0.0))
    allow()
    site.pages["/a.csv"] = lambda page: (
        page.answer(CSV.encode(), Content_Type="text/csv") if len(site.asked) == 3 else page.answer(b"", 503)
    )
    assert len(await scores(world, await run(world, site.url("/a.csv")))) == 300


async def test_a_server_that_stays_busy_fails_the_job(world, allow, site, monkeypatch):
    monkeypatch.setattr(https, "RETRY_SECONDS", (0.0,))
    allow()
    site.pages["/a.csv"] = lambda page: page.answer(b"", 503)
    job = await run(world, site.url("/a.csv"))
    assert job.error.detail == (f"{site.url('/a.csv')} answered with status 503. Submit the job again later.")


async def test_a_body_that_breaks_off_is_no_table(world, allow, site, monkeypatch):
    monkeypatch.setattr(https, "RETRY_SECONDS", ())
    allow()
    site.pages["/a.csv"] = lambda page: page.answer(
        CSV.encode(), Content_Type="text/csv", Content_Length=str(len(CSV) + 1)
    )
    job = await run(world, site.url("/a.csv"))
    assert job.error.code == "source-unavailable"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_table_over_the_limit_of_bytes_is_not_taken(world, allow, site, announced):
    allow(dataset_max_bytes=1_024)

    def answer(page: Page) -> None:
        if announced:
            page.answer(CSV.encode(), Content_Type="text/csv")
        else:
            page.send_response(200)
            page.send_header("Content-Type", "text/csv")
            page.end_headers()
            page.wfile.write(CSV.encode())

    site.pages["/a.csv"] = answer
    job = await run(world, site.url("/a.csv"))
    assert job.error.code == "payload-too-large"
    assert "more than 1,024 bytes" in job.error.detail


async def test_rows_are_counted_over_all_sources(world, allow, site):
    allow(job_max_rows=500)
    site.pages["/a.csv"] = lambda page: page.answer(CSV.encode(), Content_Type="text/csv")
    job = await run(world, site.url("/a.csv"), site.url("/a.csv"))
    assert job.error.code == "job-limit-exceeded"
    assert "600 rows together" in job.error.detail


async def test_bytes_are_counted_over_all_sources(world, allow, site):
    size = len(CSV.encode())
    allow(job_max_bytes=2 * size - 1)
    site.pages["/a.csv"] = lambda page: page.answer(CSV.encode(), Content_Type="text/csv")
    assert (await run(world, site.url("/a.csv"))).state == "succeeded"
    job = await run(world, site.url("/a.csv"), site.url("/a.csv"))
    assert job.error.code == "job-limit-exceeded"
    assert f"{2 * size:,} bytes together" in job.error.detail


async def test_packed_content_is_refused(world, allow, site):
    allow()
    site.pages["/a.csv"] = lambda page: page.answer(b"x", Content_Type="text/csv", Content_Encoding="gzip")
    assert (await run(world, site.url("/a.csv"))).error.code == "bad-dataset"


async def test_a_format_nobody_names_is_refused(world, allow, site):
    allow()
    site.pages["/a"] = lambda page: page.answer(b"a\n1\n", Content_Type="text/html")
    job = await run(world, site.url("/a"))
    assert job.error.code == "bad-dataset"
    assert "its Content-Type is 'text/html'" in job.error.detail


def drip(page: Page) -> None:
    """Headers without an end, a few bytes at a time, until the other side has gone."""
    page.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        while True:
            page.wfile.write(b"X-A: b\r\n")
            time.sleep(0.05)
    except OSError:
        pass


async def test_a_server_that_never_ends_costs_the_time_limit_and_no_more(world, allow, site):
    allow(source_seconds=1)
    site.pages["/a.csv"] = drip
    job = await run(world, site.url("/a.csv"))
    assert job.error.code == "source-unavailable"
    assert "was not there in full after 1 seconds" in job.error.detail


async def test_a_job_is_cancelled_while_its_source_drips(world, allow, site, eventually):
    allow()
    site.pages["/a.csv"] = drip
    job = await submit(world, site.url("/a.csv"))
    worker = threading.Thread(target=run_job, args=(job.job_id, tools(world)))
    worker.start()
    await asyncio.to_thread(eventually, lambda: site.asked)
    await world.jobs.cancel(world.principal, job.job_id)
    await asyncio.to_thread(worker.join)
    assert await world.state(job.job_id) == "cancelled"


async def test_nobody_listening_fails_the_job(world, allow, monkeypatch):
    monkeypatch.setattr(https, "RETRY_SECONDS", ())
    allow()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        job = await run(world, f"http://127.0.0.1:{taken.getsockname()[1]}/a.csv")
    assert job.error.code == "source-unavailable"
