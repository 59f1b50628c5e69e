"""Messages are believed when their signature fits, and for no other reason."""

import base64
import hashlib
import hmac
import math
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pynomaly
from pynomaly import WebhookVerificationError, webhooks
from pynomaly_server.webhooks.signing import Secrets, signed_headers

# The example that the specification of Standard Webhooks publishes.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


def signed(body, *secrets, at=None, message_id="whd_1"):
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    return signed_headers(message_id, int(time.time()) if at is None else at, body, keys)


def test_the_published_example_verifies():
    event = webhooks.verify(BODY, HEADERS, SECRET, tolerance=math.inf)
    assert (event.id, event.content) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", {"test": 2432232314})
    assert (event.type, event.timestamp, event.data) == (None, None, {})


def test_the_server_signs_the_published_example_as_published():
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    assert signed_headers(HEADERS["webhook-id"], 1614265330, BODY, [key]) == HEADERS


def test_an_event_comes_in_its_parts():
    body = b'{"type":"job.succeeded","timestamp":"2026-05-01T12:00:00Z","data":{"job_id":"job_1"}}'
    event = webhooks.verify(body, signed(body, SECRET), SECRET)
    assert (event.id, event.type, event.data) == ("whd_1", "job.succeeded", {"job_id": "job_1"})
    assert event.timestamp == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_names_of_headers_may_be_in_any_case():
    headers = {name.title(): value for name, value in signed(BODY, SECRET).items()}
    assert webhooks.verify(BODY, headers, SECRET).id == "whd_1"


def test_a_body_may_be_given_as_text():
    assert webhooks.verify(BODY.decode(), signed(BODY, SECRET), SECRET).id == "whd_1"


@pytest.mark.parametrize("known", [SECRET, OTHER, [SECRET, OTHER], [OTHER, SECRET]])
def test_while_two_secrets_are_valid_either_is_enough(known):
    assert webhooks.verify(BODY, signed(BODY, SECRET, OTHER), known).id == "whd_1"


def test_several_known_secrets_are_tried_on_one_signature():
    assert webhooks.verify(BODY, signed(BODY, OTHER), [SECRET, OTHER]).id == "whd_1"


def test_signatures_of_other_versions_are_passed_over():
    headers = signed(BODY, SECRET)
    headers["webhook-signature"] = f"v1a,aGVsbG8= v2,x {headers['webhook-signature']}"
    assert webhooks.verify(BODY, headers, SECRET).id == "whd_1"


def test_another_secret_does_not_fit():
    with pytest.raises(WebhookVerificationError, match="No signature in webhook-signature fits"):
        webhooks.verify(BODY, signed(BODY, SECRET), OTHER)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_no_byte_of_the_body_can_be_changed(position, change):
    changed = bytearray(BODY)
    changed[position] ^= change
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(bytes(changed), HEADERS, SECRET, tolerance=math.inf)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "msg_other"),
        ("webhook-timestamp", "1614265331"),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,not base64!"),
        ("webhook-signature", HEADERS["webhook-signature"].removeprefix("v1,")),
        ("webhook-signature", HEADERS["webhook-signature"].replace("v1,", "v2,")),
    ],
)
def test_no_header_can_be_changed(name, value):
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(BODY, {**HEADERS, name: value}, SECRET, tolerance=math.inf)


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_no_header_can_be_left_out(name):
    headers = {key: value for key, value in HEADERS.items() if key != name}
    with pytest.raises(WebhookVerificationError, match=f"The header {name} is missing"):
        webhooks.verify(BODY, headers, SECRET, tolerance=math.inf)


@pytest.mark.parametrize(("seconds", "word"), [(-400, "old"), (400, "ahead")])
def test_a_message_of_another_time_is_a_replay(seconds, word):
    headers = signed(BODY, SECRET, at=int(time.time()) + seconds)
    with pytest.raises(WebhookVerificationError, match=f"s {word}, but 300 s are tolerated"):
        webhooks.verify(BODY, headers, SECRET)
    assert webhooks.verify(BODY, headers, SECRET, tolerance=500).id == "whd_1"


@pytest.mark.parametrize("timestamp", ["1e9", "-5", "٣", "1" * 13, "nan"])
def test_a_time_that_is_no_number_is_refused(timestamp):
    with pytest.raises(WebhookVerificationError, match="no number of seconds"):
        webhooks.verify(BODY, {**HEADERS, "webhook-timestamp": timestamp}, SECRET, tolerance=math.inf)


def test_a_body_that_is_no_object_is_refused():
    with pytest.raises(WebhookVerificationError, match="no JSON object"):
        webhooks.verify(b"[1]", signed(b"[1]", SECRET), SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", []])
def test_something_that_is_no_secret_is_a_fault_of_the_program(secret):
    with pytest.raises(ValueError, match="secret"):
        webhooks.verify(BODY, HEADERS, secret)


@pytest.mark.parametrize("tolerance", [-1, math.nan])
def test_something_that_is_no_tolerance_is_a_fault_of_the_program(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        webhooks.verify(BODY, HEADERS, SECRET, tolerance=tolerance)


def test_verifying_needs_the_standard_library_alone():
    done = subprocess.run(
        [sys.executable, "-c", "import pynomaly.webhooks, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(pynomaly.__file__).parents[1])},
    )
    assert not {"httpx", "pydantic", "tenacity"} & set(done.stdout.split())


def test_secrets_differ_by_endpoint_version_and_server():
    one, other = Secrets("s" * 32), Secrets("t" * 32)
    made = [one.shown("whe_1", 1), one.shown("whe_1", 2), one.shown("whe_2", 1), other.shown("whe_1", 1)]
    assert len(set(made)) == 4
    assert one.shown("whe_1", 1) == made[0]
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in made} == {32}


def test_a_signature_is_what_the_specification_says():
    content = b"whd_1.5." + BODY
    expected = base64.b64encode(hmac.new(b"k" * 32, content, hashlib.sha256).digest()).decode()
    assert signed_headers("whd_1", 5, BODY, [b"k" * 32])["webhook-signature"] == f"v1,{expected}"
