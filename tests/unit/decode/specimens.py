"""Inert specimens: texts that tests write themselves under one byte of XOR, behind dummy headers, never any code."""

import random

KEYS = (0x01, 0x20, 0x41, 0x9C, 0xFF)
RELAYED = "WSS://104.24.0.0/14;103.22.200.0/22;192.0.2.0/24:443|7600|5|1|c2.example.org:8443"
DIRECT = "TCP://192.0.2.7;b.example.net:443|600|10|2"
DROP = "+https://forum.example.com/t/17?page=2|9000|3|1"
SEVERAL = "UDP://192.0.2.7:53|600|10|2|WSS://b.example.net:443|700|5|1"
LAYOUTS = {"relayed": RELAYED, "direct": DIRECT, "dead drop": DROP}
HEADS = {"none": b"", "ELF": b"\x7fELF\x02\x01\x01" + bytes(57), "PE": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0"}
TAILS = {"end": b"", "zeros": bytes(32), "a zero": b"\0" + b"\x9e" * 8, "other": b"\xfe\x80\xfe\x80" * 4}


def hidden(text, key):
    """A text under one byte of XOR."""
    return bytes(byte ^ key for byte in text.encode())


def filling(size, seed=1):
    """Bytes that mean nothing, the same every time."""
    return random.Random(seed).randbytes(size)


def specimen(text, key, head=b"", tail=bytes(32), before=200):
    """A dummy header, bytes that mean nothing, the text under the key, and what follows it."""
    return head + filling(before) + hidden(text, key) + tail
