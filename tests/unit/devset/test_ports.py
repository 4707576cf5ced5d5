"""Ports: who listens where, and one clear line when somebody else does."""

from __future__ import annotations

import socket

import pytest

from fascia.devset.ports import HOST, Ports, PortTakenError, claim, claim_any, is_free


def test_default_ports_are_the_documented_ones() -> None:
    ports = Ports(8100)
    assert [ports.web(name) for name in ("scheduling", "records", "outcomes", "notify")] == [8101, 8102, 8103, 8104]
    assert [ports.worker(name) for name in ("scheduling", "records", "outcomes", "notify")] == [8111, 8112, 8113, 8114]
    assert ports.named["catcher"] == 8105
    assert ports.url("issuer") == "http://127.0.0.1:8106"
    assert (ports.named["smtp"], ports.named["broker"], ports.named["database"]) == (8125, 8192, 8117)


def test_no_two_parts_share_a_port() -> None:
    named = Ports(9000).named
    assert len(set(named.values())) == len(named)
    assert 9000 not in named.values()


def test_two_suites_that_start_at_once_get_different_ports() -> None:
    one, one_held = claim_any()
    two, two_held = claim_any()
    try:
        assert not set(one.named.values()) & set(two.named.values())
    finally:
        one_held.release()
        two_held.release()


def test_a_taken_port_is_named_with_its_user_and_the_way_out() -> None:
    ports, held = claim_any()
    held.release()
    with socket.socket() as stranger:
        stranger.bind((HOST, ports.named["broker"]))
        stranger.listen()
        assert not is_free(ports.named["broker"])
        with pytest.raises(
            PortTakenError, match=rf"port {ports.named['broker']} \(broker\) is taken.*--port-base"
        ) as told:
            claim(ports.base)
    assert "\n" not in str(told.value)
    _, again = claim(ports.base)
    again.release()


def test_a_base_that_no_port_can_have_is_refused() -> None:
    with pytest.raises(PortTakenError, match="1024 to 65000"):
        claim(80)
