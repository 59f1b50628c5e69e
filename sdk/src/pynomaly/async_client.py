"""The client: the server it talks to, the defaults of its calls, and every operation of the contract as
`client.<tag>.<verb>()`. Verbs of its own come with its base class."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

from pynomaly._generated.resources_async import AsyncResources
from pynomaly.async_api_keys import AsyncApiKeys
from pynomaly.async_credentials import AsyncCredentials
from pynomaly.async_detector import AsyncDetector
from pynomaly.async_login import AsyncLogin
from pynomaly.async_model_verbs import AsyncModelVerbs
from pynomaly.async_models import AsyncModels
from pynomaly.async_users import AsyncUsers
from pynomaly.embedded import OwnServer
from pynomaly.errors import ConfigurationError
from pynomaly.fallback import Fallback, FallbackStep, fallback_steps
from pynomaly.frames import Oversize
from pynomaly.jobs.async_handle import AsyncJobs
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
from pynomaly.transport.async_driver import AsyncDriver
from pynomaly.transport.colours import AsyncClock, async_in_thread
from pynomaly.transport.options import CallOptions

if TYPE_CHECKING:
    import httpx


class AsyncPynomalyClient(AsyncModelVerbs):
    """Talks to a Pynomaly server.

    Without arguments the server and the key come from `PYNOMALY_BASE_URL` and `PYNOMALY_API_KEY`, from
    `pynomaly login`, or from the profile that `pynomaly serve` writes on this machine. Use it as a context
    manager, or call `aclose()` at the end.

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

    credentials: AsyncCredentials  # pyright: ignore[reportIncompatibleVariableOverride]  # with shorter names
    users: AsyncUsers  # pyright: ignore[reportIncompatibleVariableOverride]  # with shorter names
    jobs: AsyncJobs  # pyright: ignore[reportIncompatibleVariableOverride]  # the generated resource and resume()

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
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: AsyncClock | None = None,
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
        driver = AsyncDriver(
            connection,
            options=options,
            further=further_roots(base_urls),
            guards=Guards(resilience, Hooks(on_request, on_retry, on_breaker, on_fallback)),
            http_client=http_client,
            transport=transport,
            clock=clock,
        )
        self._server: OwnServer | None = None
        self._login: AsyncLogin | None = None
        if connection.api_key is None:
            self._login = AsyncLogin(driver.anonymous(), connection.identity, connection.session)
            driver.log_in(self._login)
        self._algorithm = algorithm
        self._contamination: float | Literal["auto"] | None = contamination
        self._parameters = parameters
        self._use(driver, fallback_steps(fallback), oversize)

    @classmethod
    async def embedded(cls, data_dir: str | os.PathLike[str] | None = None, **options: Any) -> Self:
        """Start a server on this machine and return a client of it; closing the client stops the server.

        The server is a whole one, on a port of its own, and takes some seconds to start.

        Args:
            data_dir: Folder that keeps its datasets, jobs and results; a temporary one, removed at the end,
                where None.
            **options: Of the client.

        Raises:
            ConfigurationError: `pynomaly-server` is not installed, or its server does not start.
        """
        server = await async_in_thread(OwnServer, data_dir)
        try:
            profile = server.profile
            client = cls(api_key=profile.api_key, base_url=profile.base_url, **options)
        except BaseException:
            server.stop()
            raise
        client._server = server
        return client

    def _use(self, driver: AsyncDriver, fallback: tuple[FallbackStep, ...], oversize: Oversize) -> None:
        AsyncResources.__init__(self, driver)
        self.jobs = AsyncJobs(driver)
        self.api_keys = AsyncApiKeys(self.auth)
        self.credentials = AsyncCredentials(driver)
        self.users = AsyncUsers(driver, self._login)
        self._driver = driver
        self._detector = AsyncDetector(driver, fallback, oversize)
        self.models = AsyncModels(driver, self._detector)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._driver.root}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, and stop the server where it is an embedded one."""
        await self._driver.aclose()
        server, self._server = self._server, None
        if server is not None:
            await async_in_thread(server.stop)

    async def log_out(self) -> None:
        """End the session of the user; nothing happens for an API key."""
        if self._login is not None:
            await self._login.log_out()

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
