"""Whose request it is, behind proxies that are trusted and proxies that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.addresses import TrustedProxies, sender

PROXIES = TrustedProxies.parse("10.0.0.0/8, 2001:db8:aaaa::/48")


def client(peer, *headers, proxies=PROXIES):
    return proxies.client_of({"client": (peer, 5000), "headers": list(headers)})


def xff(value):
    return (b"x-forwarded-for", value.encode())


def forwarded(value):
    return (b"forwarded", value.encode())


def test_without_proxies_the_peer_counts_whatever_the_headers_say():
    headers = (xff("1.1.1.1"), forwarded("for=2.2.2.2"))
    assert client("192.0.2.1", *headers, proxies=TrustedProxies()) == "192.0.2.1"


def test_a_peer_that_is_no_proxy_is_not_believed():
    assert client("192.0.2.1", xff("1.1.1.1")) == "192.0.2.1"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("1.1.1.1, 192.0.2.7", "192.0.2.7"),
        ("1.1.1.1, 192.0.2.7, 10.0.0.9", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::7%" + "x" * 500, "fe80::7"),
        ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("unknown", "10.0.0.1"),
        ("192.0.2.7, _hidden, 10.0.0.9", "10.0.0.9"),
        ("", "10.0.0.1"),
    ],
)
def test_forwarded_addresses_are_read_from_the_end_up_to_the_first_stranger(value, found):
    assert client("10.0.0.1", xff(value)) == found


def test_several_headers_are_one_list():
    assert client("10.0.0.1", xff("1.1.1.1"), xff("192.0.2.7")) == "192.0.2.7"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("for=192.0.2.7", "192.0.2.7"),
        ('For="[2001:db8::7]:4711";proto=https', "2001:db8::7"),
        ("for=1.1.1.1, for=192.0.2.7;by=10.0.0.1, for=10.0.0.9", "192.0.2.7"),
        ("for=192.0.2.7, for=_gateway", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
    ],
)
def test_the_standard_header_is_read_in_the_same_way(value, found):
    assert client("10.0.0.1", forwarded(value)) == found


def test_where_both_headers_disagree_the_proxy_counts():
    assert client("10.0.0.1", xff("192.0.2.7"), forwarded("for=1.1.1.1")) == "10.0.0.1"
    assert client("10.0.0.1", xff("192.0.2.7"), forwarded("for=192.0.2.7")) == "192.0.2.7"


def test_a_request_from_nowhere_has_an_unknown_sender():
    assert PROXIES.client_of({"client": None, "headers": []}) == "unknown"


@given(invented=st.text(alphabet='0123456789abcdef.:,[] =;"', max_size=80))
def test_nothing_a_sender_writes_changes_who_it_is(invented):
    assert client("10.0.0.1", xff(f"{invented}, 192.0.2.7")) == "192.0.2.7"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_who_owns_an_ipv6_address_owns_its_whole_network(one, other, same):
    assert (sender(one) == sender(other)) is same
