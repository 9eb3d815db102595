"""CLIXML bytes in, values out; and back."""

from psbridge.clixml.decode import decode, decode_message, decode_messages, decode_stream
from psbridge.clixml.encode import encode, encode_message, encode_pieces
from psbridge.clixml.redact import redact
from psbridge.clixml.stream import read

__all__ = [
    "decode",
    "decode_message",
    "decode_messages",
    "decode_stream",
    "encode",
    "encode_message",
    "encode_pieces",
    "read",
    "redact",
]
