"""The decoder libraries as methods of the stage ``decode``: the same frames at the same times from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PyAV:
    """FFmpeg inside a wheel: every container and codec it knows, damaged films included. The default."""

    version: ClassVar[int] = 1
    backend: ClassVar[str] = "pyav"


@dataclass(frozen=True)
class TorchCodec:
    """torchcodec, for films that its system FFmpeg reads; needs ``vidcomp[torchcodec]``."""

    version: ClassVar[int] = 1
    backend: ClassVar[str] = "torchcodec"


@dataclass(frozen=True)
class Decord:
    """decord 0.6 (unmaintained, no AV1, no damaged films); needs ``vidcomp[decord]``, where it has wheels."""

    version: ClassVar[int] = 1
    backend: ClassVar[str] = "decord"
