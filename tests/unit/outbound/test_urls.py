"""A URL has one reading, or none."""

from __future__ import annotations

import ipaddress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.outbound.urls import ForbiddenTargetError, Target, parse_target, without_query


def test_a_plain_url_is_taken_apart():
    target = parse_target("HTTPS://Data.Example.com:8443/a/b.csv?token=s%20x")

    assert target == Target("https", "data.example.com", 8443, "/a/b.csv", "?token=s%20x")
    assert target.url == "https://data.example.com:8443/a/b.csv?token=s%20x"
    assert target.shown == "https://data.example.com:8443/a/b.csv"


def test_the_usual_port_and_path_are_filled_in():
    assert parse_target("https://example.com").url == "https://example.com/"


def test_an_ipv6_address_has_its_shortest_spelling():
    assert parse_target("https://[2606:4700:0:0:0:0:0:1111]/").host == "2606:4700::1111"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.com/_x",
        "ftp://example.com/",
        "dict://example.com:11211/",
        "jar:https://example.com!/",
        "data:text/csv,a",
        "//example.com/a",
        "https:/example.com",
        "https:example.com",
        "https://",
        "https:///a",
        "",
    ],
)
def test_other_schemes_and_half_urls_are_refused(url):
    with pytest.raises(ForbiddenTargetError):
        parse_target(url)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.0x1", "0", "0x",
        "127.0.0.1.", "127.0.0.01", "1.2.3.4.5", "256.1.1.1", "①②⑦.0.0.1", "127。0。0。1", "127%2e0.0.1",
        "[::1", "::1", "[fe80::1%25eth0]", "[::ffff:127.0.0.1", "[1.2.3.4]", "[]",
        "localhost.", "example.com.", "example..com", ".example.com", "-a.com", "a-.com", "exámple.com",
        "exa\u200bmple.com", "ⓔxample.com", "example.com\t", "example.com\n", " example.com", "exam ple.com",
        "example.com\\@evil.com", "a" * 64 + ".com", ".".join(["a" * 60] * 5), "example.com:",
        "example.com:65536", "example.com:0", "017700000001", "a_b.com",
        "example.com:+80", "example.com:8 0", "example.com:٤٤٣", "example.com:80:90",
    ],
)  # fmt: skip
def test_a_host_in_an_odd_spelling_is_refused(host):
    with pytest.raises(ForbiddenTargetError):
        parse_target(f"https://{host}/")


@pytest.mark.parametrize(
    "user", ["user@", "user:password@", "@", "example.com:443@", "example.com#@", "a%40b@"]
)
def test_a_user_is_refused(user):
    with pytest.raises(ForbiddenTargetError):
        parse_target(f"https://{user}example.org/")


@pytest.mark.parametrize(
    "rest", ["/a b", "/\r\nHost: x", "/%zz", "/\x00", "/ü", "/a#b", "/?a\\b", "/{x}", "#"]
)
def test_a_path_that_no_url_can_hold_is_refused(rest):
    with pytest.raises(ForbiddenTargetError):
        parse_target(f"https://example.com{rest}")


def test_a_message_names_the_url_without_its_secrets():
    with pytest.raises(ForbiddenTargetError) as caught:
        parse_target("ftp://me:hunter2@example.com/a?token=secret")

    assert str(caught.value) == (
        "The URL 'ftp://***@example.com/a' is of the scheme 'ftp'; allowed here: https, http."
    )


def test_a_long_url_is_refused():
    with pytest.raises(ForbiddenTargetError, match="2,048"):
        parse_target("https://example.com/" + "a" * 2_048)


def spellings(address: ipaddress.IPv4Address) -> list[str]:
    """Every way the C library reads an IPv4 address, but the plain one."""
    number = int(address)
    octets = list(address.packed)
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"{octets[0]}.{number & 0xFFFFFF}",
        f"{octets[0]}.{octets[1]}.{number & 0xFFFF}",
        ".".join(hex(octet) for octet in octets),
        ".".join(f"0{octet:o}" for octet in octets),
        f"{hex(octets[0])}.{octets[1]}.{octets[2]}.{octets[3]}",
        f"{octets[0]}.{octets[1]}.{octets[2]}.0{octets[3]:o}",
        f"{address}.",
    ]


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_passes_in_its_plain_spelling_alone(address):
    assert parse_target(f"https://{address}/").address == address
    for spelling in spellings(address):
        with pytest.raises(ForbiddenTargetError):
            parse_target(f"https://{spelling}/")


AUTHORITY = st.text(alphabet="ab1.0x:@[]%/\\#?&- ëé。\t", max_size=20)


@given(AUTHORITY, st.text(alphabet="ab/?#%2@:\\ &=", max_size=12))
def test_what_passes_is_read_alike_by_the_client(authority, rest):
    """No URL leads the guard to one host and the client to another."""
    try:
        target = parse_target(f"https://{authority}/{rest}")
    except ForbiddenTargetError:
        return
    url = httpx.URL(target.url)
    assert (url.scheme, url.host, url.port or 443) == (target.scheme, target.host, target.port)
    assert url.userinfo == b""


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        target = parse_target(text)
    except ForbiddenTargetError:
        return
    assert target.host.isascii()
    assert parse_target(target.url) == target


@given(st.text(alphabet="abc:/@?#", max_size=30))
def test_a_shown_url_has_neither_query_nor_user(text):
    shown = without_query(text + "?SECRET")
    assert "SECRET" not in shown
