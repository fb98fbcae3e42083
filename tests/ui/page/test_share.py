"""Contract: phones get an address that they can reach, if there is one."""

import ipaddress

import streamlit as st

from ui.page.share import network_address, own_address


def test_a_server_that_listens_to_this_machine_alone_has_no_address_for_phones(monkeypatch):
    monkeypatch.setattr(st, "get_option", lambda name: {"server.address": "localhost"}[name])
    assert network_address() == ""


def test_the_address_for_phones_is_this_machines_and_no_packet_is_sent_for_it(monkeypatch):
    monkeypatch.setattr("socket.socket.send", None)
    told = own_address()
    assert told == "" or not ipaddress.ip_address(told).is_loopback
