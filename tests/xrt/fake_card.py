#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A card's process for XRT's emulation that gets one thing wrong. WEFT_XRT_CARD names it.

It answers the calls of docs/xrt.md and ends every launch with a completion record, except that
WEFT_FAKE_CARD is one of
  spec    the record is of another specification
  magic   the record is none
  silent  launches after the first never end
  error   launches after the first end without a record being written
"""

import os
import socket
import struct
import sys
import time

PAGE = 4096
CLOSE, COPY_IN, COPY_OUT, WRITE_REGISTER, READ_REGISTER = 1, 6, 7, 9, 11
UNIT = 0x10000
MAGIC = 0x54464557
if "--check" in sys.argv:
    sys.exit(0)
WRONG = os.environ["WEFT_FAKE_CARD"]
OTHER = "D2X_unix_sock_" + os.environ["EMULATION_SOCKETID"]


def socket_path(name):
    return f"/tmp/{os.environ['USER']}/{name}"


def connect(name):
    """XRT binds its sockets after it has started this process."""
    path = socket_path(name)
    for _ in range(1000):
        try:
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(path)
            return peer
        except OSError:
            peer.close()
            time.sleep(0.01)
    sys.exit(f"fake_card: nobody listens at {path}")


def exactly(peer, count):
    data = b""
    while len(data) < count:
        more = peer.recv(count - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(message):
    found, at = {}, 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 2:
            size, at = varint(message, at)
            found[key >> 3] = message[at : at + size]
            at += size
        elif key & 7 == 0:
            found[key >> 3], at = varint(message, at)
        else:
            size = 8 if key & 7 == 1 else 4
            found[key >> 3] = int.from_bytes(message[at : at + size], "little")
            at += size
    return found


def number(field, value):
    out = bytearray([field << 3])
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def text(field, data):
    return bytes([field << 3 | 2]) + number(0, len(data))[1:] + data


class Card:
    def __init__(self):
        self.pages = {}
        self.registers = {}
        self.done = False
        self.launches = 0

    def write(self, address, data):
        while data:
            start = address % PAGE
            part, data = data[: PAGE - start], data[PAGE - start :]
            page = self.pages.setdefault(address // PAGE, bytearray(PAGE))
            page[start : start + len(part)] = part
            address += len(part)

    def read(self, address, size):
        data = b""
        while size > 0:
            start = address % PAGE
            part = bytes(self.pages.get(address // PAGE, bytes(PAGE))[start : start + size])
            data += part
            address += len(part)
            size -= len(part)
        return data

    def launch(self):
        held = self.registers
        arena = held[0x10] | held[0x14] << 32
        record = arena + (held[0x1C] | held[0x20] << 32)
        spec, completion = struct.unpack("<QQ", self.read(record + 8, 16))
        self.launches += 1
        if self.launches > 1 and WRONG == "silent":
            return
        self.done = True
        if self.launches > 1 and WRONG == "error":
            return
        spec ^= WRONG == "spec"
        magic = MAGIC ^ (WRONG == "magic")
        head = struct.pack("<IIQ", magic, 1, spec).ljust(48, b"\0")
        sizes = struct.pack("<4HI4x3I", 4, 4, 8, 4, 16, 1 << 14, 1 << 14, 1 << 16)
        self.write(arena + completion, (head + sizes).ljust(512, b"\0"))

    def answer(self, api, call):
        if api == COPY_IN:
            self.write(call.get(3, 0) + call.get(6, 0), call.get(4, b"")[: call.get(5, 0)])
            return number(1, call.get(5, 0))
        if api == COPY_OUT:
            size = call.get(5, 0)
            return number(1, size) + text(2, self.read(call.get(4, 0) + call.get(6, 0), size))
        if api == WRITE_REGISTER:
            words = call.get(4, b"")
            for at in range(0, len(words), 4):
                place = call.get(2, 0) + at - UNIT
                self.registers[place] = int.from_bytes(words[at : at + 4], "little")
                if place == 0 and self.registers[0] & 1:
                    self.launch()
            return number(1, 1)
        if api == READ_REGISTER:
            place = call.get(2, 0) - UNIT
            value = self.registers.get(place, 0)
            if place == 0:
                value, self.done = (0b110 if self.done else 0), False
            return number(1, 1) + text(2, value.to_bytes(4, "little"))
        return number(1, 1)


def main():
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.closerange(3, 1024)
    calls = connect(os.environ["EMULATION_SOCKETID"])
    other = connect(OTHER)
    card = Card()
    while True:
        header = exactly(calls, 14)
        size, api = struct.unpack("<xQxI", header)
        message = card.answer(api, fields(exactly(calls, size)))
        if api == CLOSE:
            other.sendall(struct.pack("<BQBI", 0x09, 0, 0x15, CLOSE))
        calls.sendall(struct.pack("<BQ", 0x09, len(message)) + message)
        if api == CLOSE:
            os.unlink(socket_path(OTHER))  # XRT does not
            return


if __name__ == "__main__":
    main()
