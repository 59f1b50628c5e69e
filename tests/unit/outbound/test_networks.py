"""What is of the public internet, and what an operator allows besides."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.outbound.networks import REFUSED_NETWORKS, Allowances, why_refused

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "192.0.1.1",
    "198.17.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
]


@st.composite
def refused_addresses(draw: st.DrawFn) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    network, _ = draw(st.sampled_from(REFUSED_NETWORKS))
    return network[draw(st.integers(0, network.num_addresses - 1))]


@given(refused_addresses())
def test_every_address_of_a_refused_network_is_refused(address):
    assert why_refused(address) is not None


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_global_unicast_passes(address):
    assert why_refused(address) is not None or address in ipaddress.IPv6Network("2000::/3")


@given(st.ip_addresses())
def test_what_passes_is_global_by_the_standard_library_too(address):
    """The list is the stricter of the two wherever they differ."""
    assert why_refused(address) is not None or address.is_global


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_passes_in_no_ipv6_clothes(address):
    number = int(address)
    clothes = [
        number,
        0xFFFF_0000_0000 | number,
        (0x64_FF9B << 96) | number,
        (0x64_FF9B_0001 << 80) | number,
        (0x2002 << 112) | (number << 80),
        (0x2001_0000 << 96) | (number ^ 0xFFFF_FFFF),
    ]
    assert all(why_refused(ipaddress.IPv6Address(dressed)) for dressed in clothes)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_passes(text):
    assert why_refused(ipaddress.ip_address(text)) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("169.254.169.254", "link-local"),
        ("168.63.129.16", "a cloud's own"),
        ("100.100.100.200", "shared by carriers (CGNAT)"),
        ("192.0.0.192", "kept for protocols"),
        ("fd00:ec2::254", "private (ULA)"),
        ("fe80::1%eth0", "link-local"),
    ],
)
def test_the_places_where_clouds_keep_credentials_are_refused(text, kind):
    assert why_refused(ipaddress.ip_address(text)) == kind


def test_allowances_are_networks_and_hosts_at_a_port():
    allowances = Allowances.parse(" 10.1.0.0/16, fd00::/8 ,MinIO:9000,[::1]:8080,")

    inside = ipaddress.ip_address("10.1.2.3")
    outside = ipaddress.ip_address("10.2.2.3")
    assert allowances.allows("any", 1, inside)
    assert not allowances.allows("any", 1, outside)
    assert allowances.allows("minio", 9000, outside)
    assert not allowances.allows("minio", 9001, outside)
    assert allowances.allows("::1", 8080, ipaddress.ip_address("::1"))


@pytest.mark.parametrize("text", ["minio", "10.1.0.1/16", "minio:0", "minio:70000", ":80", "::1:80", "a:b"])
def test_an_allowance_that_is_neither_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        Allowances.parse(text)
