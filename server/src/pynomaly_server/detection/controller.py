"""HTTP of the tag `detection`."""

from __future__ import annotations

from pynomaly_server.binding.body import TableBody
from pynomaly_server.binding.operations import RequestInfo, handles
from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import DetectionRequest, DetectionResult
from pynomaly_server.detection.service import DetectionService
from pynomaly_server.problems import Fault, invalid


class DetectionController:
    def __init__(self, service: DetectionService) -> None:
        self._service = service

    @handles("detectAnomalies")
    async def detect_anomalies(
        self, query: DetectAnomaliesQuery, body: DetectionRequest | TableBody, info: RequestInfo
    ) -> DetectionResult:
        charge = info.allowance.take_rows
        if isinstance(body, TableBody):
            return await self._service.detect_table(body.data, body.media_type, query, charge)
        if info.given:
            # Which of two values should win is a guess that the server does not make.
            raise invalid([Fault(f"?{name}", "belongs into the JSON body") for name in sorted(info.given)])
        return await self._service.detect_rows(body, charge)
