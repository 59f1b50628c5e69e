"""HTTP of the tag `algorithms`."""

from __future__ import annotations

from pynomaly_server.algorithms.service import AlgorithmService
from pynomaly_server.binding.operations import handles
from pynomaly_server.contract.operations import GetAlgorithmPath
from pynomaly_server.contract.structs import Algorithm, AlgorithmList


class AlgorithmsController:
    def __init__(self, service: AlgorithmService) -> None:
        self._service = service

    @handles("listAlgorithms")
    async def list_algorithms(self) -> AlgorithmList:
        return AlgorithmList(items=self._service.all(), next_cursor=None)

    @handles("getAlgorithm")
    async def get_algorithm(self, path: GetAlgorithmPath) -> Algorithm:
        return self._service.get(path.name)
