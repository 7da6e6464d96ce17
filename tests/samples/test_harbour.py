"""The committed film is what its record says, and the record is what the story says."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from samples import make_film
from samples.archives import sha256_of
from samples.harbour.canvas import Canvas
from samples.harbour.story import QUESTIONS, SCENES

FOLDER = Path(make_film.__file__).parent
FILM = FOLDER / "harbour.mp4"
RECORD = json.loads((FOLDER / "harbour.json").read_text(encoding="utf-8"))
STARTS_S = make_film.starts_s()
SIGNS = [(start_s, scene, sign) for start_s, scene in zip(STARTS_S, SCENES) for sign in scene.signs]


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """The film's sound, float32 [n] at ``make_film.RATE_HZ``."""
    with av.open(str(FILM)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def picture_at(time_s: float) -> np.ndarray:
    """The frame on display at ``time_s``: int16 [height, width, 3]."""
    with av.open(str(FILM)) as container:
        stream = container.streams.video[0]
        container.seek(int(time_s / stream.time_base), stream=stream)
        last = None
        for frame in container.decode(stream):
            if frame.time > time_s + 1e-6:
                break
            last = frame
        return last.to_ndarray(format="rgb24").astype(np.int16)


def loudness(sound: np.ndarray, start_s: float, end_s: float) -> float:
    piece = sound[int(start_s * make_film.RATE_HZ) : int(end_s * make_film.RATE_HZ)]
    return float(np.sqrt(np.mean(piece**2)))


def test_file_is_the_recorded_one_and_small():
    assert sha256_of(FILM) == RECORD["sha256"]
    assert FILM.stat().st_size <= 3_000_000


def test_streams_are_those_recorded_and_none_is_subtitles():
    with av.open(str(FILM)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        video, audio = container.streams
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height) == (RECORD["width_px"], RECORD["height_px"])
        assert video.average_rate == RECORD["fps"]
        assert video.frames == RECORD["duration_s"] * RECORD["fps"]
        assert container.duration / av.time_base == pytest.approx(RECORD["duration_s"], abs=0.05)
        assert container.start_time == 0


def test_record_is_of_this_story():
    """Fails when the story was changed and the film was not made anew; the lines are spoken again for it.

    Another build of espeak-ng may speak a little faster or slower, so the ends of lines are compared loosely.
    """
    again = json.loads(json.dumps(make_film.record(make_film.spoken(), RECORD["sha256"])))
    for part in ("spoken", "questions"):
        for ours, theirs in zip(again[part], RECORD[part], strict=True):
            assert ours.pop("end_s", None) == pytest.approx(theirs.get("end_s"), abs=0.1)
            assert ours == {key: value for key, value in theirs.items() if key != "end_s"}
    assert {**again, "spoken": 0, "questions": 0} == {**RECORD, "spoken": 0, "questions": 0}


def test_scenes_cover_the_film():
    scenes = RECORD["scenes"]
    assert scenes[0]["start_s"] == 0 and scenes[-1]["end_s"] == RECORD["duration_s"]
    assert all(a["end_s"] == b["start_s"] for a, b in pairwise(scenes))


@pytest.mark.parametrize(("start_s", "scene", "sign"), SIGNS, ids=[sign.name for *_, sign in SIGNS])
def test_sign_is_in_the_picture_when_it_should_be(start_s, scene, sign):
    """Just inside the interval the film looks like the scene with the sign, just outside like the scene without."""
    still, moving = make_film.PAINTERS[scene.name]
    background = Canvas()
    still(background)
    one_frame = 1 / make_film.FPS
    moments = [
        (sign.start_s, True),
        (sign.end_s - one_frame, True),
        (sign.start_s - one_frame, False),
        (sign.end_s, False),
    ]
    for time_s, expected in moments:
        if not 0 <= time_s < scene.duration_s or scene.brightness(time_s) < 0.3:
            continue
        others = {name: text for name, text in scene.visible(time_s).items() if name != sign.name}
        pictures = []
        for signs in (others, {**others, sign.name: sign.text}):
            canvas = background.copy()
            moving(canvas, time_s, signs)
            pictures.append(np.asarray(canvas.finished(), np.int16) * scene.brightness(time_s))
        place = np.abs(pictures[0] - pictures[1]).max(axis=2) > 40
        assert place.sum() > 300
        seen = picture_at(start_s + time_s)
        without, with_sign = (np.abs(seen - picture)[place].mean() for picture in pictures)
        assert (with_sign < without) == expected, f"at {start_s + time_s} s"


def test_speech_is_heard_where_recorded_and_nowhere_else(sound):
    lines = RECORD["spoken"]
    assert all(loudness(sound, line["start_s"], line["end_s"]) > 0.03 for line in lines)
    noisy = {"sea", "storm"}
    quiet = [scene for scene in RECORD["scenes"] if scene["name"] not in noisy]
    for scene in quiet:
        edges = [scene["start_s"]]
        for line in lines:
            if scene["start_s"] <= line["start_s"] < scene["end_s"]:
                edges += [line["start_s"], line["end_s"]]
        edges.append(scene["end_s"])
        for begin, end in zip(edges[::2], edges[1::2]):
            assert loudness(sound, begin + 0.1, end - 0.1) < 0.001, f"between {begin} and {end} s"


def test_one_scene_has_music_and_no_words(sound):
    wordless = [scene for scene in SCENES if not scene.lines and not scene.signs]
    assert [scene.name for scene in wordless] == ["sea"]
    place = next(scene for scene in RECORD["scenes"] if scene["name"] == "sea")
    assert loudness(sound, place["start_s"], place["end_s"]) > 0.02


def test_questions_are_answered_by_their_sources_alone():
    texts = {line.name: line.text for scene in SCENES for line in scene.lines}
    texts |= {sign.name: sign.text for scene in SCENES for sign in scene.signs}
    for question in QUESTIONS:
        if question.source is None:
            assert question.answer is None
            continue
        holders = [name for name, text in texts.items() if question.answer.casefold() in text.casefold()]
        assert question.source in holders
        assert question.answer == "Helen" or holders == [question.source]


def test_there_are_questions_of_every_kind():
    kinds = [question["kind"] for question in RECORD["questions"]]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"spoken": 11, "written": 10, "unanswerable": 5}
