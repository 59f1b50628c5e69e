"""HTTP of the tag `detection`."""

from __future__ import annotations

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding.body import TableBody
from pynomaly_server.binding.operations import RequestInfo, handles
from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import DetectionRequest, DetectionResult
from pynomaly_server.detection.service import DetectionService
from pynomaly_server.models.prediction import PredictionService
from pynomaly_server.problems import Fault, invalid


class DetectionController:
    def __init__(self, service: DetectionService, predictions: PredictionService) -> None:
        self._service = service
        self._predictions = predictions

    @handles("detectAnomalies")
    async def detect_anomalies(
        self,
        principal: Principal,
        query: DetectAnomaliesQuery,
        body: DetectionRequest | TableBody,
        info: RequestInfo,
    ) -> DetectionResult:
        charge, mark = info.allowance.take_rows, info.allowance.mark
        if isinstance(body, TableBody):
            if query.model_id is not None:
                return await self._predictions.detect_table(
                    principal, query.model_id, body.data, body.media_type, query, charge, mark
                )
            return await self._service.detect_table(body.data, body.media_type, query, charge)
        if info.given:
            # Which of two values should win is a guess that the server does not make.
            raise invalid([Fault(f"?{name}", "belongs into the JSON body") for name in sorted(info.given)])
        if body.model_id is not None:
            return await self._predictions.detect_rows(principal, body.model_id, body, charge, mark)
        return await self._service.detect_rows(body, charge)
