# Made from async_login.py by `python sdk/unasync.py`; edit that file instead of this one.

"""Keeps a user logged in: logs in before the first call, and renews the access token before it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pynomaly._generated import operations as ops
from pynomaly.errors import APIError, ConfigurationError
from pynomaly.session import Identity, SessionFile, Tokens
from pynomaly.transport.colours import Slots, holding
from pynomaly.transport.driver import Driver

if TYPE_CHECKING:
    from pynomaly._generated.models import TokenPair


class Login:
    """The access token of one user, for all calls of a client at once: of many that need another, one gets
    it and the others wait.

    Args:
        driver: Carries the calls, without a credential of its own.
        identity: Who logs in, where the password is known.
        file: Where the session is kept, where `pynomaly login` has begun it.
    """

    def __init__(self, driver: Driver, identity: Identity | None, file: SessionFile | None = None) -> None:
        self._driver = driver
        self._identity = identity
        self._file = file
        self._tokens: Tokens | None = None
        self._one_at_a_time = Slots(1)

    def token(self) -> str:
        """A token that is good now, as far as anybody here can know.

        Raises:
            AuthenticationError: The password is wrong, or the session has ended and no password is known.
        """
        tokens = self._tokens
        if tokens is not None and self._now() < tokens.renew_at:
            return tokens.access_token
        with self._one_at_a_time:
            if self._tokens is None or self._tokens is tokens:
                try:
                    self._tokens = self._obtained(None)
                except APIError:
                    # What is still good for a while does for this call; the next tries again.
                    if tokens is None or self._now() >= tokens.good_until:
                        raise
            return self._token()

    def renewed(self, refused: str) -> str:
        """Another token than the one that the server has just refused; raises as `token` does."""
        with self._one_at_a_time:
            if self._tokens is None or self._tokens.access_token == refused:
                self._tokens = self._obtained(refused)
            return self._token()

    def log_out(self) -> None:
        """End the session; the next call logs in again where the password is known."""
        from pynomaly._generated.models import RefreshRequest

        with self._one_at_a_time:
            kept = None if self._file is None else self._file.read()
            tokens = self._tokens if kept is None else kept[2]
            self._tokens = None
            if self._file is not None:
                self._file.remove()
            if tokens is not None:
                body = RefreshRequest(refresh_token=tokens.refresh_token)
                self._driver.call(ops.REVOKE_TOKEN, type(None), body=body)

    def use_password(self, password: str) -> None:
        """Log in with this password from now on, where one is known at all."""
        if self._identity is not None:
            self._identity = replace(self._identity, password=password)

    def _token(self) -> str:
        assert self._tokens is not None
        return self._tokens.access_token

    def _now(self) -> float:
        return self._driver.clock.time()

    def _obtained(self, refused: str | None) -> Tokens:
        if self._file is None:
            return self._exchanged(self._tokens)
        with holding(self._file):
            kept = self._file.read()
            if kept is None:
                raise ConfigurationError("Nobody is logged in any more. Run `pynomaly login`.")
            base_url, username, tokens = kept
            if tokens.access_token != refused and self._now() < tokens.renew_at:
                # Another process has renewed it, or nothing has read the file yet.
                return tokens
            renewed = self._exchanged(tokens)
            self._file.write(base_url, username, renewed)
            return renewed

    def _exchanged(self, tokens: Tokens | None) -> Tokens:
        from pynomaly._generated.models import RefreshRequest, TokenPair
        from pynomaly.requests import login_request

        if tokens is not None:
            body = RefreshRequest(refresh_token=tokens.refresh_token)
            try:
                return self._received(self._driver.call(ops.REFRESH_TOKEN, TokenPair, body=body))
            except APIError:
                # A renewal whose answer was lost cannot be repeated, but a login can.
                if self._identity is None:
                    raise
        identity = self._identity
        assert identity is not None
        return self._received(self._driver.call(ops.CREATE_TOKEN, TokenPair, body=login_request(identity)))

    def _received(self, pair: TokenPair) -> Tokens:
        return Tokens.received(
            pair.access_token, pair.refresh_token, now=self._now(), seconds=pair.expires_in
        )
