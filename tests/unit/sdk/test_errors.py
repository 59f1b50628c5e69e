"""What the errors say, carry and hide."""

import pickle

import pytest

from pynomaly import errors
from pynomaly._generated.models import Problem
from pynomaly.errors import Attempt, status_error


def problem(**fields) -> Problem:
    values = {
        "type": "https://pynomaly.dev/problems/validation",
        "title": "The request does not fit the contract",
        "status": 422,
        "detail": "contamination must be at most 0.5, but 0.7 was given.",
        "code": "validation",
        "request_id": "req_1",
    }
    return Problem.model_validate({**values, **fields})


@pytest.mark.parametrize(("status", "kind"), errors.STATUS_ERRORS.items())
def test_every_status_has_a_class_of_its_own(status, kind):
    error = status_error(status, problem=problem(status=status), request_id="req_2")
    assert type(error) is kind
    assert (error.status, error.code, error.request_id) == (status, "validation", "req_2")


def test_an_unknown_5xx_is_a_server_error():
    assert type(status_error(599, problem=None, request_id=None)) is errors.ServerError


def test_an_unknown_4xx_is_a_status_error():
    assert type(status_error(418, problem=None, request_id=None)) is errors.APIStatusError


def test_the_message_is_the_servers_detail_with_every_fault_and_how_to_find_the_request():
    faults = [{"pointer": f"/data/{row}", "detail": "must be a number"} for row in range(7)]
    error = status_error(422, problem=problem(errors=faults), request_id=None)
    assert str(error) == (
        "contamination must be at most 0.5, but 0.7 was given; /data/0: must be a number; /data/1: must be a "
        "number; "
        "/data/2: must be a number; /data/3: must be a number; /data/4: must be a number; and 2 more faults. "
        "(HTTP 422, validation, request req_1)"
    )


def test_a_fault_that_the_detail_tells_already_is_not_repeated():
    faults = [{"pointer": "/contamination", "detail": "must be at most 0.5"}]
    error = status_error(422, problem=problem(errors=faults), request_id=None)
    assert str(error) == (
        "contamination must be at most 0.5, but 0.7 was given. (HTTP 422, validation, request req_1)"
    )


def test_the_message_of_a_wrong_key_says_where_keys_come_from():
    refused = problem(code="unauthenticated", detail="The API key is not known.")
    error = status_error(401, problem=refused, request_id=None)
    assert str(error) == (
        "The API key is not known. Check the key in api_key=, PYNOMALY_API_KEY or the local profile, "
        "or log in anew. "
        "(HTTP 401, unauthenticated, request req_1)"
    )


@pytest.mark.parametrize(
    ("status", "code"), [(403, "switched-off"), (429, "quota-exceeded"), (401, "unauthenticated")]
)
def test_where_the_detail_says_what_to_do_nothing_is_added(status, code):
    refused = problem(code=code, detail="No. Ask the operator.")
    error = status_error(status, problem=refused, request_id=None, by_body=True)
    assert str(error) == f"No. Ask the operator. (HTTP {status}, {code}, request req_1)"


def test_an_answer_without_a_problem_document_is_blamed_on_what_is_in_between():
    error = status_error(502, problem=None, request_id=None, text="<h1>Bad\n Gateway</h1>")
    assert str(error) == (
        'HTTP 502 without a problem document: "<h1>Bad Gateway</h1>". Something between this client '
        "and the Pynomaly server answered, or base_url points to another program."
    )


def test_a_redirect_says_that_it_is_not_followed():
    error = status_error(301, problem=None, request_id=None, text=" to https://other")
    assert str(error) == (
        "The server answers with a redirect (HTTP 301) to https://other. Redirects are not followed, so that "
        "the key goes "
        "nowhere else; set base_url to the final address."
    )


def test_several_attempts_are_counted_in_the_message():
    attempts = [Attempt(1, 0.0, 0.1, "503", wait=0.2), Attempt(2, 0.3, 0.1, "503")]
    error = errors.APIConnectionError("The connection broke.", attempts=attempts)
    assert str(error) == "The connection broke. [after 2 attempts]"


@pytest.mark.parametrize(
    "error",
    [
        errors.ConfigurationError("no key"),
        errors.DataError("row 3"),
        errors.APIConnectionError("broke", attempts=[Attempt(1, 0.0, 0.1, "ConnectError")]),
        errors.APITimeoutError("late", attempts=[Attempt(1, 0.0, 0.1, "timeout")]),
        errors.APIResponseError("odd", status=200, request_id="req_1"),
        status_error(429, problem=problem(code="rate-limited"), request_id="req_1"),
        errors.JobFailedError("job_1", problem(code="bad-dataset")),
        errors.JobCancelledError("job_1"),
        errors.UnknownJobStateError("job_1", "paused"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_pickling_with_everything_it_carries(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(
    "kind", [errors.ConfigurationError, errors.APIConnectionError, errors.APIStatusError]
)
def test_a_key_in_a_message_is_made_unreadable(kind):
    error = kind("sent pyn_abcd1234_secretsecret and Authorization: Bearer abc.def")
    assert str(error) == "sent pyn_… and Authorization: Bearer …"
    assert "secret" not in repr(error)


def test_every_error_is_a_pynomaly_error():
    kinds = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert all(issubclass(kind, errors.PynomalyError) for kind in kinds)


def test_a_failed_job_says_why():
    error = errors.JobFailedError("job_1", problem(code="bad-dataset", detail="The CSV has no rows."))
    assert (str(error), error.code) == ("Job job_1 failed (bad-dataset): The CSV has no rows.", "bad-dataset")
