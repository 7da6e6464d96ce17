"""The cache: what it finds, what it refuses, and what it survives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vidcomp.cache import Cache, Entry, key_of
from vidcomp.errors import ConfigError, MediaError
from vidcomp.types import Documents, Shot, Sketch, TextSpan, Transcript, Word

KEY = key_of("asr", film="f")
WORDS = (Word(1.25, 2.0, "héllo"), Word(2.0, 2.5, "wörld"))
TRANSCRIPT = Transcript((TextSpan(1.25, 2.5, "héllo\u2028 wörld", "asr", 0.75, WORDS),), "ok", "en")


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def stored(cache: Cache, suffix: str) -> Path:
    [path] = cache.directory.glob(f"v1/*/*/*.{suffix}")
    return path


def test_records_come_back_equal(cache):
    cache.put("asr", KEY, Transcript, Entry(TRANSCRIPT, ("a warning",), False), "film.mp4")
    assert cache.get("asr", KEY, Transcript) == Entry(TRANSCRIPT, ("a warning",), False)


def test_an_empty_result_is_a_result(cache):
    cache.put("asr", KEY, Transcript, Entry(Transcript((), "no_speech"), (), True), "film.mp4")
    assert cache.get("asr", KEY, Transcript).value.status == "no_speech"
    assert cache.get("asr", key_of("asr", film="other"), Transcript) is None


def test_tuples_of_records_come_back_equal(cache):
    shots = (Shot(0.0, 1.1), Shot(1.1, 2.0))
    cache.put("segment", KEY, tuple[Shot, ...], Entry(shots, (), True), "film.mp4")
    assert cache.get("segment", KEY, tuple[Shot, ...]).value == shots


@pytest.mark.parametrize("vectors", [None, np.arange(6, dtype=np.float32).reshape(2, 3)])
def test_arrays_come_back_equal_and_of_their_type(cache, vectors):
    spans = (TextSpan(0, 1, "a", "ocr", 1.0), TextSpan(1, 2, "b", "asr", 0.5))
    cache.put("index", KEY, Documents, Entry(Documents(spans, vectors), (), True), "film.mp4")
    back = cache.get("index", KEY, Documents).value
    assert back.spans == spans
    assert (back.vectors is None) if vectors is None else np.array_equal(back.vectors, vectors)
    assert vectors is None or back.vectors.dtype == np.float32


def test_every_part_of_what_was_computed_is_in_the_key():
    parts = {"method": {"method": "content", "version": 1, "threshold": 27.0}, "models": [], "inputs": {"film": "f"}}
    keys = {key_of("segment", **parts), key_of("sketch", **parts)}
    keys.add(key_of("segment", **{**parts, "method": {**parts["method"], "version": 2}}))
    keys.add(key_of("segment", **{**parts, "method": {**parts["method"], "threshold": 28.0}}))
    keys.add(key_of("segment", **{**parts, "models": [["asr", "whisper", "abc", None]]}))
    keys.add(key_of("segment", **{**parts, "inputs": {"film": "g"}}))
    assert len(keys) == 6
    assert key_of("segment", **dict(reversed(list(parts.items())))) == key_of("segment", **parts)


def damage_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        damage_byte,
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"[]"),
        lambda path: path.write_bytes(b"\x80\x04N."),  # a pickle
    ],
    ids=["a flipped byte", "cut off", "empty", "another thing", "a pickle"],
)
@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_a_damaged_entry_is_a_miss_that_says_so(cache, damage, suffix):
    if suffix == "json":
        kind, value = Transcript, TRANSCRIPT
    else:
        kind, value = Sketch, Sketch(np.arange(4.0), np.arange(4 * 54 * 96, dtype=np.uint8).reshape(4, 54, 96))
    cache.put("asr", KEY, kind, Entry(value, (), True), "film.mp4")
    damage(stored(cache, suffix))
    assert cache.get("asr", KEY, kind) is None
    assert len(cache.complaints) == 1 and "asr" in cache.complaints[0]
    assert not list(cache.directory.glob(f"v1/*/*/*.{suffix}"))  # and it is gone


def test_an_entry_of_the_wrong_shape_is_a_miss(cache):
    cache.put("asr", KEY, tuple[Shot, ...], Entry((Shot(0, 1),), (), True), "film.mp4")
    assert cache.get("asr", KEY, Transcript) is None and cache.complaints


def test_nothing_is_left_of_a_write_that_fails(cache):
    class Unwritable:
        def __getattr__(self, name):
            raise RuntimeError("half way")

    with pytest.raises(Exception, match=r"half way|serialize"):
        cache.put("sketch", KEY, Sketch, Entry(Unwritable(), (), True), "film.mp4")
    assert not [p for p in cache.directory.rglob("*") if p.is_file()]


def test_it_is_private(cache):
    cache.put("asr", KEY, Transcript, Entry(TRANSCRIPT, (), True), "film.mp4")
    assert cache.directory.stat().st_mode & 0o077 == 0
    assert stored(cache, "json").stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_used_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(ConfigError, match="cannot use the cache directory") as caught:
        Cache(tmp_path / "file" / "cache")
    assert "VIDCOMP_CACHE_DIR" in caught.value.hint


def test_least_recently_used_goes_first(cache):
    keys = [key_of("asr", film=str(i)) for i in range(4)]
    for age, key in enumerate(keys):
        cache.put("asr", key, Transcript, Entry(TRANSCRIPT, (), True), f"{age}.mp4")
        path = next(cache.directory.glob(f"v1/asr/*/{key}.json"))
        os.utime(path, (1000.0 + age, 1000.0 + age))
    assert cache.get("asr", keys[0], Transcript)  # the oldest is used again
    size = path.stat().st_size
    assert cache.prune(limit_bytes=2 * size + 10) == 2
    assert [cache.get("asr", key, Transcript) is not None for key in keys] == [True, False, False, True]
    assert [entry.about for entry in cache.entries()] == ["3.mp4", "0.mp4"]
    assert cache.clear() == 2 and not cache.entries()


def test_fresh_reads_nothing_and_replaces(tmp_path):
    old = Cache(tmp_path)
    old.put("asr", KEY, Transcript, Entry(Transcript((), "no_speech"), (), True), "film.mp4")
    fresh = Cache(tmp_path, enabled=False)
    assert fresh.get("asr", KEY, Transcript) is None
    fresh.put("asr", KEY, Transcript, Entry(TRANSCRIPT, (), True), "film.mp4")
    assert Cache(tmp_path).get("asr", KEY, Transcript).value == TRANSCRIPT


def test_fingerprints_follow_the_content(cache, tmp_path):
    film = tmp_path / "film"
    film.write_bytes(b"one")
    first = cache.fingerprint(str(film))
    (tmp_path / "copy").write_bytes(b"one")
    assert cache.fingerprint(str(tmp_path / "copy")) == first
    film.write_bytes(b"two")
    os.utime(film, (1, 1))
    assert cache.fingerprint(str(film)) != first
    with pytest.raises(MediaError, match="no such file"):
        cache.fingerprint(str(tmp_path / "missing"))


def test_two_processes_do_the_same_work_once(tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from vidcomp.cache import *; from vidcomp.types import *; from vidcomp.steps import *\n"
        "runner = Runner(Cache(Path(sys.argv[1])), 'film', False, lambda *_: None)\n"
        "def work():\n"
        "    time.sleep(0.5); print('worked', flush=True)\n"
        "    return Entry(Transcript((), 'no_speech'), (), True)\n"
        "print(runner.one(step('asr', Transcript, {}, film='f'), work).status)\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = "".join(run.communicate()[0] for run in runs).split()
    assert sorted(said) == ["no_speech"] * 3 + ["worked"]


def test_any_few_bytes_changed_make_a_miss_and_never_a_crash(cache):
    """Readers of archives stumble in many ways: all of them are one to us."""
    rng = np.random.default_rng(7)
    sketch = Sketch(np.arange(6.0), rng.integers(0, 255, (6, 9, 16)).astype(np.uint8))
    cache.put("sketch", KEY, Sketch, Entry(sketch, (), True), "film.mp4")
    path = stored(cache, "npz")
    whole = path.read_bytes()
    for _ in range(300):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), rng.integers(1, 6)):
            data[at] = rng.integers(0, 256)
        path.write_bytes(data)
        found = cache.get("sketch", KEY, Sketch)
        assert found is None or np.array_equal(found.value.luma, sketch.luma)
        cache.entries()


def test_clear_takes_what_it_wrote_and_nothing_else(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine").write_text("weights")
    cache = Cache(tmp_path)
    cache.put("asr", KEY, Transcript, Entry(TRANSCRIPT, (), True), "film.mp4")
    cache.manifest("k").write_text("")
    with cache.locked([KEY]):
        pass
    assert cache.clear() == 1
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == ["runs", "runs/mine"]
    cache.put("asr", KEY, Transcript, Entry(TRANSCRIPT, (), True), "film.mp4")  # and it goes on working


def test_what_a_killed_process_left_half_written_goes(cache):
    cache.put("asr", KEY, Transcript, Entry(TRANSCRIPT, (), True), "film.mp4")
    folder = stored(cache, "json").parent
    for name in (".4194305-x.part", ".x.part", f".{os.getpid()}-x.part"):
        (folder / name).write_text("half")
    cache.prune()
    assert [p.name for p in folder.glob(".*")] == [f".{os.getpid()}-x.part"]
