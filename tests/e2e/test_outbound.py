"""What a whole server asks of others: tables behind URLs, in buckets and databases, receivers of webhooks."""

import io
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import polars as pl
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from tests.e2e.test_guides import BLOCKS, DOCS, execute
from tests.integration.postgres_front import PostgresFront
from tests.postgres import postgres_server

from pynomaly import JobFailedError, PostgresqlSecrets, RemoteSource, S3Secrets

TABLE = Path(__file__).parents[2] / "examples" / "transactions.csv"
CANARY = "canary-77ab20e19d"
ROWS = (
    "SELECT 't' || n AS id, (n * 37) % 101 + 0.5 AS amount, (n * 17) % 13 AS items "
    "FROM generate_series(0, 299) n"
)
WEBHOOKS = (DOCS / "webhooks.md").read_text()
REGISTER, VERIFY = re.findall(r"```python\n(.*?)```", WEBHOOKS, re.DOTALL)
ADDRESS = "https://example.com/hooks/pynomaly"


class Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def moto():
    """The address of an S3 server with two tables in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    store = boto3.resource(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="somebody",
        aws_secret_access_key="something",
    )
    readings = io.BytesIO()
    pl.DataFrame({"amount": [place * 37 % 101 + 0.5 for place in range(200)]}).write_parquet(readings)
    tables = {
        ("payments", "2026/transactions.csv"): TABLE.read_bytes(),
        ("sensors", "2026/05.parquet"): readings.getvalue(),
    }
    for (bucket, key), body in tables.items():
        store.create_bucket(Bucket=bucket)
        store.Object(bucket, key).put(Body=body)
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def plant():
    """The port of a PostgreSQL whose database `plant` lets `reader` in with a password."""
    with postgres_server() as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE plant")
            connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{CANARY}'")
            rules = Path(connection.execute("SHOW hba_file").fetchone()[0])
            rules.write_text("local all reader scram-sha-256\n" + rules.read_text())
            connection.execute("SELECT pg_reload_conf()")
        with psycopg.connect(server.get_uri("plant"), autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE readings AS SELECT now() - n * interval '10 minutes' AS at, "
                "(n * 37) % 101 AS amount FROM generate_series(0, 299) n"
            )
            connection.execute("GRANT SELECT ON readings TO reader")
        front = PostgresFront(server.get_postmaster_info().socket_dir / ".s.PGSQL.5432")
        yield front.port
        front.close()


@pytest.fixture(scope="module")
def running(started):
    """A server that may ask this machine."""
    return started(PYNOMALY_OUTBOUND_ALLOW="127.0.0.0/8", PYNOMALY_LOG_LEVEL="debug")


def scores(job):
    job.wait()
    return [(row.row, row.score, row.prediction) for row in job.iter_results()]


def planted(folder):
    """Files of the server that hold the planted secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if CANARY.encode() in path.read_bytes()]


def test_a_url_that_the_operator_allows_is_a_data_source(running):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=TABLE.parent)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        with running.client() as client:
            url = f"http://127.0.0.1:{site.server_port}/{TABLE.name}"
            result = scores(client.batch_detect(data_sources=[url]))
            assert result == scores(client.batch_detect(data_sources=[TABLE]))
            assert result
        site.shutdown()


def test_a_table_in_a_bucket_has_the_result_of_the_same_table_uploaded(running, moto):
    with running.client() as client:
        secrets = S3Secrets(access_key_id="somebody", secret_access_key=CANARY, endpoint=moto)
        stored = client.credentials.create("payments", secrets)
        url = "s3://payments/2026/transactions.csv"
        source = RemoteSource(url=url, credential_id=stored.credential_id)
        result = scores(client.batch_detect(data_sources=[source]))
        assert result == scores(client.batch_detect(data_sources=[TABLE]))
        assert len(result) > 100

        absent = RemoteSource(url="s3://payments/none.csv", credential_id=stored.credential_id)
        with pytest.raises(
            JobFailedError, match=r"s3://payments/none\.csv answered with status 404"
        ) as caught:
            client.batch_detect(data_sources=[absent]).wait()
        assert CANARY not in str(caught.value)
        client.credentials.delete(stored.credential_id)
    assert planted(running.data_dir.parent) == []


