"""Data sources in a PostgreSQL server that asks for a password, with TLS and where allowed without."""

from __future__ import annotations

import asyncio
import secrets as random
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl
import psycopg
import pytest

from pynomaly_server.contract import structs
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.jobs.service import JobService
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.outbound.urls import ForbiddenTargetError
from pynomaly_server.problems import ProblemError
from pynomaly_server.sources import postgresql
from pynomaly_server.sources.fetching import Allotment

from .postgres_front import PostgresFront, make_certificate  # noqa: TID252 - the file beside this one

CANARY = "canary-" + random.token_hex(8)
DATABASE = "plant"
CREDENTIAL = "crd_" + "0" * 32
ROWS = (
    "SELECT 't' || n AS id, (n * 37) % 101 + 0.5 AS amount, (n * 17) % 13 AS items "
    "FROM generate_series(0, 299) n"
)


@dataclass
class Plant:
    """A database with tables, the user `reader` with the planted password, and doors to it."""

    admin: str
    socket: Path
    plain: PostgresFront
    secure: PostgresFront
    authority: str

    def credential(self, **fields):
        return {
            "host": "127.0.0.1",
            "port": self.plain.port,
            "user": "reader",
            "password": CANARY,
            "sslmode": "disable",
            **fields,
        }

    def secure_credential(self, **fields):
        return self.credential(
            **{
                "host": "localhost",
                "port": self.secure.port,
                "sslmode": "verify-full",
                "ca_certificate": self.authority,
                **fields,
            }
        )

    def url(self, database=DATABASE):
        return f"postgresql://127.0.0.1:{self.plain.port}/{database}"


@pytest.fixture(scope="session")
def plant(postgres, tmp_path_factory) -> Iterator[Plant]:
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
        connection.execute(
            psycopg.sql.SQL("CREATE ROLE reader LOGIN PASSWORD {}").format(psycopg.sql.Literal(CANARY))
        )
        connection.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        rules = Path(connection.execute("SHOW hba_file").fetchone()[0])
        rules.write_text("local all reader scram-sha-256\nlocal all plain password\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    admin = postgres.get_uri(DATABASE)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE readings AS {ROWS}")
        connection.execute("CREATE TABLE hidden AS SELECT 1 AS a")
        connection.execute("GRANT SELECT ON readings TO reader")
        connection.execute("CREATE SEQUENCE counter")
        connection.execute("GRANT USAGE ON SEQUENCE counter TO reader")
        connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO reader")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = make_certificate(folder, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    behind = postgres.get_postmaster_info().socket_dir / ".s.PGSQL.5432"
    plain, secure = PostgresFront(behind), PostgresFront(behind, context)
    yield Plant(admin, behind, plain, secure, certificate.read_text())
    plain.close()
    secure.close()


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(postgresql, "RETRY_SECONDS", (0.0,))


@pytest.fixture
def allow(world):
    """Lets the services of the test reach this machine, or no longer."""

    def allow(text="127.0.0.0/8,::1/128", **settings):
        world.settings = world.settings.model_copy(update={"outbound_allow": text, **settings})
        guard = Guard(Allowances.parse(text))
        world.credentials = CredentialService(world.async_sessions, guard, world.settings.secret)
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


class Staying:
    def requested(self):
        return False


async def stored(world, **secrets):
    request = msgspec.convert({"name": "tests", "postgresql": secrets}, structs.CredentialRequest)
    return (await world.credentials.create(world.principal, request)).credential_id


async def submit(world, url, credential, **fields):
    source = structs.RemoteSource(url=url, credential_id=credential, **fields)
    job, _ = await world.submissions.submit(
        world.principal, structs.BatchDetectionRequest(data_sources=[source]), None
    )
    return job


async def run(world, url, credential, **fields):
    job = await submit(world, url, credential, **fields)

    def attempt():
        claimed = world.attempts.claim(job.job_id)
        run_attempt(claimed, JobTools(world.attempts, world.store, world.settings, Staying()))

    await asyncio.to_thread(attempt)
    return await world.jobs.get(world.principal, job.job_id)


async def failed(world, *source, **fields):
    job = await run(world, *source, **fields)
    assert job.state == "failed"
    assert CANARY not in repr(job)
    return job.error


async def scores(world, job):
    assert job.state == "succeeded", job.error
    page = await world.jobs.result(world.principal, job.job_id, limit=1000)
    return [row.score for row in page.items]


