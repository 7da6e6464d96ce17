"""Directories: which films, in what order, what is remembered, and that a bad one stops nothing."""

from __future__ import annotations

import io
import json

import pytest

from vidcomp import batch
from vidcomp.batch import Job, Manifest, Tally, films, run
from vidcomp.cache import Cache
from vidcomp.documents import SummaryDocument, VideoInfo, to_json
from vidcomp.errors import ConfigError, MediaError, NotFound
from vidcomp.types import Query

ASKED = Query("who?")


def expand(*inputs, stdin="", query=ASKED):
    return list(films(inputs, io.StringIO(stdin), query))


@pytest.fixture
def folder(tmp_path):
    for name in ("b.mp4", "a.MKV", "notes.txt", ".hidden.mp4", "deep/c.webm", ".git/d.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_a_directory_means_all_films_below_it_in_order(folder):
    assert [job.path for job in expand(str(folder))] == [str(folder / n) for n in ("a.MKV", "b.mp4", "deep/c.webm")]


def test_a_named_file_is_taken_whatever_its_suffix(folder):
    assert expand(str(folder / "notes.txt"), "missing.mp4") == [
        Job(str(folder / "notes.txt"), ASKED), Job("missing.mp4", ASKED),
    ]  # fmt: skip


def test_patterns_are_for_shells_without_them(folder):
    assert [job.path for job in expand(str(folder / "*.mp4"))] == [str(folder / "b.mp4")]
    [nothing, film] = expand(str(folder / "*.avi"), "film.mp4")
    assert isinstance(nothing.problem, NotFound) and film.problem is None
    odd = folder / "film [1].mp4"
    odd.write_bytes(b"x")
    assert [job.path for job in expand(str(odd))] == [str(odd)]  # a file of that very name comes first


def test_a_directory_without_films_is_a_mistake(tmp_path):
    [nothing] = expand(str(tmp_path))
    assert isinstance(nothing.problem, ConfigError) and "no films in" in nothing.problem.message


def test_lines_on_stdin_are_paths_or_jobs():
    stdin = 'one.mp4\n\n{"path": "two.mp4", "question": "what?", "choices": ["a", "b"]}\n{"path": "three.mp4"}\n'
    assert expand("-", stdin=stdin) == [
        Job("one.mp4", ASKED), Job("two.mp4", Query("what?", ("a", "b"))), Job("three.mp4", ASKED),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        '{"path": 3}',
        '{"path": "a", "q": "b"}',
        "{",
        '{"path": "a", "question": ""}',
        '{"path": "a", "question": 3}',
        '{"path": "a", "question": "a\\ud800"}',
        '{"path": "a", "question": "b", "choices": "yes"}',
        '{"path": "a", "question": "b", "choices": [1, 2]}',
    ],
)
def test_a_line_that_is_no_job_fails_in_its_place_and_is_named_by_its_number(line):
    one, bad, three = expand("-", stdin=f"one.mp4\n{line}\nthree.mp4\n")
    assert (one.path, three.path) == ("one.mp4", "three.mp4")
    assert isinstance(bad.problem, ConfigError) and "line 2" in bad.problem.message


def document(path: str) -> SummaryDocument:
    video = VideoInfo(path, "f", 1.0, 25.0, 10, 10)
    return SummaryDocument(video=video, pipeline={}, models=(), seconds={}, cache={}, warnings=(), chapters=())


class Worker:
    """Counts what it is asked to do; fails on the names that it is told to fail on."""

    def __init__(self, bad=()):
        self.done, self.bad = [], bad

    def __call__(self, job):
        self.done.append(job.path)
        if any(name in job.path for name in self.bad):
            raise MediaError("cannot read it", "try another")
        return document(job.path)


def outputs(folder, worker, cache_dir, **what):
    cache, tally = Cache(cache_dir), Tally()
    jobs = films([str(folder)], io.StringIO(), None)
    lines = [to_json(d) for _, d in run(jobs, worker, cache.fingerprint, Manifest(cache, "summarize", **what), tally)]
    return lines, tally


def test_a_bad_film_stops_nothing_and_is_tried_again(folder, tmp_path_factory):
    cache_dir = tmp_path_factory.mktemp("cache")
    first, tally = outputs(folder, Worker(bad=["b.mp4"]), cache_dir)
    assert (tally.done, tally.failed, tally.remembered) == (2, 1, 0)
    kinds = [json.loads(line)["kind"] for line in first]
    assert kinds == ["summary", "error", "summary"]
    worker = Worker()
    second, tally = outputs(folder, worker, cache_dir)
    assert [path[-5:] for path in worker.done] == ["b.mp4"]
    assert (tally.done, tally.failed, tally.remembered) == (3, 0, 2)
    assert second[0] == first[0] and second[2] == first[2]


def test_a_rerun_after_a_kill_gives_what_an_uninterrupted_run_gives(folder, tmp_path_factory):
    whole, _ = outputs(folder, Worker(), tmp_path_factory.mktemp("cache"))
    cache_dir = tmp_path_factory.mktemp("cache")
    cache = Cache(cache_dir)
    half_way = run(
        films([str(folder)], io.StringIO(), None), Worker(), cache.fingerprint, Manifest(cache, "summarize"), Tally()
    )
    next(half_way)
    [manifest] = (cache_dir / "v1" / "runs").iterdir()
    with manifest.open("ab") as file:
        file.write(b'\n{"of": ["torn')  # the line that was being written
    worker = Worker()
    again, tally = outputs(folder, worker, cache_dir)
    assert again == whole and tally.remembered == 1 and len(worker.done) == 2
    # What was written after the torn line is remembered too.
    assert outputs(folder, Worker(), cache_dir)[1].remembered == 3


def test_what_changes_the_result_is_done_again(folder, tmp_path_factory):
    cache_dir = tmp_path_factory.mktemp("cache")
    outputs(folder, Worker(), cache_dir, pipeline={"segment": "content"})
    worker = Worker()
    outputs(folder, worker, cache_dir, pipeline={"segment": "adaptive"})
    assert len(worker.done) == 3
    (folder / "b.mp4").write_bytes(b"another film")
    worker = Worker()
    outputs(folder, worker, cache_dir, pipeline={"segment": "content"})
    assert [path[-5:] for path in worker.done] == ["b.mp4"]


def test_questions_are_kept_apart(folder, tmp_path_factory):
    cache = Cache(tmp_path_factory.mktemp("cache"))
    manifest = Manifest(cache, "ask")
    path = str(folder / "b.mp4")
    manifest.add(Job(path, Query("who?")), "f", document(path))
    assert manifest.find(Job(path, Query("who?")), "f")
    assert not manifest.find(Job(path, Query("what?")), "f")
    assert not manifest.find(Job(path, Query("who?", ("a", "b"))), "f")
    assert not batch.failed(document(path))
