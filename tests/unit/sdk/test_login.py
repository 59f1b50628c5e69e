"""A user who is kept logged in, in both colours: what is sent, when it is renewed, and what is kept where."""

import asyncio
import json
import os
import stat
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from tests.unit.sdk.conftest import KEY, ORIGIN, Awaited

from pynomaly import (
    AsyncPynomalyClient,
    AuthenticationError,
    ConfigurationError,
    PynomalyClient,
    ServiceUnavailableError,
)
from pynomaly.cli import main
from pynomaly.profile import write_profile
from pynomaly.session import Identity, Tokens, session_file
from pynomaly.transport.wire import Pool

PASSWORD = "correct horse battery staple"
LIVES = 100


class Office:
    """A server with one user: each access token is good until it is said to be refused, each refresh token
    works once, and a used one ends the session."""

    def __init__(self) -> None:
        self.good: set[str] = set()
        self.refreshable: set[str] = set()
        self.seen: list[str] = []
        self.logins = self.refreshes = 0
        self.broken = False
        self.away = ""
        self.password = PASSWORD
        self.at_renewal: Callable[[], object] = lambda: None
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == self.away:
            raise httpx.ConnectError("refused")
        with self._lock:
            path = request.url.path.removeprefix("/api/v1")
            self.seen.append(path)
            if path.startswith("/auth/token"):
                assert "authorization" not in request.headers
                return self._token(path, json.loads(request.content))
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in self.good:
                return refusal(401, "unauthenticated")
            if path == "/me/password":
                self.password = json.loads(request.content)["new_password"]
                return httpx.Response(204)
            caller = {"tenant_id": "ten_1", "subject": "usr_1", "role": "viewer", "scopes": ["jobs:read"]}
            return httpx.Response(200, json=caller)

    def _token(self, path: str, body: dict[str, str]) -> httpx.Response:
        if path.endswith("/revoke"):
            self.end()
            return httpx.Response(204)
        if path.endswith("/refresh"):
            self.refreshes += 1
            self.at_renewal()
            if self.broken:
                return refusal(503, "unavailable")
            if body["refresh_token"] not in self.refreshable:
                self.end()
                return refusal(401, "unauthenticated")
            self.refreshable.clear()
            return self._pair()
        self.logins += 1
        if (body["username"], body["password"]) != ("ada", self.password):
            return refusal(401, "unauthenticated")
        return self._pair()

    def _pair(self) -> httpx.Response:
        number = self.logins + self.refreshes
        pair = {"access_token": f"access.{number}.x", "refresh_token": f"pyr_{number}"}
        self.good.add(pair["access_token"])
        self.refreshable.add(pair["refresh_token"])
        more = {"token_type": "Bearer", "expires_in": LIVES, "refresh_expires_at": "2100-01-01T00:00:00Z"}
        return httpx.Response(200, json=pair | more)

    def end(self) -> None:
        self.good.clear()
        self.refreshable.clear()


def refusal(status: int, code: str) -> httpx.Response:
    document = {
        "type": f"https://pynomaly.dev/problems/{code}", "title": "No", "status": status, "detail": "No.",
        "code": code, "request_id": "req_1",
    }  # fmt: skip
    return httpx.Response(status, json=document, headers={"content-type": "application/problem+json"})


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def logged_in(colour, office):
    """Makes clients of one user on the virtual clock."""

    def make(**options):
        if not options:
            options = {"username": "ada", "password": PASSWORD}
        kind = AsyncPynomalyClient if colour.name == "async" else PynomalyClient
        client = kind(base_url=ORIGIN, http_client=colour.http_client(office), max_retries=0, **options)
        for driver in (client._driver, client._login._driver):
            driver._clock = colour.clock
        return client if colour.name == "async" else Awaited(client)

    return make


async def who(client) -> str:
    return (await client.auth.who_am_i()).subject


async def test_the_first_call_logs_in_and_the_next_goes_on_with_the_token(logged_in, office):
    client = logged_in()
    assert await who(client) == await who(client) == "usr_1"
    assert office.seen == ["/auth/token", "/me", "/me"]


async def test_a_token_is_renewed_before_it_ends(logged_in, office, colour):
    client = logged_in()
    await who(client)
    colour.clock.now += LIVES * 0.95
    await who(client)
    assert office.seen == ["/auth/token", "/me", "/auth/token/refresh", "/me"]


async def test_a_session_begins_and_goes_on_where_the_first_address_does_not_answer(
    logged_in, office, colour
):
    other = "https://other.example.com"
    client = logged_in(username="ada", password=PASSWORD, base_urls=[other])
    office.away = httpx.URL(ORIGIN).host
    assert await who(client) == "usr_1"
    office.away = httpx.URL(other).host
    assert await who(client) == "usr_1"
    colour.clock.now += LIVES * 0.95
    office.away = httpx.URL(ORIGIN).host
    assert await who(client) == "usr_1"
    assert (office.logins, office.refreshes) == (1, 1)


