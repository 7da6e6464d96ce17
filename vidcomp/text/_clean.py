"""Text that comes out of a film is untrusted: what could deceive a reader, a terminal or a parser is taken out."""

from __future__ import annotations

import re
import unicodedata

# Zero-width joiners stay: Persian, Indic scripts and emoji are spelt with them.
_JOINERS = "\u200c\u200d"
_ESCAPE_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\-_])")


def clean(text: str) -> str:
    """``text`` in one line, without terminal escapes, control, bidirectional, invisible and private characters."""
    spaced = " ".join(_ESCAPE_SEQUENCE.sub("", text).split())
    return "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def comparable(text: str) -> str:
    """``text`` as two readings of it are compared: compatible forms unified, case folded, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
