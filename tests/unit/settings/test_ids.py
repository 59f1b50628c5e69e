"""Ids."""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

from pynomaly_server.ids import new_id, uuid7


def test_an_id_says_what_it_names():
    assert re.fullmatch(r"job_[0-9a-f]{32}", new_id("job"))


def test_an_id_is_a_uuid_of_version_7_with_the_time_in_front():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after + 1


def test_ids_of_one_process_are_in_the_order_they_were_made():
    made = [new_id("job") for _ in range(20_000)]
    assert made == sorted(set(made))


def test_threads_never_get_the_same_id():
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: new_id("job"), range(5_000)))
    assert len(set(made)) == len(made)


def test_processes_that_were_forked_do_not_draw_the_same_chance():
    new_id("job")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, new_id("job")[-16:].encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 16).decode()
    for end in (reading, writing):
        os.close(end)
    assert theirs != new_id("job")[-16:]