async def test_a_call_that_is_refused_is_made_again_with_another_token(logged_in, office):
    client = logged_in()
    await who(client)
    office.good.clear()
    assert await who(client) == "usr_1"
    assert office.seen[-3:] == ["/me", "/auth/token/refresh", "/me"]


async def test_a_session_that_has_ended_begins_anew_with_the_password(logged_in, office):
    client = logged_in()
    await who(client)
    office.end()
    assert await who(client) == "usr_1"
    assert (office.logins, office.refreshes) == (2, 1)


class Nothing(set):
    """A set that nothing gets into."""

    def add(self, _: str) -> None:
        pass


async def test_a_call_that_stays_refused_is_made_twice_and_no_more(logged_in, office, monkeypatch):
    client = logged_in()
    monkeypatch.setattr(office, "good", Nothing())
    with pytest.raises(AuthenticationError):
        await who(client)
    assert office.seen.count("/me") == 2


async def test_a_wrong_password_is_told_and_nothing_else_is_asked(logged_in, office):
    client = logged_in(username="ada", password="wrong")
    with pytest.raises(AuthenticationError):
        await who(client)
    assert office.seen == ["/auth/token"]


async def test_where_a_renewal_fails_the_password_does(logged_in, office, colour):
    client = logged_in()
    await who(client)
    colour.clock.now += LIVES + 1
    office.broken = True
    assert await who(client) == "usr_1"
    assert office.logins == 2


@pytest.mark.parametrize("ended", ["refused", "past its time"])
async def test_of_many_calls_at_once_one_renews(logged_in, office, colour, ended):
    client = logged_in()
    await who(client)
    if ended == "refused":
        office.good.clear()
    else:
        colour.clock.now += LIVES + 1
    assert set(await asyncio.gather(*(who(client) for _ in range(20)))) == {"usr_1"}
    assert (office.logins, office.refreshes) == (1, 1)


async def test_logging_out_ends_the_session(logged_in, office):
    client = logged_in()
    await who(client)
    await client.log_out()
    assert office.seen[-1] == "/auth/token/revoke"
    assert office.good == set()


async def test_after_a_change_of_the_password_the_client_logs_in_with_the_new_one(logged_in, office):
    client = logged_in()
    await client.users.change_password(PASSWORD, PASSWORD + "!")
    assert await who(client) == "usr_1"
    assert office.logins == 1
    office.end()
    assert await who(client) == "usr_1"
    assert office.logins == 2


async def test_clients_with_other_options_share_the_session(logged_in, office):
    client = logged_in()
    other = client.with_options(timeout=5)
    other = await other if isinstance(client, Awaited) else other
    await who(client)
    await who(other)
    assert office.logins == 1


async def test_nothing_shows_a_secret(logged_in):
    client = logged_in()
    await who(client)
    inner = client._inner if isinstance(client, Awaited) else client
    shown = repr([inner, inner._login, vars(inner._login), vars(inner._driver), vars(inner)])
    assert PASSWORD not in shown
    assert "access.1.x" not in shown
    assert "pyr_1" not in shown


@pytest.fixture
def kept(colour, office):
    """A session as `pynomaly login` leaves it."""
    pair = office._pair().json()
    now = colour.clock.time()
    tokens = Tokens.received(pair["access_token"], pair["refresh_token"], now=now, seconds=LIVES)
    session_file().write(ORIGIN, "ada", tokens)
    return session_file()


async def test_a_kept_session_is_used_and_its_renewal_is_kept(logged_in, office, colour, kept):
    client = logged_in(timeout=5)
    assert await who(client) == "usr_1"
    colour.clock.now += LIVES
    assert await who(client) == "usr_1"
    assert (office.logins, office.refreshes) == (0, 1)
    _, _, tokens = kept.read()
    assert tokens.access_token in office.good
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


async def test_while_the_token_is_good_a_renewal_that_fails_fails_no_call(logged_in, office, colour, kept):
    client = logged_in(timeout=5)
    await who(client)
    office.broken = True
    colour.clock.now += LIVES * 0.95
    assert await who(client) == "usr_1"
    assert office.refreshes == 1
    colour.clock.now += LIVES
    with pytest.raises(ServiceUnavailableError):
        await who(client)


async def test_what_another_process_has_renewed_is_not_renewed_again(logged_in, office, colour, kept):
    one, other = logged_in(timeout=5), logged_in(timeout=5)
    await who(one)
    await who(other)
    colour.clock.now += LIVES
    office.good.clear()
    assert await who(one) == await who(other) == "usr_1"
    assert office.refreshes == 1


