"""One script against the fake server and a real one: the same statuses, codes and shapes come back."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pynomaly.testing import FakeServer
from pynomaly.testing.algorithms import ALGORITHMS

ROWS = [[10.0 + place % 7, 5.0 - place % 5] for place in range(30)] + [[500.0, -400.0]]
CSV = "amount,country\n" + "".join(f"{10 + place % 7},{'DE' if place % 3 else 'FR'}\n" for place in range(40))
CSV_TYPE, JSON_TYPE = {"Content-Type": "text/csv"}, {"Content-Type": "application/json"}
LABELLED = [[*row, int(place == 30)] for place, row in enumerate(ROWS)]
LEARN = {"contamination": 1 / 31, "algorithm": "ecod"}
NOBODY = f"dts_{'0' * 32}"
NO_JOB = f"job_{'0' * 32}"
Seen = list[tuple[str, int, Any]]


# What an algorithm can do, takes and is made with is its own; the fake has rules in the place of all of them.
FREE = {"capabilities", "parameters", "libraries"}


# Nothing that the fake does belongs to a trace, and a problem document then has no such field.
ABSENT = {"trace_id"}


def shape(value: Any) -> Any:
    """What a JSON value is made of, whatever it says."""
    if isinstance(value, dict):
        return {
            name: "free" if name in FREE else shape(inner)
            for name, inner in sorted(value.items())
            if name not in ABSENT
        }
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "value"


class Player:
    """Plays requests and notes what comes back."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self.seen: Seen = []

    def __call__(self, note: str, method: str, path: str, **options: Any) -> httpx.Response:
        response = self._http.request(method, f"/api/v1{path}", **options)
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if media_type == "application/problem+json":
            told = response.json()
            kept: Any = told["code"], told["type"], told["title"]
        elif media_type == "application/json":
            kept = shape(response.json())
        else:
            kept = media_type
        self.seen.append((note, response.status_code, kept))
        return response


def detections(play: Player) -> None:
    rows = {"data": ROWS, "contamination": 1 / 31}
    found = play("rows", "POST", "/detect", json=rows).json()
    assert [found["predictions"].index(1), sum(found["predictions"])] == [30, 1]
    play(
        "everything",
        "POST",
        "/detect",
        json={**rows, "return_confidence": True, "include_explanations": True},
    )
    play("a table", "POST", "/detect", params={"contamination": "0.2"}, content=CSV, headers=CSV_TYPE)
    play("few rows", "POST", "/detect", json={"data": ROWS[:2]})
    play("a misspelt algorithm", "POST", "/detect", json={**rows, "algorithm": "ecodd"})
    play("an algorithm by its alias", "POST", "/detect", json={**rows, "algorithm": "lof"})
    play("a share over a half", "POST", "/detect", json={**rows, "contamination": 0.9})
    play("an unknown field", "POST", "/detect", json={**rows, "colour": "red"})
    play("a text for a number", "POST", "/detect", json={**rows, "random_state": "1"})
    play("half a document", "POST", "/detect", content=b'{"data":', headers=JSON_TYPE)
    play("no number of JSON", "POST", "/detect", content=b'{"data":[[NaN]]}', headers=JSON_TYPE)
    play("another media type", "POST", "/detect", content=b"x", headers={"Content-Type": "text/html"})
    play("ragged rows", "POST", "/detect", content=b"a,b\n1,2\n3\n", headers=CSV_TYPE)
    play("no rows at all", "POST", "/detect", content=b"a,b\n", headers=CSV_TYPE)
    play("no key", "POST", "/detect", json=rows, headers={"X-API-Key": "pyn_nobody"})


def places(play: Player) -> None:
    play("alive", "GET", "/health/live")
    play("who", "GET", "/me")
    play("no such place", "GET", "/nothing")
    play("no such method", "PUT", "/detect")
    play("an algorithm", "GET", "/algorithms/iforest")
    play("no algorithm", "GET", "/algorithms/nothing")
    play("no such answer", "GET", "/algorithms", headers={"Accept": "text/html"})


