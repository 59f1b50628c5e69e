"""Handlers are bound by operationId, and the server does not start where contract and handlers disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import BindingError, BodyLimit, bind, handles
from pynomaly_server.contract.operations import OPERATIONS, GetJobStatusPath, GetJobStatusQuery, ListJobsQuery
from pynomaly_server.contract.structs import DetectionRequest, Job, Liveness


def bound(*controllers: object, only: tuple[str, ...], **limits: BodyLimit) -> list[Any]:
    return bind(controllers, limits, {name: OPERATIONS[name] for name in only})


def refused(*controllers: object, only: tuple[str, ...], **limits: BodyLimit) -> list[str]:
    with pytest.raises(BindingError) as caught:
        bound(*controllers, only=only, **limits)
    first, *faults = str(caught.value).splitlines()
    assert first == "The handlers do not fit the contract:"
    return [fault.removeprefix("  - ") for fault in faults]


class Lives:
    @handles("checkLiveness")
    async def check_liveness(self) -> Liveness:
        return Liveness(status="ok")


class GetsJobs:
    @handles("getJobStatus")
    async def get_job_status(
        self, principal: Principal, path: GetJobStatusPath, query: GetJobStatusQuery
    ) -> Job:
        raise AssertionError


def test_a_handler_becomes_a_route_with_the_contract_s_method_and_path() -> None:
    (route,) = bound(GetsJobs(), only=("getJobStatus",))
    assert route.paths == {"/api/v1/jobs/{job_id:str}"}
    assert route.http_methods == {"GET"}


def test_an_operation_without_handler_is_named() -> None:
    assert refused(Lives(), only=("checkLiveness", "getJobStatus")) == [
        "getJobStatus (GET /api/v1/jobs/{job_id}) has no handler."
    ]


def test_a_handler_without_operation_is_named() -> None:
    assert refused(Lives(), GetsJobs(), only=("getJobStatus",)) == [
        "Lives.check_liveness handles checkLiveness, which the contract does not have."
    ]


def test_a_second_handler_is_named() -> None:
    class AlsoLives(Lives):
        pass

    assert refused(Lives(), AlsoLives(), only=("checkLiveness",)) == [
        "AlsoLives.check_liveness handles checkLiveness, which has a handler already."
    ]


def handler(operation_id: str, function: Callable[..., Any]) -> object:
    return type("Controller", (), {"handle": handles(operation_id)(function)})()


def test_a_parameter_of_another_operation_s_type_is_named() -> None:
    async def handle(self, principal: Principal, path: GetJobStatusPath, query: ListJobsQuery) -> None: ...

    (fault,) = refused(handler("getJobStatus", handle), only=("getJobStatus",))
    assert fault.startswith("Controller.handle: takes 'query' as ")
    assert fault.endswith("but the contract's type is GetJobStatusQuery.")


def test_parameters_that_a_handler_ignores_are_named() -> None:
    async def handle(self, principal: Principal, path: GetJobStatusPath) -> None: ...

    assert refused(handler("getJobStatus", handle), only=("getJobStatus",)) == [
        "Controller.handle: ignores the query parameters of getJobStatus."
    ]


def test_a_principal_on_a_public_operation_is_named() -> None:
    async def handle(self, principal: Principal) -> None: ...

    assert refused(handler("checkLiveness", handle), only=("checkLiveness",)) == [
        "Controller.handle: takes 'principal', but checkLiveness has none."
    ]


def test_a_body_that_lacks_the_tables_of_its_operation_is_named() -> None:
    async def handle(self, query: Any, body: DetectionRequest) -> None: ...

    handle.__annotations__["query"] = OPERATIONS["detectAnomalies"].query_params
    assert refused(handler("detectAnomalies", handle), only=("detectAnomalies",)) == [
        "Controller.handle: does not take TableBody, but detectAnomalies accepts media types besides JSON."
    ]


def test_a_body_limit_of_no_operation_is_named() -> None:
    assert refused(Lives(), only=("checkLiveness",), uploadData=BodyLimit(1, "")) == [
        "A body limit is set for uploadData, which the contract does not have."
    ]