def test_rows_of_a_database_have_the_result_of_the_same_rows_uploaded(running, plant, tmp_path):
    (tmp_path / "readings.csv").write_text(
        "id,amount,items\n"
        + "".join(f"t{row},{(row * 37) % 101 + 0.5},{(row * 17) % 13}\n" for row in range(300))
    )
    secrets = PostgresqlSecrets(
        host="127.0.0.1", port=plant, user="reader", password=CANARY, sslmode="disable"
    )
    url = f"postgresql://127.0.0.1:{plant}/plant"
    with running.client() as client:
        stored = client.credentials.create("plant", secrets)
        source = RemoteSource(url=url, credential_id=stored.credential_id, query=ROWS)
        results = []
        for each in (source, tmp_path / "readings.csv"):
            job = client.batch_detect(data_sources=[each])
            job.wait()
            results.append([(row.row, row.score, row.identifiers) for row in job.iter_results()])
        assert results[0] == results[1]
        assert len(results[0]) == 300
        wrong = client.credentials.create("wrong", secrets.model_copy(update={"password": CANARY + "wrong"}))
        source = RemoteSource(url=url, credential_id=wrong.credential_id, table="readings")
        with pytest.raises(JobFailedError, match="did not let the user of the credential in") as caught:
            client.batch_detect(data_sources=[source]).wait()
        assert CANARY not in str(caught.value)
    files = [path for path in running.data_dir.parent.rglob("*") if path.is_file()]
    assert any(stored.credential_id.encode() in path.read_bytes() for path in files)
    assert planted(running.data_dir.parent) == []


def test_the_page_on_data_sources_reads_a_bucket_and_a_database(running, moto, plant, monkeypatch):
    """Its code as it stands there, but for where Amazon and the plant are."""
    page = (DOCS / "sources.md").read_text()
    here = {
        'region="eu-central-1",': f'region="eu-central-1", endpoint="{moto}",',
        'host="db.example.com",': f'host="127.0.0.1", port={plant}, sslmode="disable",',
        "postgresql://db.example.com/": f"postgresql://127.0.0.1:{plant}/",
    }
    for written, real in here.items():
        assert page.count(written) == 1
        page = page.replace(written, real)
    variables = {"ARCHIVE_KEY_ID": "somebody", "ARCHIVE_SECRET": CANARY, "PLANT_PASSWORD": CANARY}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(running.config_home))

    names: dict = {}
    stored, bucket, database = (code for kind, code in BLOCKS.findall(page) if kind == "python")
    assert execute(stored, names).startswith("crd_")
    execute(bucket, names)
    assert len(scores(names["job"])) == 200
    execute(database, names)
    # One reading each ten minutes, of the last day alone.
    assert 142 <= len(scores(names["job"])) <= 144
    names["client"].close()
    assert planted(running.data_dir.parent) == []


def test_the_page_on_webhooks_registers_an_endpoint_and_verifies_what_comes(running, eventually):
    came = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        assert ADDRESS in REGISTER
        done = running.run_python("-c", REGISTER.replace(ADDRESS, f"http://127.0.0.1:{site.server_port}/"))
        assert (done.returncode, done.stderr) == (0, "")
        endpoint_id, secret = done.stdout.split()
        with running.client() as client:
            job = client.batch_detect(data_sources=[[[float(row % 7)] for row in range(50)]], algorithm="mad")
            job.wait(timeout=120)
        eventually(lambda: len(came) == 2)
        events = []
        for headers, body in came:
            names = {"body": body, "headers": headers, "secret": secret}
            exec(VERIFY, names)
            events.append(names["event"])
        site.shutdown()
    assert {event.type: event.data for event in events}.keys() == {"webhook.test", "job.succeeded"}
    assert {event.data.get("endpoint_id") for event in events} == {endpoint_id, None}
    assert {event.data.get("job_id") for event in events} == {job.job_id, None}