async def test_a_renewal_is_claimed_where_the_javascript_client_looks(logged_in, office, colour, kept):
    """Node knows no locks of files; a file that is there is what both clients go by."""
    client = logged_in(timeout=5)
    claim = kept.path.with_name("session.renewing")
    colour.clock.now += LIVES
    office.at_renewal = lambda: claimed.append(claim.exists())
    claimed = []
    assert await who(client) == "usr_1"
    assert (claimed, claim.exists()) == ([True], False)


async def test_a_claim_that_a_dead_process_left_behind_is_taken_away(logged_in, colour, kept):
    claim = kept.path.with_name("session.renewing")
    claim.touch()
    os.utime(claim, (time.time() - 31, time.time() - 31))
    colour.clock.now += LIVES
    assert await who(logged_in(timeout=5)) == "usr_1"
    assert not claim.exists()


async def test_a_kept_session_that_has_ended_is_told(logged_in, office, kept):
    client = logged_in(timeout=5)
    office.end()
    with pytest.raises(AuthenticationError):
        await who(client)


async def test_a_kept_session_that_is_gone_is_told(logged_in, kept):
    client = logged_in(timeout=5)
    kept.remove()
    with pytest.raises(ConfigurationError, match=r"Nobody is logged in any more\. Run `pynomaly login`"):
        await who(client)


def test_a_key_in_the_environment_goes_before_a_session(monkeypatch):
    session_file().write(ORIGIN, "ada", Tokens("a.b.c", "pyr_1", 0, 0))
    monkeypatch.setenv("PYNOMALY_API_KEY", KEY)
    with PynomalyClient() as client:
        assert client._login is None


def test_a_session_goes_before_the_profile_and_stays_with_its_server():
    write_profile(base_url="http://127.0.0.1:1", api_key=KEY)
    session_file().write(ORIGIN, "ada", Tokens("a.b.c", "pyr_1", 0, 0))
    with PynomalyClient() as client:
        assert client._driver.root == f"{ORIGIN}/api/v1"
        assert client._login is not None
    with PynomalyClient(base_url="http://127.0.0.1:1") as client:
        assert client._login is None


@pytest.mark.parametrize("given", [{"username": "ada"}, {"password": PASSWORD}, {"tenant": "t"}])
def test_half_a_login_is_refused(given):
    with pytest.raises(ConfigurationError, match="Give username= and password= together"):
        PynomalyClient(base_url=ORIGIN, **given)


def test_a_key_and_a_user_at_once_are_refused():
    with pytest.raises(ConfigurationError, match="Both api_key= and username= were given"):
        PynomalyClient(KEY, base_url=ORIGIN, username="ada", password=PASSWORD)


def test_an_identity_hides_its_password():
    assert PASSWORD not in repr(Identity("ada", PASSWORD))


@pytest.fixture
def typed(monkeypatch, office):
    """The command line with a password piped in, on the office's server."""
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])
    monkeypatch.setattr(
        "pynomaly.transport.driver.open_wire",
        lambda root, transport: Pool(httpx.MockTransport(office)),
    )

    def run(*arguments, stdin=""):
        import io

        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        return main(list(arguments))

    return run


def test_login_keeps_a_session_without_the_password(typed, capsys):
    assert typed("login", "ada", "--base-url", ORIGIN, stdin=f"{PASSWORD}\n") == 0
    assert capsys.readouterr().out == f"Logged in to {ORIGIN} as ada, until 2100-01-01.\n"
    file = session_file().path
    assert PASSWORD not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with PynomalyClient() as client:
        assert client.auth.who_am_i().role == "viewer"


def test_login_with_a_wrong_password_keeps_nothing(typed, capsys):
    assert typed("login", "ada", "--base-url", ORIGIN, stdin="wrong\n") == 1
    assert "wrong" not in capsys.readouterr().err
    assert session_file().read() is None


def test_login_without_a_password_is_called_wrongly(typed, capsys):
    assert typed("login", "ada", "--base-url", ORIGIN) == 2
    assert "No password was given" in capsys.readouterr().err


def test_logout_ends_the_session_and_forgets_it(typed, office, capsys):
    typed("login", "ada", "--base-url", ORIGIN, stdin=f"{PASSWORD}\n")
    assert typed("logout") == 0
    assert office.good == set()
    assert session_file().read() is None
    assert typed("logout") == 0
    assert capsys.readouterr().out.endswith("Nobody is logged in.\n")


def test_logout_forgets_a_session_that_cannot_be_read(typed):
    session_file().write(ORIGIN, "ada", Tokens("a.b.c", "pyr_1", 0, 0))
    session_file().path.write_text("{")
    assert typed("logout") == 0
    assert not session_file().path.exists()