def frame_of(plant, tmp_path, query=None, table=None):
    """What a worker reads for a query or a table."""
    source = structs.RemoteSource(url=plant.url(), credential_id=CREDENTIAL, query=query, table=table)
    secrets = msgspec.convert(plant.credential(), structs.PostgresqlSecrets)
    reading = postgresql.reading_of(source, secrets)
    guard = Guard(Allowances.parse("127.0.0.0/8"))
    allotment = Allotment(10**9, 60, lambda: None)
    fetched = postgresql.read(reading, tmp_path, guard, allotment, 60)
    return pl.read_parquet(fetched.path)


async def test_a_query_and_a_table_have_the_scores_of_the_same_rows_uploaded(world, allow, plant):
    uploaded = await world.upload(300)
    job, _ = await world.submissions.submit(
        world.principal, structs.BatchDetectionRequest(data_sources=[uploaded.dataset_id]), None
    )

    def attempt():
        claimed = world.attempts.claim(job.job_id)
        run_attempt(claimed, JobTools(world.attempts, world.store, world.settings, Staying()))

    await asyncio.to_thread(attempt)
    wanted = await scores(world, await world.jobs.get(world.principal, job.job_id))
    credential = await stored(world, **plant.credential())
    assert await scores(world, await run(world, plant.url(), credential, table="public.readings")) == wanted
    query = f"{ROWS} -- a comment;"
    assert await scores(world, await run(world, plant.url(), credential, query=query)) == wanted


def test_types_are_kept(plant, tmp_path):
    frame = frame_of(
        plant,
        tmp_path,
        "SELECT * FROM (VALUES (1::int8, 1.5::numeric, 2::int2, 0.1::float4, 0.25::float8, true, "
        "'007'::text, date '2024-02-29', timestamp '2024-02-29 12:00:00.5', "
        "timestamptz '2024-02-29 12:00:00+02', '', '{\"a\": 1}'::jsonb, ARRAY[1, 2], "
        "'6ecd8c99-4036-403d-bf84-cf8400f67836'::uuid), "
        "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)) "
        "AS v(big, num, small, f4, f8, yes, text, day, local, moment, empty, doc, list, uuid);",
    )
    assert frame.schema == {
        "big": pl.Int64, "num": pl.Float64, "small": pl.Int64, "f4": pl.Float64, "f8": pl.Float64,
        "yes": pl.Boolean, "text": pl.String, "day": pl.Date, "local": pl.Datetime("us"),
        "moment": pl.Datetime("us", "UTC"), "empty": pl.String, "doc": pl.String, "list": pl.String,
        "uuid": pl.String,
    }  # fmt: skip
    first = frame.row(0, named=True)
    assert (first["big"], first["num"], first["text"], first["empty"]) == (1, 1.5, "007", "")
    assert str(first["local"]) == "2024-02-29 12:00:00.500000"
    assert first["moment"].isoformat() == "2024-02-29T10:00:00+00:00"
    assert first["doc"] == '{"a": 1}'
    assert frame.row(1) == (None,) * 14


def test_many_batches_are_one_table_in_the_order_of_the_query(plant, tmp_path, monkeypatch):
    monkeypatch.setattr(postgresql, "BATCH_BYTES", 4_096)
    query = "SELECT n, repeat('x', 50) AS pad FROM generate_series(1, 3000) n ORDER BY n"
    frame = frame_of(plant, tmp_path, query)
    assert frame["n"].to_list() == list(range(1, 3001))
    assert [path.name for path in tmp_path.iterdir()] == ["fetched"]


async def test_tls_is_checked_for_the_name_while_the_address_is_the_one_checked(world, allow, plant):
    credential = await stored(world, **plant.secure_credential())
    url = f"postgresql://localhost:{plant.secure.port}/{DATABASE}"
    job = await run(world, url, credential, table="readings")
    assert len(await scores(world, job)) == 300
    assert plant.secure.names[-1] == "localhost"


@pytest.mark.parametrize("changed", [{"ca_certificate": None}, {"host": "127.0.0.1"}])
async def test_a_certificate_of_nobody_or_for_another_name_is_not_accepted(world, allow, plant, changed):
    credential = plant.secure_credential(**changed)
    url = f"postgresql://{credential['host']}:{plant.secure.port}/{DATABASE}"
    error = await failed(world, url, await stored(world, **credential), table="readings")
    assert error.code == "source-unavailable"
    assert "offers no TLS that can be trusted" in error.detail