def datasets(play: Player) -> str:
    key = {**CSV_TYPE, "Idempotency-Key": "parity-upload"}
    made = play("an upload", "POST", "/datasets", params={"name": "a"}, content=CSV, headers=key).json()
    again = play("the same again", "POST", "/datasets", params={"name": "a"}, content=CSV, headers=key)
    assert again.json()["dataset_id"] == made["dataset_id"]
    assert again.headers["idempotency-replayed"] == "true"
    play("another under its key", "POST", "/datasets", content=CSV + "1,DE\n", headers=key)
    play("an empty table", "POST", "/datasets", content=b"a,b\n", headers=CSV_TYPE)
    play("a dataset", "GET", f"/datasets/{made['dataset_id']}")
    play("no dataset", "GET", f"/datasets/{NOBODY}")
    play("no id", "GET", "/datasets/dts_1")
    play("no page", "GET", "/datasets", params={"limit": "0"})
    play("no parameter", "GET", "/datasets", params={"colour": "red"})
    play("no cursor", "GET", "/datasets", params={"cursor": "nonsense"})
    play("a page", "GET", "/datasets", params={"limit": "1"})
    return made["dataset_id"]


def jobs(play: Player, dataset_id: str) -> None:
    request = {"data_sources": [dataset_id], "contamination": 0.1}
    play("a job on nothing", "POST", "/batch", json={"data_sources": [NOBODY]})
    play("a job of no algorithm", "POST", "/batch", json={**request, "algorithm": "ecodd"})
    key = {"Idempotency-Key": "parity-job"}
    job_id = play("a job", "POST", "/batch", json=request, headers=key).json()["job_id"]
    assert play("the same job", "POST", "/batch", json=request, headers=key).json()["job_id"] == job_id
    ended = play("its end", "GET", f"/jobs/{job_id}", params={"wait": "60"}).json()
    assert ended["state"] == "succeeded"
    assert ended["progress"]["done"] == ended["progress"]["total"] == 40
    page = play("a page of it", "GET", f"/jobs/{job_id}/result", params={"limit": "10"}).json()
    assert len(page["items"]) == 10
    follow = {"limit": "10", "cursor": page["next_cursor"]}
    after = play("the next page", "GET", f"/jobs/{job_id}/result", params=follow).json()
    assert after["items"][0]["row"] == 10
    play("the anomalies", "GET", f"/jobs/{job_id}/result", params={"only": "anomalies"})
    play("a forged cursor", "GET", f"/jobs/{job_id}/result", params={"cursor": "nonsense"})
    text = play("a file", "GET", f"/jobs/{job_id}/result", headers={"Accept": "text/csv"}).text
    assert text.splitlines()[0].split(",")[:1] == ["row"]
    play("its events", "GET", f"/jobs/{job_id}/events")
    play("cancelled too late", "POST", f"/jobs/{job_id}/cancel")
    play("no job", "GET", f"/jobs/{NO_JOB}")
    play("no result", "GET", f"/jobs/{NO_JOB}/result")
    play("the jobs", "GET", "/jobs", params={"state": "succeeded", "limit": "1"})
    play("gone", "DELETE", f"/datasets/{dataset_id}")
    play("gone already", "DELETE", f"/datasets/{dataset_id}")


