"""Puts the server together: settings, services, controllers, and the contract that ties them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from litestar import Litestar

from pynomaly_server.binding.operations import BodyLimit, bind
from pynomaly_server.detection.service import BATCH_REMEDY
from pynomaly_server.edge import Edge, problem_response
from pynomaly_server.logs import configure_logging, write_held_lines
from pynomaly_server.models.feedback.service import FEEDBACK_REMEDY
from pynomaly_server.models.packages.service import PACKAGE_REMEDY
from pynomaly_server.models.prediction import PREDICTION_REMEDY
from pynomaly_server.models.training import UPLOAD_REMEDY
from pynomaly_server.passage import ShortWay
from pynomaly_server.perimeter.cors import Cors, parse_origins
from pynomaly_server.reloading import reloaded
from pynomaly_server.services import Services
from pynomaly_server.settings import Settings
from pynomaly_server.system.documentation import docs_asset, docs_shortcut

if TYPE_CHECKING:
    from litestar.types import ASGIApp


def create_app(
    settings: Settings | None = None,
    reload_on: signal.Signals | None = None,
    stop_waiting_on: signal.Signals | None = None,
) -> ASGIApp:
    """The ASGI application; without `settings` they come from the environment.

    With the signal `reload_on`, which only the main thread of a process can ask for, the settings that can
    change under way are read anew. With `stop_waiting_on` whoever waits for the end of a job is answered at
    once from then on: what comes next is the end of the process.

    Raises:
        SettingsError: the environment does not make valid settings; every fault is named.
        BindingError: the handlers do not fit the contract; every mismatch is named.
    """
    held = settings = settings or Settings.load()
    configure_logging(settings)
    services = Services(settings)
    limits = {
        "detectAnomalies": BodyLimit(settings.detect_max_bytes, BATCH_REMEDY),
        "giveModelFeedback": BodyLimit(settings.detect_max_bytes, FEEDBACK_REMEDY),
        "importModel": BodyLimit(settings.model_package_bytes, PACKAGE_REMEDY),
        "predictWithModel": BodyLimit(settings.detect_max_bytes, PREDICTION_REMEDY),
        "trainModel": BodyLimit(settings.detect_max_bytes, UPLOAD_REMEDY),
        "uploadDataset": BodyLimit(settings.dataset_max_bytes, "Split the table into several datasets."),
    }

    def reload() -> None:
        nonlocal held
        held = reloaded(held)
        services.change(held)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        try:
            async with services:
                if reload_on is not None:
                    asyncio.get_running_loop().add_signal_handler(reload_on, reload)
                if stop_waiting_on is not None:
                    asyncio.get_running_loop().add_signal_handler(stop_waiting_on, services.stop_waiting)
                yield
        finally:
            write_held_lines()

    operations = bind(services.controllers(), limits)
    senders = services.sender_limits()
    passage = services.passage(senders)
    app = Litestar(
        route_handlers=[*operations, docs_asset, docs_shortcut],
        middleware=[passage],
        exception_handlers={Exception: problem_response},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        # The body reader has a limit per operation.
        request_max_body_size=None,
    )
    return Edge(
        ShortWay(app, operations, passage),
        Cors(parse_origins(settings.cors_origins)),
        settings.slow_client_seconds,
        senders.count_stray,
    )
