"""The payments service of the examples, in process, against a real server and without one."""

import importlib.util
import sys
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.e2e.test_examples import EXAMPLES

USUAL = {
    "customer_id": "C0024",
    "amount": 36.5,
    "merchant_category": "groceries",
    "country": "DE",
    "channel": "card_present",
}
ODD = {**USUAL, "amount": 25_000, "merchant_category": "jewellery", "country": "BR", "channel": "online"}
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def serving(monkeypatch):
    """Runs the app, for a server and a key."""
    spec = importlib.util.spec_from_file_location("fastapi_payments", EXAMPLES / "fastapi_payments.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "fastapi_payments", module)
    spec.loader.exec_module(module)

    @asynccontextmanager
    async def serving(base_url, api_key):
        monkeypatch.setenv("PYNOMALY_BASE_URL", base_url)
        monkeypatch.setenv("PYNOMALY_API_KEY", api_key)
        transport = httpx.ASGITransport(app=module.app)
        async with (
            module.app.router.lifespan_context(module.app),
            httpx.AsyncClient(transport=transport, base_url="http://payments") as caller,
        ):
            yield caller

    return serving


async def judged(caller, payment):
    answer = await caller.post("/payments", json=payment)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_server_lets_a_usual_payment_through_and_has_an_odd_one_reviewed(serving, stack):
    async with serving(stack.base_url, stack.api_key) as caller:
        usual, odd = await judged(caller, USUAL), await judged(caller, ODD)
    assert (usual["action"], usual["source"]) == ("accept", "server")
    assert (odd["action"], odd["source"]) == ("review", "server")
    assert odd["score"] >= 0.5 > usual["score"]
    assert "amount" in odd["reasons"]


async def test_without_a_server_the_rules_judge_and_the_breaker_opens(serving):
    async with serving(NOBODY, "pyn_nobody") as caller:
        verdicts = [await judged(caller, payment) for payment in (USUAL, ODD, USUAL, USUAL)]
        health = (await caller.get("/health")).json()
    assert [each["action"] for each in verdicts] == ["accept", "review", "accept", "accept"]
    assert {each["source"] for each in verdicts} == {"fallback"}
    assert list(health["breakers"].values()) == ["open"]


async def test_a_refused_key_is_an_error_and_no_case_for_the_fallback(serving, stack):
    async with serving(stack.base_url, "pyn_" + "0" * 40) as caller:
        answer = await caller.post("/payments", json=USUAL)
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The payment was not judged. ")
    assert "0" * 40 not in answer.text
