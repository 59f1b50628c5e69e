"""Users on a real server with two API processes, through the client and on the command line."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jwt
import pytest
from tests.unit.javascript.conftest import PACKAGE, find

from pynomaly import (
    AsyncPynomalyClient,
    AuthenticationError,
    ConflictError,
    PermissionDeniedError,
    PynomalyClient,
    UnprocessableEntityError,
)
from pynomaly_server.auth.access_tokens import AccessTokens
from pynomaly_server.auth.signing_keys import SigningKeys, TokenAlgorithm
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.settings import Settings

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def admin(pair):
    with pair.client() as client:
        yield client


@pytest.fixture
def make(admin):
    """Makes users whose names no other test has."""

    def user(role="viewer"):
        return admin.users.create(f"{role}-{time.time_ns()}", PASSWORD, role)

    return user


def test_a_client_outlives_its_access_tokens_without_a_failed_call(pair, make):
    user = make()
    with PynomalyClient(
        base_url=pair.base_url, username=user.username, password=PASSWORD, max_retries=0
    ) as client:
        stop = time.monotonic() + 3

        def call_on(_):
            calls = 0
            while time.monotonic() < stop:
                assert client.auth.who_am_i().subject == user.user_id
                calls += 1
            return calls

        with ThreadPoolExecutor(8) as threads:
            assert min(threads.map(call_on, range(8))) > 1


async def test_the_asynchronous_client_does_too(pair, make):
    user = make()
    async with AsyncPynomalyClient(
        base_url=pair.base_url, username=user.username, password=PASSWORD, max_retries=0
    ) as client:
        for _ in range(3):
            callers = await asyncio.gather(*(client.auth.who_am_i() for _ in range(8)))
            assert {caller.subject for caller in callers} == {user.user_id}
            await asyncio.sleep(0.7)


def statuses(pair, token):
    """What twelve new connections are answered, of which both processes take their share."""
    url, headers = f"{pair.base_url}/api/v1/me", {"Authorization": f"Bearer {token}"}
    return {httpx.get(url, headers=headers, timeout=60).status_code for _ in range(12)}


def lasting_token(pair, user):
    """An access token of a new session that lives for 15 minutes, so that it is not its end that is seen."""
    login = {"username": user.username, "password": PASSWORD}
    issued_now = httpx.post(f"{pair.base_url}/api/v1/auth/token", json=login, timeout=60).json()
    claims = jwt.decode(issued_now["access_token"], options={"verify_signature": False})
    settings = Settings.load(data_dir=pair.data_dir, redis_url="redis://nobody.asks")

    async def issued():
        engine = make_async_engine(settings)
        keys = SigningKeys(make_async_sessions(engine), settings.secret, TokenAlgorithm.EDDSA, 900)
        tokens = AccessTokens(keys, 900)
        token = tokens.issue(await tokens.signer(), claims["sub"], claims["sid"])
        await engine.dispose()
        return token

    return asyncio.run(issued())


def change_own_password(pair, user):
    with PynomalyClient(base_url=pair.base_url, username=user.username, password=PASSWORD) as client:
        client.users.change_password(PASSWORD, PASSWORD + "!")
        assert client.auth.who_am_i().subject == user.user_id


def test_a_second_after_a_change_every_process_knows_it(pair, admin, make):
    endings = {
        "disabled": lambda user: admin.users.disable(user.user_id),
        "deleted": lambda user: admin.users.delete(user.user_id),
        "given a password": lambda user: admin.users.set_password(user.user_id, PASSWORD),
        "with another password of their own": lambda user: change_own_password(pair, user),
    }
    for what, end in endings.items():
        user = make()
        token = lasting_token(pair, user)
        assert statuses(pair, token) == {200}
        end(user)
        time.sleep(1)
        assert statuses(pair, token) == {401}, what


def test_what_a_role_lacks_is_refused_and_told(pair, make):
    user = make("analyst")
    with PynomalyClient(base_url=pair.base_url, username=user.username, password=PASSWORD) as client:
        caller = client.auth.who_am_i()
        assert (caller.role, "detect:run" in caller.scopes) == ("analyst", True)
        assert client.detect_anomalies([[float(n % 5)] for n in range(40)]).n_rows == 40
        with pytest.raises(PermissionDeniedError, match="createUser needs the scope 'users:write'"):
            client.users.create("somebody", PASSWORD, "viewer")


def test_users_are_changed_and_deleted_through_the_client(admin, make):
    user = make()
    assert admin.users.set_role(user.user_id, "operator").role == "operator"
    assert admin.users.disable(user.user_id).disabled_at is not None
    assert admin.users.enable(user.user_id).disabled_at is None
    assert user.user_id in {each.user_id for each in admin.users.list()}
    with pytest.raises(ConflictError, match="already"):
        admin.users.create(user.username, PASSWORD, "viewer")
    admin.users.delete(user.user_id)
    assert user.user_id not in {each.user_id for each in admin.users.list()}


def test_what_keeps_a_password_from_being_changed_is_told_without_it(pair, admin, make):
    user = make()
    with PynomalyClient(base_url=pair.base_url, username=user.username, password=PASSWORD) as client:
        for current, new, what in (("wrong guess", PASSWORD, "current"), (PASSWORD, "short4b8", "new")):
            with pytest.raises(UnprocessableEntityError, match=f"/{what}_password") as refused:
                client.users.change_password(current, new)
            assert not any(text in str(refused.value) for text in (current, new))
        assert client.auth.who_am_i().subject == user.user_id
    with pytest.raises(PermissionDeniedError, match="an API key has no password"):
        admin.users.change_password(PASSWORD, PASSWORD)


def test_a_wrong_password_is_refused(pair, make):
    user = make()
    with (
        PynomalyClient(base_url=pair.base_url, username=user.username, password="wrong") as client,
        pytest.raises(AuthenticationError, match="no user with this username and this password"),
    ):
        client.auth.who_am_i()


def test_a_password_is_in_no_answer_and_in_no_log(pair, admin):
    canary = "planted canary 8f2a4b87c3e9"
    login = {"username": "nobody", "password": canary}
    answers = [httpx.post(f"{pair.base_url}/api/v1/auth/token", json=login)]
    headers = {"X-API-Key": pair.api_key}
    bodies = (login | {"role": "king"}, login | {"role": "viewer", "password": [canary]})
    answers += [httpx.post(f"{pair.base_url}/api/v1/users", json=body, headers=headers) for body in bodies]
    assert [answer.status_code for answer in answers] == [401, 422, 422]
    assert all(canary not in answer.text for answer in answers)
    logs = [path.read_text(errors="replace") for path in pair.data_dir.rglob("*.log")]
    assert logs
    assert all(canary not in log for log in logs)


def test_the_first_user_is_made_and_logs_in_on_the_command_line(pair):
    def run(*arguments, stdin=""):
        done = pair.run_pynomaly(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout

    assert "ada is an admin." in run("users", "create", "ada", "--role", "admin", stdin=PASSWORD)
    assert "Logged in to" in run("login", "ada", stdin=PASSWORD)
    time.sleep(1.1)  # the token has ended, and the session goes on
    listed = run("users", "list")
    assert any(line.split()[1:4] == ["ada", "admin", "good"] for line in listed.splitlines())
    key = run("keys", "create", "nightly", "--scope", "jobs:read", "--base-url", pair.base_url).strip()
    key_id = next(
        line.split()[0]
        for line in run("keys", "list", "--base-url", pair.base_url).splitlines()
        if key.startswith(line.split()[1])
    )
    assert run("keys", "rotate", key_id, "--base-url", pair.base_url).startswith("pyn_")
    assert run("keys", "revoke", key_id, "--base-url", pair.base_url) == f"Revoked {key_id}.\n"
    assert "eva is a viewer." in run("users", "create", "eva", "--role", "viewer", stdin=PASSWORD)
    assert run("users", "role", "eva", "analyst") == "eva is an analyst.\n"
    assert run("users", "password", "eva", stdin=PASSWORD + "!").startswith("eva has another password")
    typed = f"{PASSWORD}\n{PASSWORD}!\n"
    assert run("users", "password", stdin=typed).startswith("You have another password")
    assert run("users", "disable", "eva").startswith("eva is disabled")
    assert run("users", "enable", "eva") == "eva can log in.\n"
    assert run("users", "delete", "eva") == "eva is deleted.\n"
    refused = pair.run_pynomaly("users", "disable", "ada")
    assert refused.returncode == 1
    assert "the last admin of the tenant" in refused.stderr
    assert run("logout").startswith("Logged ada out of")


def test_two_commands_at_once_share_one_session(pair, make):
    user = make("operator")
    assert pair.run_pynomaly("login", user.username, stdin=PASSWORD).returncode == 0
    time.sleep(1.1)
    done = []
    threads = [
        threading.Thread(target=lambda: done.append(pair.run_pynomaly("users", "list"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 3
    assert pair.run_pynomaly("logout").returncode == 0


NODE_CALLS = """
import { PynomalyClient } from "./dist/index.js";
const client = new PynomalyClient({ maxRetries: 0 });
for (let call = 0; call < 20; call += 1) {
  console.log((await client.auth.whoAmI()).subject);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
"""
PYTHON_CALLS = """
import time, pynomaly
with pynomaly.PynomalyClient(max_retries=0) as client:
    for _ in range(20):
        print(client.auth.who_am_i().subject)
        time.sleep(0.1)
"""


def test_programs_for_node_and_for_python_share_one_session_and_renew_it_in_turn(pair, make, tmp_path):
    finder = find()
    (node, *_) = finder.find_nodes()
    assert finder.build(node) == 0
    user = make()
    assert pair.run_pynomaly("login", user.username, stdin=PASSWORD).returncode == 0
    (tmp_path / "calls.py").write_text(PYTHON_CALLS)
    commands = [
        lambda: pair.run_program([node.path, "--input-type=module", "--eval", NODE_CALLS], cwd=PACKAGE),
        lambda: pair.run_python(str(tmp_path / "calls.py")),
    ]
    with ThreadPoolExecutor(2) as threads:
        done = [each.result() for each in [threads.submit(command) for command in commands]]
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 2
    assert [each.stdout.split() for each in done] == [[user.user_id] * 20] * 2
    assert pair.run_pynomaly("logout").returncode == 0


def test_the_page_on_access_prints_what_it_says(pair, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text()
    program, printed = (page.split(f"```{kind}\n")[1].split("```")[0] for kind in ("python", "text"))
    (tmp_path / "page.py").write_text(program)
    done = pair.run_python(str(tmp_path / "page.py"))
    assert (done.stdout, done.stderr) == (printed, "")
