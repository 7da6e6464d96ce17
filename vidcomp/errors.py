"""Every error that is the world's fault and not ours.

    VidcompError                 exit 1   something that should work did not
    ├── ConfigError              exit 2   a question, option, pipeline or setting that cannot be meant
    ├── MediaError               exit 4   a film that cannot be read
    │   ├── NotFound             exit 4   no such file
    │   ├── DecodeStopped        exit 4   the decoder hung, ran out of time or of its memory allowance
    │   └── DamagedMedia         exit 4   under ``--strict``: readable, but not whole
    ├── WeightsMissing           exit 5   a model's weights are nowhere to be found
    ├── DependencyMissing        exit 5   an optional package is not installed
    └── EndpointError            exit 5   a model server is down, refuses, or answers nonsense

The command line turns them into one ``error:`` line and one ``hint:`` line. Anything else that is raised is a
bug and keeps its traceback. A damaged cache entry is not an error: it is a miss, and says so in a warning.
"""

from __future__ import annotations


class VidcompError(Exception):
    """``message`` says what is wrong in one line; ``hint`` says what to do about it, or is empty."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = one_line(message)
        self.hint = one_line(hint)


class ConfigError(VidcompError):
    exit_code = 2


class MediaError(VidcompError):
    exit_code = 4


class NotFound(MediaError):
    pass


class DecodeStopped(MediaError):
    pass


class DamagedMedia(MediaError):
    pass


class WeightsMissing(VidcompError):
    exit_code = 5


class DependencyMissing(VidcompError):
    exit_code = 5


class EndpointError(VidcompError):
    exit_code = 5


def one_line(text: str) -> str:
    """``text`` on one line, without what could steer a terminal: file names and libraries may say anything."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def nearest(word: str, known: list[str]) -> str:
    """A hint that names the known word most like ``word``, or lists them all when none is near."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"
