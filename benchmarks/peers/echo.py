"""Our server with a prediction that scores nothing: it authenticates, counts, reads, and sends the body back.

Started with the environment of a running server's API, on another port.
"""

from __future__ import annotations

from typing import Any

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.body import TableBody
from pynomaly_server.binding.operations import Reply, RequestInfo, handles
from pynomaly_server.contract.operations import PredictWithModelPath, PredictWithModelQuery
from pynomaly_server.contract.structs import PredictionRequest
from pynomaly_server.models.controller import ModelsController
from pynomaly_server.runtime import api
from pynomaly_server.settings import Settings


class EchoController(ModelsController):
    """All of the models' operations but one."""

    @handles("predictWithModel")
    async def predict_with_model(
        self,
        principal: Principal,  # noqa: ARG002 - what the operation gives
        path: PredictWithModelPath,  # noqa: ARG002
        query: PredictWithModelQuery,  # noqa: ARG002
        body: PredictionRequest | TableBody,
        info: RequestInfo,  # noqa: ARG002
    ) -> Reply:
        """The body, decoded and encoded again."""
        return Reply(body.data if isinstance(body, TableBody) else body)


def load_app(target: str) -> Any:
    """The application with that controller, in each worker process."""
    from pynomaly_server import services

    services.ModelsController = EchoController
    return _load_app(target)


_load_app = api.load_app
api.load_app = load_app
if __name__ == "__main__":
    api.run_api(Settings.load())
