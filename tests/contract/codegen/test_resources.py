"""What the SDK's methods send, and what they make of the answers."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

CAT = b'{"kind": "cat", "name": "Tom", "lives": 9}'
LAST_PAGE = b'{"items": [{"kind": "dog", "name": "Rex"}], "next_cursor": null}'


@pytest.fixture
def driver(zoo: SimpleNamespace) -> Any:
    return zoo.transport.Driver()


@pytest.fixture
def client(zoo: SimpleNamespace, driver: Any) -> Any:
    return zoo.resources.Resources(driver)


def test_there_is_a_resource_per_tag_and_a_method_per_operation(client: Any):
    names = {name for name in dir(client.keeper_notes) if not name.startswith("_")}
    assert names == {"search_notes", "write_note", "get_map"}


def test_parameters_go_where_the_contract_wants_them(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [LAST_PAGE]
    options = zoo.transport.CallOptions(timeout=1)
    client.animals.list_animals(x_zoo_ticket="t", limit=5, kinds=["cat"], class_="c", options=options)
    assert driver.calls == [
        {
            "how": "call",
            "op": "listAnimals",
            "query": {
                "limit": 5,
                "cursor": None,
                "kinds": ["cat"],
                "where": None,
                "order": None,
                "class": "c",
            },
            "headers": {"X-Zoo-Ticket": "t", "X-Patience": None},
            "options": options,
        }
    ]


def test_a_json_parameter_that_is_no_object_is_written_as_json(driver: Any, client: Any):
    driver.answers = [LAST_PAGE]
    client.animals.list_animals(x_zoo_ticket="t", order=["name", "lives"])
    assert driver.calls[0]["query"]["order"] == '["name", "lives"]'


def test_a_json_parameter_that_is_an_object_is_left_to_the_driver(
    zoo: SimpleNamespace, driver: Any, client: Any
):
    driver.answers = [LAST_PAGE]
    where = zoo.models.Filter(min_lives=1)
    client.animals.list_animals(x_zoo_ticket="t", where=where)
    assert driver.calls[0]["query"]["where"] is where


def test_the_answer_is_the_promised_model(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [LAST_PAGE]
    page = client.animals.list_animals(x_zoo_ticket="t")
    assert page == zoo.models.AnimalList(items=[zoo.models.Dog(kind="dog", name="Rex")], next_cursor=None)


def test_a_path_parameter_is_positional(driver: Any, client: Any):
    driver.answers = [b"{}"]
    client.animals.release_animal("ani_0001")
    assert driver.calls[0]["path"] == {"animal_id": "ani_0001"}


def test_no_content_is_none(client: Any):
    assert client.animals.release_animal("ani_0001") is None


def test_a_file_is_bytes(driver: Any, client: Any):
    driver.answers = [b"\x89PNG"]
    assert client.animals.get_photo("ani_0001") == b"\x89PNG"
    assert driver.calls[0]["how"] == "read"


def test_json_of_any_shape_is_a_dict(driver: Any, client: Any):
    driver.answers = [b'{"a": 1}', b'{"b": 2}']
    assert (client.keeper_notes.get_map(), client.keeper_notes.write_note(None)) == ({"a": 1}, {"b": 2})


def test_another_media_type_comes_as_a_stream(driver: Any, client: Any):
    with client.animals.list_animals_stream(x_zoo_ticket="t", accept="text/csv") as body:
        assert body.media_type == "text/csv"
    assert (driver.calls[0]["how"], driver.calls[0]["accept"]) == ("stream", "text/csv")


def test_a_body_in_a_media_type_of_its_own_goes_as_it_is(zoo: SimpleNamespace, driver: Any, client: Any):
    photo = zoo.transport.Content("image/png", b"\x89PNG")
    driver.answers = [CAT]
    client.animals.admit_animal(photo)
    assert driver.calls[0]["body"] is photo


def test_a_body_that_is_no_model_is_written_as_json(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [b'{"job_id": "j"}']
    client.animals.feed_animals([["fish", 2], {"hay": None}])
    assert driver.calls[0]["body"] == zoo.transport.Content("application/json", b'[["fish",2],{"hay":null}]')


def test_a_union_body_is_left_to_the_driver(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [CAT]
    dog = zoo.models.Dog(kind="dog", name="Rex")
    client.animals.admit_animal(dog)
    assert driver.calls[0]["body"] is dog


def test_a_body_may_be_left_out_where_it_is_not_required(driver: Any, client: Any):
    driver.answers = [b'{"job_id": "j"}']
    client.animals.feed_animals(idempotency_key="k")
    assert (driver.calls[0]["body"], driver.calls[0]["headers"]) == (None, {"Idempotency-Key": "k"})


def test_an_answer_that_is_a_union_is_read_as_its_variant(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [CAT]
    assert type(client.animals.admit_animal(zoo.transport.Content("image/png", b""))) is zoo.models.Cat


def test_a_job_is_returned_as_the_model(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [b'{"job_id": "j"}']
    assert client.animals.feed_animals() == zoo.models.Job(job_id="j")


def test_events_are_iterated_with_typed_data(zoo: SimpleNamespace, driver: Any, client: Any):
    driver.answers = [b'{"noise": "miaow"}']
    events = list(client.animals.listen_to_animal("ani_0001", last_event_id="7"))
    assert [event.data for event in events] == [zoo.models.Sound(noise="miaow")]
    assert driver.calls[0]["headers"] == {"Last-Event-ID": "7"}


def test_every_page_is_walked_with_the_same_parameters(driver: Any, client: Any):
    driver.answers = [b'{"items": [{"kind": "dog", "name": "Rex"}], "next_cursor": "c2"}', LAST_PAGE]
    names = [animal.name for animal in client.animals.list_animals_iter(x_zoo_ticket="t", limit=1)]
    assert names == ["Rex", "Rex"]
    assert [(call["query"]["cursor"], call["query"]["limit"]) for call in driver.calls] == [
        (None, 1),
        ("c2", 1),
    ]


def test_a_server_that_repeats_a_cursor_does_not_hold_the_caller_for_ever(driver: Any, client: Any):
    driver.answers = [b'{"items": [], "next_cursor": "c"}'] * 3
    with pytest.raises(RuntimeError, match="gave the cursor of this page as the next one"):
        list(client.animals.list_animals_iter(x_zoo_ticket="t"))


def test_a_docstring_says_arguments_answer_and_errors(client: Any):
    text = inspect.getdoc(client.animals.get_animal)
    assert text is not None
    for line in (
        "Visit an animal.",
        "animal_id: Id of the animal.",
        "NotFoundError: Not what was asked for.",
    ):
        assert line in text


async def test_the_async_client_sends_the_same(zoo: SimpleNamespace):
    driver = zoo.transport.AsyncDriver()
    client = zoo.async_resources.AsyncResources(driver)
    driver.answers = [b'{"items": [], "next_cursor": "c2"}', LAST_PAGE, b'{"noise": "wuff"}', b"\x89PNG"]
    names = [animal.name async for animal in client.animals.list_animals_iter(x_zoo_ticket="t")]
    noises = [event.data.noise async for event in client.animals.listen_to_animal("ani_0001")]
    photo = await client.animals.get_photo("ani_0001")
    async with client.animals.list_animals_stream(x_zoo_ticket="t", accept="text/csv") as body:
        media_type = body.media_type
    await client.animals.release_animal("ani_0001")
    assert (names, noises, photo, media_type) == (["Rex"], ["wuff"], b"\x89PNG", "text/csv")
    assert [call["how"] for call in driver.calls] == ["call", "call", "events", "read", "stream", "call"]


def test_both_colours_have_the_same_methods(zoo: SimpleNamespace):
    for name in ("AnimalsResource", "KeeperNotesResource"):
        sync, other = getattr(zoo.resources, name), getattr(zoo.async_resources, f"Async{name}")
        assert [method for method in vars(sync) if not method.startswith("__")] == [
            method for method in vars(other) if not method.startswith("__")
        ]