async def test_a_server_without_tls_is_not_spoken_to_in_the_clear(world, allow, plant):
    credential = plant.credential(sslmode="verify-full")
    error = await failed(world, plant.url(), await stored(world, **credential), table="readings")
    assert error.code == "source-unavailable"
    assert "offers no TLS that can be trusted" in error.detail


async def test_without_tls_the_password_is_not_sent_in_plain_text(world, allow, plant):
    credential = await stored(world, **plant.credential(user="plain"))
    error = await failed(world, plant.url(), credential, table="readings")
    assert error.code == "source-unavailable"
    assert "asks for the password in plain text" in error.detail


async def test_who_is_not_let_in_is_told_so(world, allow, plant):
    credential = await stored(world, **plant.credential(password=CANARY + "x"))
    error = await failed(world, plant.url(), credential, table="readings")
    assert error.code == "source-unavailable"
    assert error.detail == (
        f"{plant.url()} did not let the user of the credential in. Check that the database exists, and "
        "the user, the password and what the user may do."
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"query": "SELECT 1; SELECT 2"}, "syntax error"),
        (
            {"query": "SELECT 1) AS s; COMMIT; CREATE TABLE taken (a int); SELECT * FROM (SELECT 1"},
            "multiple",
        ),
        ({"query": "CREATE TABLE taken (a int)"}, "syntax error"),
        ({"query": "INSERT INTO readings VALUES ('a', 1, 1) RETURNING id"}, "syntax error"),
        ({"query": "WITH w AS (DELETE FROM readings RETURNING id) SELECT * FROM w"}, "data-modifying"),
        ({"query": "SELECT nextval('counter') AS n"}, "read-only transaction"),
        ({"query": "COPY readings TO PROGRAM 'touch /tmp/taken'"}, "syntax error"),
        ({"query": "SELECT missing FROM readings"}, "missing"),
        ({"query": "SELECT amount / 0 AS a FROM readings"}, "division by zero"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "two columns called 'a'"),
        ({"query": "SELECT date '0044-03-15 BC' AS died"}, "beyond the years 1 to 9999"),
        ({"query": "SELECT 'infinity'::timestamp AS never"}, "beyond the years 1 to 9999"),
        ({"table": "hidden"}, "permission denied"),
        ({"table": 'readings" WHERE false; --'}, "does not exist"),
        ({"table": "other.readings"}, "does not exist"),
    ],
)
def test_what_is_no_query_gives_no_table_and_changes_nothing(plant, tmp_path, fields, words):
    with pytest.raises(ProblemError, match=words) as caught:
        frame_of(plant, tmp_path, **fields)
    assert caught.value.code == "bad-dataset"
    assert CANARY not in str(caught.value)
    with psycopg.connect(plant.admin) as connection:
        assert connection.execute("SELECT to_regclass('taken')").fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (300,)


async def test_a_query_without_rows_fails_the_job(world, allow, plant):
    credential = await stored(world, **plant.credential())
    error = await failed(world, plant.url(), credential, query="SELECT 1 AS a WHERE false")
    assert error.code == "bad-dataset"


async def test_a_slow_query_ends_with_the_time_limit_and_leaves_nothing_running(
    world, allow, plant, eventually
):
    allow(source_seconds=1)
    error = await failed(
        world, plant.url(), await stored(world, **plant.credential()), query="SELECT pg_sleep(60)::text AS a"
    )
    assert error.code == "source-unavailable"
    assert "1 seconds, the limit" in error.detail

    def is_quiet():
        with psycopg.connect(plant.admin) as connection:
            busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'"
            return connection.execute(busy).fetchone() == (0,)

    await asyncio.to_thread(eventually, is_quiet)


async def test_a_job_is_cancelled_while_its_query_runs(world, allow, plant, eventually):
    credential = await stored(world, **plant.credential())
    before = plant.plain.connections
    job = await submit(world, plant.url(), credential, query="SELECT pg_sleep(60)::text AS a")

    def attempt():
        claimed = world.attempts.claim(job.job_id)
        run_attempt(claimed, JobTools(world.attempts, world.store, world.settings, Staying()))

    worker = threading.Thread(target=attempt)
    worker.start()
    await asyncio.to_thread(eventually, lambda: plant.plain.connections > before)
    await world.jobs.cancel(world.principal, job.job_id)
    await asyncio.to_thread(worker.join)
    assert await world.state(job.job_id) == "cancelled"


async def test_rows_over_the_limit_of_bytes_are_not_taken(world, allow, plant):
    allow(dataset_max_bytes=100_000)
    query = "SELECT repeat('x', 1000) AS a, n FROM generate_series(1, 10000) n"
    error = await failed(world, plant.url(), await stored(world, **plant.credential()), query=query)
    assert error.code == "payload-too-large"


