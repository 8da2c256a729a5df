# SPDX-License-Identifier: Apache-2.0
"""Frames between the host and the agent; root/agent/frame.h is the other half."""
import enum
import struct
import zlib

VERSION = 1
BODY_MAX = 32768

END = b"\xc0"
ESCAPE = b"\xdb"
_HEADER = struct.Struct("<QB")
_CRC = struct.Struct("<I")


class Type(enum.IntEnum):
    """The types of frames, as enum frame_type in frame.h."""
    HELLO = 1
    EXEC = 2
    STDIN = 3
    STDIN_END = 4
    SIGNAL = 5
    GREETING = 17
    STDOUT = 18
    STDERR = 19
    GRANT = 20
    EXIT = 21


class ExitKind(enum.IntEnum):
    """How a command ended, as enum exit_kind in session.h."""
    NORMAL = 0
    SIGNAL = 1
    TIMEOUT = 2
    NOT_STARTED = 3


def encode(session, kind, body=b""):
    """A frame as it goes on the wire."""
    inside = _HEADER.pack(session, kind) + body
    inside += _CRC.pack(zlib.crc32(inside))
    return END + inside.replace(ESCAPE, b"\xdb\xdd").replace(END, b"\xdb\xdc") + END


class Decoder:
    """Turns a byte stream into frames; what is damaged or of another session vanishes."""

    def __init__(self, session):
        self._session = session
        self._rest = b""

    def feed(self, data):
        """Returns the (type, body) pairs that data completes."""
        *whole, self._rest = (self._rest + data).split(END)
        frames = []
        for inside in whole:
            inside = inside.replace(b"\xdb\xdc", END).replace(b"\xdb\xdd", ESCAPE)
            if len(inside) < _HEADER.size + _CRC.size:
                continue
            content, crc = inside[:-_CRC.size], inside[-_CRC.size:]
            if zlib.crc32(content) != _CRC.unpack(crc)[0]:
                continue
            session, kind = _HEADER.unpack_from(content)
            if session == self._session:
                frames.append((kind, content[_HEADER.size:]))
        return frames


def request(argv, timeout, directory, environment):
    """The body of an EXEC frame. argv: list of bytes; timeout: seconds or None."""
    milliseconds = 0 if timeout is None else max(1, min(int(timeout * 1000), 0xffffffff))
    strings = [directory, *argv, *(f"{k}={v}".encode() for k, v in environment.items())]
    return (struct.pack("<IHH", milliseconds, len(argv), len(environment))
            + b"".join(string + b"\0" for string in strings))
