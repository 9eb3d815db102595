"""Seeds and a number in, one hostile input out; the same for the same numbers, everywhere."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

from tests.clixml.fuzzing import by_bytes, by_element, by_text
from tests.clixml.fuzzing.seeds import EXPORT, WIRE, Seed
from tests.clixml.random_documents import Documents

Mutator = Callable[[Random, bytes, Sequence[bytes]], bytes]

# What is done to an input, and how often. What keeps a document well-formed is done more often: the rest ends at the XML.
MUTATORS: Final[dict[Mutator, int]] = {
    by_bytes.flip: 4,
    by_bytes.overwrite: 4,
    by_bytes.insert: 6,
    by_bytes.delete: 3,
    by_bytes.repeat: 3,
    by_bytes.truncate: 3,
    by_bytes.splice: 2,
    by_bytes.append: 2,
    by_bytes.prepend: 3,
    by_bytes.recode: 3,
    by_element.rename: 10,
    by_element.remove: 8,
    by_element.remove_tag: 1,
    by_element.duplicate: 8,
    by_element.swap: 8,
    by_element.graft: 8,
    by_element.put_in: 12,
    by_element.wrap: 8,
    by_element.nest: 4,
    by_element.close: 4,
    by_text.retype: 16,
    by_text.annotate: 10,
    by_text.reidentify: 8,
    by_text.rename_member: 8,
    by_text.reversion: 3,
    by_text.drop_attribute: 6,
    by_text.add_attribute: 6,
    by_text.requote: 4,
}
_CHOICES: Final = tuple(MUTATORS)
_WEIGHTS: Final = tuple(MUTATORS.values())
_LARGEST: Final = 200_000
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Input(NamedTuple):
    """One input: its number, the seed that it was made of, what was done to that, its form and its bytes."""

    number: int
    seed: str
    steps: tuple[str, ...]
    form: str
    data: bytes


class Mutants:
    """The inputs of one run: any of them can be made again by its number alone.

    One in twelve is made of a random document instead of a seed, one in 2,000 of a large seed.
    """

    def __init__(self, seeds: Sequence[Seed], run: int, *, large: Sequence[Seed] = ()) -> None:
        self._seeds = seeds
        self._large = large
        self._others = [seed.data for seed in seeds if not seed.data.startswith(_UTF16)]
        self._run = run

    def make(self, number: int) -> Input:
        """Make one input: a seed, changed one to four times."""
        random = Random(f"{self._run}/{number}")
        seed = self._seed(random)
        data, codec = seed.data, ""
        steps: list[str] = []
        if data.startswith(_UTF16):
            # Elements are looked for in UTF-8; the document gets its own encoding back at the end.
            data, codec = data.decode("utf-16", "replace").encode(), "utf-16"
        while not steps or random.random() < 0.45:
            mutator = random.choices(_CHOICES, _WEIGHTS)[0]
            changed = mutator(random, data, self._others) if data else data
            steps.append(mutator.__name__)
            data = changed if len(changed) <= max(_LARGEST, 2 * len(seed.data)) else data
            if len(steps) == 4:
                break
        if codec and random.random() < 0.9:
            data = data.decode("utf-8", "replace").encode(codec)
        return Input(number, seed.name, tuple(steps), seed.form, data)

    def _seed(self, random: Random) -> Seed:
        drawn = random.random()
        if drawn < 1 / 2_000 and self._large:
            return random.choice(self._large)
        if drawn < 1 / 12:
            number = random.getrandbits(32)
            documents = Documents(number)
            if number % 2:
                return Seed(f"random message {number}", WIRE, documents.value(0).encode())
            return Seed(f"random document {number}", EXPORT, documents.document().encode())
        return random.choice(self._seeds)
