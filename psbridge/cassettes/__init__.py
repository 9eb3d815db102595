"""Recordings of what went through a transport, and their replay.

Record: `Recording(path, clock).wrap(endpoint, transport)`. Replay: `Playback(Cassette.load(path)).transport(endpoint)`.
Reading order: cassette (the format), lines, interaction, writing, reading, recorder, player, match, redact.
"""

from psbridge.cassettes.cassette import Cassette
from psbridge.cassettes.interaction import Interaction, RecordedCommand
from psbridge.cassettes.player import Playback
from psbridge.cassettes.recorder import Recording

__all__ = ["Cassette", "Interaction", "Playback", "RecordedCommand", "Recording"]
