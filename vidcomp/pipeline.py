"""The straight line: one film, stage by stage, each from the cache or computed, up to an answer or a summary.

This is the only caller of the cache. A stage's inputs are there before its lock is taken, so locks never nest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from vidcomp import media
from vidcomp.cache import Cache, Entry
from vidcomp.config import Pipeline, identity
from vidcomp.errors import MediaError
from vidcomp.media.sketch import EVERY_S, LONG_SIDE_PX, Sketcher
from vidcomp.steps import Books, Runner, Step, step
from vidcomp.types import (
    Chapter,
    ClipPlan,
    Documents,
    Frame,
    FrameScores,
    Query,
    Reply,
    Runtime,
    Shot,
    Sketch,
    TextEvidence,
    TextSpan,
    Transcript,
    Video,
)

SKETCH = {"method": "sketch", "version": 1, "every_s": EVERY_S, "long_side_px": LONG_SIDE_PX}


class Film:
    """One film under one pipeline. Stages are computed when first asked for, and only those that are needed.

    ``report(stage, fraction)`` hears what is going on; ``fraction`` is None where it is not known.
    """

    def __init__(
        self,
        path: str,
        pipeline: Pipeline,
        runtime: Runtime,
        cache: Cache,
        strict: bool = False,
        report: Callable[[str, float | None], None] = lambda stage, fraction: None,
    ) -> None:
        self._path = path
        self._pipeline = pipeline
        self._runtime = runtime
        self._cache = cache
        self._runner = Runner(cache, path, strict, report)

    @property
    def books(self) -> Books:
        return self._runner.books

    # ---- what depends on the film alone ----

    @cached_property
    def video(self) -> Video:
        media.check_readable(self._path)
        fingerprint = self._cache.fingerprint(self._path)

        def compute() -> Entry:
            video, warnings = media.probe(self._path, fingerprint, self._runtime)
            return Entry(video, warnings, True)

        video = self._runner.one(step("probe", Video, {"method": "pyav", "version": 1}, film=fingerprint), compute)
        # The same content may lie in several places: the facts are shared, the path is the one that was asked about.
        return replace(video, path=self._path)

    @cached_property
    def _pass(self) -> dict[str, tuple[Step, Any]]:
        """Everything that looks at the whole film, from a single decode: stage -> (step, value)."""
        segment, decode = self._pipeline.segment, identity(self._pipeline.decode)
        models = segment.models(self._runtime)
        film = self.video.fingerprint
        steps = [step("segment", tuple[Shot, ...], identity(segment), models, film=film, decode=decode)]
        if self._reads_screen:
            steps.append(step("sketch", Sketch, SKETCH, film=film, decode=decode))
        values = self._runner.together(steps, self._look_through)
        self.books.used(*models)
        return {s.stage: (s, values[s.stage]) for s in steps}

    def _look_through(self, stages: list[str]) -> dict[str, Entry]:
        make = {
            "segment": lambda: self._pipeline.segment.watch(self.video, self._runtime),
            "sketch": lambda: Sketcher(self.video),
        }
        watchers = {stage: make[stage]() for stage in stages}
        looking = [w for w in watchers.values() if w.want is not None]
        warnings: tuple[str, ...] = ()
        if looking:
            coverage = media.scan(
                self.video,
                [w.want for w in looking],
                lambda index, time_s, rgb: looking[index].see(time_s, rgb),
                self._pipeline.decode.backend,
                self._runtime,
                lambda at_s: self._report_at(stages[0], at_s),
            )
            warnings = coverage.warnings
        return {stage: Entry(w.finish(), warnings, not warnings) for stage, w in watchers.items()}

    @property
    def shots(self) -> tuple[Shot, ...]:
        return self._pass["segment"][1]

    @property
    def _reads_screen(self) -> bool:
        return self._pipeline.ocr is not None and self.video.has_video

    @cached_property
    def subtitles(self) -> Transcript | None:
        return self._subtitles[1] if self._subtitles else None

    @cached_property
    def _subtitles(self) -> tuple[Step, Transcript] | None:
        method = self._pipeline.subtitles
        if method is None:
            return None
        beside = [[path, self._cache.fingerprint(path)] for path in method.sidecars(self._path)]
        this = step("subtitles", Transcript, identity(method), film=self.video.fingerprint, beside=beside)
        return this, self._runner.one(this, lambda: Entry(method(self.video, self._runtime), (), True))

    @cached_property
    def speech(self) -> Transcript | None:
        return self._speech[1] if self._speech else None

    @cached_property
    def _speech(self) -> tuple[Step, Transcript] | None:
        method = self._pipeline.asr
        if method is None:
            return None
        models = method.models(self._runtime)
        this = step("asr", Transcript, identity(method), models, film=self.video.fingerprint)
        lost: list[str] = []

        def compute() -> Entry:
            sound = media.sound(self.video, self._runtime, lost.append)
            told = (self._told("asr", block.start_s, block) for block in sound)
            transcript = method(self.video, told, self._runtime)
            return Entry(transcript, tuple(lost), not lost)

        transcript = self._runner.one(this, compute)
        self.books.used(*models)
        return this, transcript

    @cached_property
    def screen(self) -> Transcript | None:
        return self._screen[1] if self._screen else None

    @cached_property
    def _screen(self) -> tuple[Step, Transcript] | None:
        method = self._pipeline.ocr
        if method is None:
            return None
        if not self.video.has_video:
            return step("ocr", Transcript, None), Transcript((), "no_video")
        models = method.models(self._runtime)
        shots, sketch = self._pass["segment"], self._pass["sketch"]
        this = step("ocr", Transcript, identity(method), models, shots=shots[0].key, sketch=sketch[0].key)

        def compute() -> Entry:
            times = method.propose(self.video, shots[1], sketch[1])
            frames = self._frames(times, method.frame_size(self.video))
            told = (self._told("ocr", frame.time_s, frame) for frame in frames)
            return Entry(method(self.video, told, self._runtime), (), True)

        transcript = self._runner.one(this, compute)
        self.books.used(*models)
        return this, transcript

    @cached_property
    def _texts(self) -> tuple[list[str], tuple[TextSpan, ...]]:
        """(keys of the sources, all their spans in order of time). Subtitles, where there are any, replace speech."""
        sources = [self._subtitles]
        if not (self.subtitles and self.subtitles.spans):
            sources.append(self._speech)
        sources.append(self._screen)
        there = [source for source in sources if source is not None]
        spans = (span for _, transcript in there for span in transcript.spans)
        ordered = sorted(spans, key=lambda span: (span.start_s, span.end_s, span.source))
        return [s.key for s, _ in there], tuple(ordered)

    @cached_property
    def _documents(self) -> tuple[Step, Documents]:
        method = self._pipeline.retrieve
        keys, spans = self._texts
        models = method.models(self._runtime)
        this = step("index", Documents, identity(method), models, texts=keys)
        documents = self._runner.one(this, lambda: Entry(method.index(spans, self._runtime), (), True))
        self.books.used(*models)
        return this, documents

    def chapters(self) -> tuple[Chapter, ...]:
        method = self._pipeline.summarize
        indexed, documents = self._documents
        shots = self._pass["segment"]
        this = step("summarize", tuple[Chapter, ...], identity(method), documents=indexed.key, shots=shots[0].key)
        return self._runner.one(
            this, lambda: Entry(method(self.video, shots[1], documents, self._runtime), (), True)
        )  # fmt: skip

    # ---- what depends on the question too ----

    def evidence(self, query: Query) -> TextEvidence:
        return self._evidence(query)[1]

    def _evidence(self, query: Query) -> tuple[Step, TextEvidence]:
        method = self._pipeline.retrieve
        indexed, documents = self._documents
        this = step("retrieve", TextEvidence, identity(method), documents=indexed.key, query=_plain(query))
        return this, self._runner.one(this, lambda: Entry(method(documents, query, self._runtime), (), True))

    def scores(self, query: Query) -> FrameScores:
        return self._scores(query)[1]

    def _scores(self, query: Query) -> tuple[Step, FrameScores]:
        method = self._pipeline.score
        retrieved, evidence = self._evidence(query)
        this = step("score", FrameScores, identity(method), evidence=retrieved.key, film=self.video.fingerprint)
        return this, self._runner.one(
            this, lambda: Entry(method(self.video, evidence, query, self._runtime), (), True)
        )  # fmt: skip

    def plan(self, query: Query) -> ClipPlan:
        return self._plan(query)[1]

    def _plan(self, query: Query) -> tuple[Step, ClipPlan]:
        method = self._pipeline.select
        scored, scores = self._scores(query)
        shots = self._pass["segment"]
        this = step("select", ClipPlan, identity(method), scores=scored.key, shots=shots[0].key)
        return this, self._runner.one(this, lambda: Entry(method(self.video, scores, shots[1]), (), True))

    def answer(self, query: Query) -> Reply:
        """The answer. Raises MediaError for a film without pictures in which nothing is said either."""
        method = self._pipeline.answer
        method.check(query)
        planned, plan = self._plan(query)
        retrieved, evidence = self._evidence(query)
        if not self.video.has_video:
            if not self._texts[1]:
                raise MediaError(f"{self._path} has no pictures, and nothing is said in it", "give a film")
            self.books.warn("the film has no pictures: the answer rests on its sound alone")
        decode = identity(self._pipeline.decode) if method.looks else None
        this = step(
            "answer", Reply, identity(method), method.models(self._runtime), query=_plain(query), plan=planned.key,
            evidence=retrieved.key, film=self.video.fingerprint, decode=decode,
        )  # fmt: skip

        def compute() -> Entry:
            looks = method.looks and self.video.has_video
            frames = self._frames(plan.frame_times_s, method.frame_size(self.video)) if looks else iter(())
            return Entry(method(self.video, query, frames, plan, evidence, self._runtime), (), True)

        reply = self._runner.one(this, compute)
        self.books.used(*reply.models)
        return reply

    # ---- helpers ----

    def _frames(self, times_s: tuple[float, ...], size: tuple[int, int]) -> Iterator[Frame]:
        return media.frames_at(self.video, times_s, size, self._pipeline.decode.backend, self._runtime)

    def _told(self, stage: str, at_s: float, item: Any) -> Any:
        self._report_at(stage, at_s)
        return item

    def _report_at(self, stage: str, at_s: float) -> None:
        self._runner.report(stage, at_s / self.video.duration_s if self.video.duration_s else None)


def _plain(query: Query) -> dict[str, Any]:
    return {"text": query.text, "choices": list(query.choices)}