def models(play: Player, name: str) -> None:
    def trained(note: str, **options: Any) -> dict[str, Any]:
        job = play(note, "POST", "/models", json={"name": name, "data": LABELLED, **LEARN, **options}).json()
        path = f"/jobs/{job['job_id']}"
        return play(f"{note}: its end", "GET", path, params={"wait": "60"}).json()

    assert trained("a training")["model"]["version"] == 1
    ended = trained("another", label_column="x2", algorithm="hbos")
    play("a training has no rows", "GET", f"/jobs/{ended['job_id']}/result")
    refused = {
        "no rows": {"name": name},
        "rows twice": {"name": name, "data": LABELLED, "data_sources": [NOBODY]},
        "rows of nothing": {"name": name, "data_sources": [NOBODY]},
        "a name that is an id": {"name": f"mdl_{'0' * 32}", "data": LABELLED},
        "a series": {"name": name, "data": LABELLED, "algorithm": "matrix_profile"},
        "a name of capitals": {"name": "Cards", "data": LABELLED},
    }
    for note, body in refused.items():
        play(f"a training of {note}", "POST", "/models", json=body)
    failed = trained("without a label", label_column="nothing")
    assert failed["error"]["code"] == "bad-dataset"

    at = f"/models/{name}"
    play("the models", "GET", "/models", params={"limit": "1"})
    play("the model", "GET", at)
    play("no model", "GET", "/models/nothing")
    play("its versions", "GET", f"{at}/versions")
    play("a version", "GET", f"{at}/versions/2")
    play("no version", "GET", f"{at}/versions/9")

    def point(note: str, alias: str = "live", **target: Any) -> None:
        play(note, "PUT", f"{at}/aliases/{alias}", json=target)

    point("an alias", version=1)
    point("moved", version=2, threshold=0.7)
    point("a canary", version=1, canary={"version": 2, "share": 0.5})
    point("a canary of its own version", version=1, canary={"version": 1, "share": 0.5})
    point("nowhere", version=9)
    point("called latest", "latest", version=1)
    play("no such alias", "GET", f"{at}/aliases/nothing")
    play("its history", "GET", f"{at}/aliases/live")
    play("a step back", "POST", f"{at}/aliases/live/rollback")
    play("another step back", "POST", f"{at}/aliases/live/rollback")
    play("a step too far", "POST", f"{at}/aliases/live/rollback")

    def score(note: str, reference: str, rows: Any, **options: Any) -> dict[str, Any]:
        return play(note, "POST", f"/models/{reference}/predict", json={"data": rows, **options}).json()

    odd = score("a prediction", f"{name}@1", LABELLED[-1:], include_explanations=True)
    assert odd["predictions"] == [1]
    assert score("by its alias", f"{name}@live", LABELLED)["model"]["version"] == 1
    score("with confidence", name, [LABELLED[0][:2]], return_confidence=True)
    score("of a column less", f"{name}@1", [[1.0]])
    score("of a column more", f"{name}@1", [[1.0, 2.0, 0, 3.0]])
    score("of words for numbers", f"{name}@1", [["much", "more", 0]])
    score("by no model", "nothing", LABELLED)
    score("by no version", f"{name}@9", LABELLED)
    score("by no alias", f"{name}@nothing", LABELLED)
    play("a table", "POST", f"{at}@2/predict", content="x0,x1\n1,2\n", headers=CSV_TYPE)
    play("a detection by it", "POST", "/detect", json={"data": LABELLED, "model_id": name + "@1"})
    doubly = {"data": LABELLED, "model_id": name, "algorithm": "knn"}
    play("one that says how to fit besides", "POST", "/detect", json=doubly)

    play("a version in use", "DELETE", f"{at}/versions/1")
    play("a model in use", "DELETE", at)
    play("an alias gone", "DELETE", f"{at}/aliases/live")
    play("a version gone", "DELETE", f"{at}/versions/1")
    play("a model gone", "DELETE", at)
    play("gone before", "DELETE", at)


def script(play: Player) -> Seen:
    places(play)
    detections(play)
    jobs(play, datasets(play))
    models(play, "parity-model")
    return play.seen


@pytest.fixture(scope="module")
def played(stack) -> tuple[Seen, Seen]:
    fake = FakeServer()

    def on(base_url: str, key: str, **options: Any) -> Seen:
        with httpx.Client(base_url=base_url, headers={"X-API-Key": key}, timeout=90.0, **options) as http:
            return script(Player(http))

    # Every test on this server has datasets and jobs of its own beside these.
    return on(fake.base_url, fake.api_key, transport=fake), on(stack.base_url, stack.api_key)


def differences(played: tuple[Seen, Seen], part: Callable[[tuple[str, int, Any]], Any]) -> list[str]:
    return [
        f"{fake[0]}: fake {part(fake)}, real {part(real)}"
        for fake, real in zip(*played, strict=True)
        if part(fake) != part(real)
    ]


def test_the_fake_answers_with_the_statuses_of_the_real_server(played):
    found = differences(played, lambda step: step[1])
    assert not found, "\n".join(found)


def test_the_fake_answers_in_the_shapes_of_the_real_server(played):
    found = differences(played, lambda step: step[2])
    assert not found, "\n".join(found)


def test_the_fake_knows_the_algorithms_of_the_real_server(client):
    real = {
        each.name: (each.title, tuple(each.aliases), each.min_rows, each.cost)
        for each in client.algorithms.list_algorithms().items
    }
    assert {each.name: (each.title, each.aliases, each.min_rows, each.cost) for each in ALGORITHMS} == real
