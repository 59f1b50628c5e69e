"""Signed requests for objects, held against two other implementations of the same signatures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import obstore
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import GCSStore

from pynomaly_server.contract.structs import GcsSecrets, S3Secrets
from pynomaly_server.outbound.urls import ForbiddenTargetError
from pynomaly_server.sources.buckets import gcs_download, parse_object, s3_download

NOW = datetime(2026, 5, 1, 12, 30, 45, tzinfo=UTC)
KEYS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60).filter(
    lambda key: not {".", ".."} & set(key.split("/"))
)


@pytest.fixture(scope="module")
def account():
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "type": "service_account",
        "client_email": "reader@example.iam.gserviceaccount.com",
        "private_key": pem,
        "private_key_id": "1",
        "token_uri": "https://127.0.0.1/never-asked",
    }


def signed_by_botocore(url, secrets):
    credentials = Credentials(secrets.access_key_id, secrets.secret_access_key, secrets.session_token or None)
    request = AWSRequest("GET", url)
    request.headers["X-Amz-Content-SHA256"] = botocore.auth.EMPTY_SHA256_HASH
    request.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    signer = botocore.auth.S3SigV4Auth(credentials, "s3", secrets.region)
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


@settings(max_examples=60)
@given(
    KEYS,
    st.sampled_from(["eu-central-1", "us-east-1"]),
    st.sampled_from(["", "https://minio.example.com", "https://minio.example.com:8443"]),
    st.sampled_from(["sensors", "sensors.of.mine"]),
    st.sampled_from([None, "a-token/with+signs=="]),
)
def test_an_s3_request_has_the_signature_that_botocore_gives_it(key, region, endpoint, bucket, token):
    secrets = S3Secrets(
        access_key_id="AKIDEXAMPLE",
        secret_access_key="wJalrXUtnFEMI/K7MDENG",
        region=region,
        endpoint=endpoint or None,
        session_token=token,
    )
    download = s3_download(parse_object(f"s3://{bucket}/{key}"), secrets, NOW)
    said = download.headers["authorization"]
    assert said.endswith("Signature=" + signed_by_botocore(download.target.url, secrets))
    assert f"Credential=AKIDEXAMPLE/20260501/{region}/s3/aws4_request" in said
    assert ("x-amz-security-token" in said) == (token is not None)
    assert "wJalrXUtnFEMI" not in said + download.target.url


@pytest.mark.parametrize("key", ["2026/05.csv", "a_b-c~d/e.f"])
def test_a_gcs_request_has_the_signature_that_obstore_gives_it(account, key):
    text = json.dumps(account)
    theirs = obstore.sign(GCSStore("sensors", service_account_key=text), "GET", key, timedelta(seconds=900))
    stamp = parse_qs(urlsplit(theirs).query)["X-Goog-Date"][0]
    moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    secrets = GcsSecrets(service_account_key=text)
    ours = gcs_download(parse_object(f"gs://sensors/{key}"), secrets, moment).target.url
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(theirs).query)
    assert urlsplit(ours).path == urlsplit(theirs).path


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://bucket", "names no object"),
        ("s3://bucket/", "names no object"),
        ("s3://Bucket/a.csv", "no bucket that can exist"),
        ("s3://user:hunter2@bucket/a.csv", "no bucket that can exist"),
        ("s3://127.0.0.1:9000/a.csv", "no bucket that can exist"),
        ("gs://bucket/../other/a.csv", "parts that are"),
        ("s3://bucket/a\n.csv", "control characters"),
        ("s3://bucket/" + "ü" * 513, "more than 1,024 bytes"),
    ],
)
def test_what_is_no_object_is_refused(url, words):
    with pytest.raises(ForbiddenTargetError, match=words) as caught:
        parse_object(url)
    assert "hunter2" not in str(caught.value)


def test_a_bucket_is_asked_by_its_own_name_where_amazon_offers_it():
    secrets = S3Secrets(access_key_id="a", secret_access_key="b", region="eu-west-1")
    plain = s3_download(parse_object("s3://sensors/a.csv"), secrets, NOW)
    dotted = s3_download(parse_object("s3://my.sensors/a.csv"), secrets, NOW)
    assert plain.target.url == "https://sensors.s3.eu-west-1.amazonaws.com/a.csv"
    assert dotted.target.url == "https://s3.eu-west-1.amazonaws.com/my.sensors/a.csv"
    assert plain.shown == "s3://sensors/a.csv"