async def test_nobody_listening_fails_the_job(world, allow, plant):
    credential = await stored(world, **plant.credential(port=1))
    error = await failed(world, f"postgresql://127.0.0.1:1/{DATABASE}", credential, table="readings")
    assert error.code == "source-unavailable"
    assert error.detail == (
        f"postgresql://127.0.0.1:1/{DATABASE} does not accept connections. Submit the job again later."
    )


async def test_a_worker_asks_the_guard_again(world, allow, plant):
    credential = await stored(world, **plant.credential())
    job = await submit(world, plant.url(), credential, table="readings")
    allow("")
    before = plant.plain.connections

    def attempt():
        claimed = world.attempts.claim(job.job_id)
        run_attempt(claimed, JobTools(world.attempts, world.store, world.settings, Staying()))

    await asyncio.to_thread(attempt)
    ended = await world.jobs.get(world.principal, job.job_id)
    assert ended.error.code == "forbidden-source"
    assert plant.plain.connections == before


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://reader:hunter2@{at}/plant", "a user or a password"),
        ("postgresql://{at},127.0.0.1:1/plant", "not written plainly"),
        ("postgresql://{at}/plant?hostaddr=10.0.0.1", "has options"),
        ("postgresql://{at}/plant?host=/var/run/postgresql", "has options"),
        ("postgresql://{at}/plant?service=other", "has options"),
        ("postgresql://{at}/plant?sslmode=disable", "has options"),
        ("postgresql://{at}/plant#x", "a fragment"),
        ("postgresql:///plant", "not written plainly"),
        ("postgresql://%2Fvar%2Frun%2Fpostgresql/plant", "not written plainly"),
        ("postgresql://2130706433/plant", "not written plainly"),
        ("postgresql://0x7f.1/plant", "not written plainly"),
        ("postgresql://localhost./plant", "not written plainly"),
        ("postgresql://localhost/plant", "is for postgresql://127.0.0.1"),
        ("postgresql://[::1]/plant", "is for postgresql://127.0.0.1"),
        ("postgresql://[::ffff:127.0.0.1]/plant", "is for postgresql://127.0.0.1"),
        ("postgresql://10.0.0.1/plant", "is for postgresql://127.0.0.1"),
        ("postgresql://{at}/", "names no database"),
        ("postgresql://{at}/a/b", "names no database"),
        ("postgresql://{at}/a%00b", "names no database"),
        ("postgres://{at}/plant", "of the scheme 'postgres'"),
    ],
)
def test_a_dsn_with_anything_but_the_credentials_host_is_refused(plant, url, words):
    url = url.format(at=f"127.0.0.1:{plant.plain.port}")
    source = structs.RemoteSource(url=url, credential_id=CREDENTIAL, table="readings")
    secrets = msgspec.convert(plant.credential(), structs.PostgresqlSecrets)
    with pytest.raises(ForbiddenTargetError, match=words) as caught:
        postgresql.reading_of(source, secrets)
    assert "hunter2" not in str(caught.value)


async def test_a_dsn_that_points_inside_is_refused_at_submission(world, allow, plant):
    credential = await stored(world, **plant.credential())
    with pytest.raises(ProblemError, match="has options") as caught:
        await submit(world, plant.url() + "?hostaddr=10.0.0.1", credential, table="readings")
    assert caught.value.code == "forbidden-source"
    assert [fault.pointer for fault in caught.value.errors] == ["/data_sources/0"]
    allow("")
    with pytest.raises(ProblemError, match="loopback") as caught:
        await submit(world, plant.url(), credential, table="readings")
    assert caught.value.code == "forbidden-source"


async def test_a_database_named_like_options_is_only_a_name(world, allow, plant):
    credential = await stored(world, **plant.credential())
    url = plant.url("host=10.0.0.1%20dbname=plant")
    error = await failed(world, url, credential, table="readings")
    assert "Check that the database exists" in error.detail


@pytest.mark.parametrize("fields", [{}, {"table": "readings", "query": "SELECT 1 AS a"}])
async def test_a_database_needs_a_table_or_a_query_and_not_both(world, allow, plant, fields):
    credential = await stored(world, **plant.credential())
    with pytest.raises(ProblemError, match="needs either a table or a query") as caught:
        await submit(world, plant.url(), credential, **fields)
    assert caught.value.code == "validation"
