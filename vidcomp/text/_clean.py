"""Text that comes out of a film is untrusted: what could deceive a reader, a terminal or a parser is taken out."""

from __future__ import annotations

import re
import unicodedata

# Zero-width joiners stay: Persian, Indic scripts and emoji are spelt with them.
_JOINERS = "\u200c\u200d"
# CSI; OSC and other strings; those of two characters. Their 8-bit forms are only dropped as control characters, since
# text in a wrongly guessed encoding is full of these.
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")


def clean(text: str) -> str:
    """``text`` in one line, without terminal escapes, control, bidirectional, invisible and private characters."""
    spaced = " ".join(_ESCAPE_SEQUENCE.sub("", text).split())
    return "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def comparable(text: str) -> str:
    """``text`` as two readings of it are compared: compatible forms unified, case folded, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
