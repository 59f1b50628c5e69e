"""Batch jobs on tables read with stored credentials, from the client to the worker of a whole server."""

from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pynomaly import JobFailedError, RemoteSource, S3Secrets

TABLE = Path(__file__).parents[2] / "examples" / "transactions.csv"
CANARY = "canary-77ab20e19d"


@pytest.fixture(scope="module")
def moto():
    """The address of an S3 server with a table in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    bucket = boto3.resource(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="somebody",
        aws_secret_access_key="something",
    ).Bucket("payments")
    bucket.create()
    bucket.put_object(Key="2026/transactions.csv", Body=TABLE.read_bytes())
    yield f"http://{host}:{port}"
    server.stop()


def scores(job):
    job.wait()
    return [(row.row, row.score, row.prediction) for row in job.iter_results()]


def planted(folder):
    """Files of the server that hold the planted secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if CANARY.encode() in path.read_bytes()]


def test_a_table_in_a_bucket_has_the_result_of_the_same_table_uploaded(start, moto):
    running = start(PYNOMALY_OUTBOUND_ALLOW="127.0.0.0/8", PYNOMALY_LOG_LEVEL="debug")
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
