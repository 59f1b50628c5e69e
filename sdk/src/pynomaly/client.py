# Made from async_client.py by `python sdk/unasync.py`; edit that file instead of this one.

"""The client: the server it talks to, the defaults of its calls, and every operation of the contract as
`client.<tag>.<verb>()`. Verbs of its own come with its base class."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pynomaly._generated.resources_sync import Resources
from pynomaly.api_keys import ApiKeys
from pynomaly.credentials import Credentials
from pynomaly.detector import Detector
from pynomaly.embedded import OwnServer
from pynomaly.errors import ConfigurationError
from pynomaly.fallback import Fallback, FallbackStep, fallback_steps
from pynomaly.frames import Oversize
from pynomaly.jobs.handle import Jobs
from pynomaly.login import Login
from pynomaly.model_verbs import ModelVerbs
from pynomaly.models import Models
from pynomaly.profile import find_connection, further_roots
from pynomaly.resilience import (
    BreakerEvent,
    BreakerState,
    FallbackEvent,
    Guards,
    Hooks,
    RequestEvent,
    ResiliencePolicy,
    RetryEvent,
)
from pynomaly.session import identity
from pynomaly.transport.colours import Clock, in_thread
from pynomaly.transport.driver import Driver
from pynomaly.transport.options import CallOptions
from pynomaly.users import Users

if TYPE_CHECKING:
    import httpx


class PynomalyClient(ModelVerbs):
    """Talks to a Pynomaly server.

    Without arguments the server and the key come from `PYNOMALY_BASE_URL` and `PYNOMALY_API_KEY`, from
    `pynomaly login`, or from the profile that `pynomaly serve` writes on this machine. Use it as a context
    manager, or call `close()` at the end.

    Args:
        api_key: The API key.
        base_url: Address of the server; it may end in `/v1` or `/api/v1`.
        username: A user who logs in with `password` before the first call, instead of an API key. The
            access token is renewed before it ends.
        password: The password of that user.
        tenant: Name or id of that user's tenant; the server's first where None.
        timeout: Seconds that a call may take, attempts and waits included; each operation's own default (10,
            30 or 120 s) where None, `math.inf` for no limit.
        max_retries: Further attempts after the first where an operation may be repeated; 3 where None, 0 for
            none.
        headers: Further headers of every request.
        base_urls: Further addresses of the same installation, asked in turn with the same key where the one
            before does not answer.
        fallback: What answers a detection where no server does: `"local"` for the rules of `pynomaly.local`,
            a function that takes the data and the error and returns a `DetectionResult` or a score in [0, 1]
            per row, or a list of such steps. A request that the server refuses (4xx) is never answered so.
        oversize: What becomes of a detection that is over the server's limit for one request: `"job"` uploads
            the data, runs a job and waits for it; `"error"` raises `PayloadTooLargeError`.
        resilience: Circuit breakers, retry budget, bound on concurrent attempts, and hedging.
        on_request: Called before each attempt with a `RequestEvent`.
        on_retry: Called with a `RetryEvent` when an attempt is made again.
        on_breaker: Called with a `BreakerEvent` when a circuit breaker changes.
        on_fallback: Called with a `FallbackEvent` when something else than the first server answers.
        http_client: An httpx client of one's own, for proxies or certificates; it is not closed here.
        transport: An httpx transport in place of the network, such as a `pynomaly.testing.FakeServer`.
        clock: Time; the machine's where None. A `pynomaly.testing.VirtualClock` lets waits cost nothing.
        algorithm: Default algorithm of detections.
        contamination: Default contamination of detections.
        **parameters: Default parameters of the algorithm.

    Raises:
        ConfigurationError: No key is found, the address is unusable, or two arguments exclude each other.
    """

    credentials: Credentials  # pyright: ignore[reportIncompatibleVariableOverride]  # with shorter names
    users: Users  # pyright: ignore[reportIncompatibleVariableOverride]  # with shorter names
    jobs: Jobs  # pyright: ignore[reportIncompatibleVariableOverride]  # the generated resource and resume()

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        username: str | None = None,
        password: str | None = None,
        tenant: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        base_urls: Sequence[str] = (),
        fallback: Fallback | None = None,
        oversize: Oversize = "job",
        resilience: ResiliencePolicy | None = None,
        on_request: Callable[[RequestEvent], object] | None = None,
        on_retry: Callable[[RetryEvent], object] | None = None,
        on_breaker: Callable[[BreakerEvent], object] | None = None,
        on_fallback: Callable[[FallbackEvent], object] | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
        algorithm: str | None = None,
        contamination: float | Literal["auto"] | None = None,
        **parameters: Any,
    ) -> None:
        if http_client is not None and transport is not None:
            raise ConfigurationError("Both http_client= and transport= were given; give one of them.")
        options = CallOptions(timeout=timeout, max_retries=max_retries, headers=headers or {})
        connection = find_connection(
            api_key=api_key, base_url=base_url, identity=identity(username, password, tenant)
        )
        driver = Driver(
            connection,
            options=options,
            further=further_roots(base_urls),
            guards=Guards(resilience, Hooks(on_request, on_retry, on_breaker, on_fallback)),
            http_client=http_client,
            transport=transport,
            clock=clock,
        )
        self._server: OwnServer | None = None
        self._login: Login | None = None
        if connection.api_key is None:
            self._login = Login(driver.anonymous(), connection.identity, connection.session)
            driver.log_in(self._login)
        self._algorithm = algorithm
        self._contamination: float | Literal["auto"] | None = contamination
        self._parameters = parameters
        self._use(driver, fallback_steps(fallback), oversize)

    @classmethod
    def embedded(cls, data_dir: str | os.PathLike[str] | None = None, **options: Any) -> Self:
        """Start a server on this machine and return a client of it; closing the client stops the server.

        The server is a whole one, on a port of its own, and takes some seconds to start.

        Args:
            data_dir: Folder that keeps its datasets, jobs and results; a temporary one, removed at the end,
                where None.
            **options: Of the client.

        Raises:
            ConfigurationError: `pynomaly-server` is not installed, or its server does not start.
        """
        server = in_thread(OwnServer, data_dir)
        try:
            profile = server.profile
            client = cls(api_key=profile.api_key, base_url=profile.base_url, **options)
        except BaseException:
            server.stop()
            raise
        client._server = server
        return client

    def _use(self, driver: Driver, fallback: tuple[FallbackStep, ...], oversize: Oversize) -> None:
        Resources.__init__(self, driver)
        self.jobs = Jobs(driver)
        self.api_keys = ApiKeys(self.auth)
        self.credentials = Credentials(driver)
        self.users = Users(driver, self._login)
        self._driver = driver
        self._detector = Detector(driver, fallback, oversize)
        self.models = Models(driver, self._detector)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._driver.root}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and stop the server where it is an embedded one."""
        self._driver.close()
        server, self._server = self._server, None
        if server is not None:
            in_thread(server.stop)

    def log_out(self) -> None:
        """End the session of the user; nothing happens for an API key."""
        if self._login is not None:
            self._login.log_out()

    @property
    def breakers(self) -> Mapping[tuple[str, str], BreakerState]:
        """Where each circuit breaker stands, by origin and group of operations; only those that were in use
        are listed."""
        return self._driver.guards.states(self._driver.clock.monotonic())

    def reset_breakers(self) -> None:
        """Close every circuit breaker and fill the retry budget."""
        self._driver.guards.reset()

    def with_options(
        self,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        fallback: Fallback | None = None,
        oversize: Oversize | None = None,
    ) -> Self:
        """Return a client with other defaults that shares this one's connections, breakers and budget;
        closing it closes nothing.

        Args:
            timeout: Seconds that a call may take, attempts and waits included.
            max_retries: Further attempts after the first.
            headers: Further headers of every request, beside those of this client.
            fallback: What answers a detection where no server does.
            oversize: What becomes of a detection that is over the server's limit: `"job"` or `"error"`.

        Raises:
            DataError: `fallback` or `oversize` is none of what they may be.
        """
        options = CallOptions(timeout=timeout, max_retries=max_retries, headers=headers or {})
        steps = self._detector.fallback if fallback is None else fallback_steps(fallback)
        client = copy.copy(self)
        client._server = None  # noqa: SLF001
        client._use(self._driver.with_options(options), steps, oversize or self._detector.oversize)  # noqa: SLF001  a copy of ourselves
        return client
