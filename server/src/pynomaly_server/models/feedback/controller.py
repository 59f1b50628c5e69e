"""HTTP of labels, which are of the tag `models`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.operations import RequestInfo, handles
from pynomaly_server.contract.operations import GetModelFeedbackPath, GiveModelFeedbackPath
from pynomaly_server.contract.structs import ModelFeedback, ModelFeedbackRequest
from pynomaly_server.models.feedback.service import FeedbackService


class FeedbackController:
    def __init__(self, service: FeedbackService) -> None:
        self._service = service

    @handles("giveModelFeedback")
    async def give_model_feedback(
        self,
        principal: Principal,
        path: GiveModelFeedbackPath,
        body: ModelFeedbackRequest,
        info: RequestInfo,
    ) -> ModelFeedback:
        return await self._service.give(principal, path.name, body, info.allowance.take_rows)

    @handles("getModelFeedback")
    async def get_model_feedback(self, principal: Principal, path: GetModelFeedbackPath) -> ModelFeedback:
        return await self._service.look(principal, path.name)
