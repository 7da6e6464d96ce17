"""Make the sample film and the record of what is in it: ``python -m samples.make_film [--out DIR]``.

Writes ``harbour.mp4`` (drawn frames, espeak-ng's speech, no subtitles) and ``harbour.json`` (what is seen, heard and
written in it, when, and questions with their answers). The same libraries on the same platform give the same bytes.
Needs Pillow, PyAV, numpy and espeakng-loader; takes about two minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
from PIL import Image

from samples.harbour import sound, speech, town, water
from samples.harbour.canvas import HEIGHT, WIDTH, Canvas
from samples.harbour.records import Scene
from samples.harbour.story import LICENCE, QUESTIONS, SCENES, TITLE

FPS = 24
RATE_HZ = speech.RATE_HZ
X264 = {"crf": "33", "preset": "slow", "tune": "animation", "g": "96", "x264-params": "no-mbtree=1"}
TUNE_AT_S = 0.3
THUNDER_AT_S = 1.0

Still = Callable[[Canvas], None]
Moving = Callable[[Canvas, float, Mapping[str, str]], None]
PAINTERS: dict[str, tuple[Still, Moving]] = {
    "dawn": (town.dawn_still, town.dawn_moving),
    "lighthouse": (water.lighthouse_still, water.lighthouse_moving),
    "bakery": (town.bakery_still, town.bakery_moving),
    "ferry": (water.ferry_still, water.ferry_moving),
    "sea": (water.sea_still, water.sea_moving),
    "market": (town.market_still, town.market_moving),
    "storm": (water.storm_still, water.storm_moving),
    "night": (town.night_still, town.night_moving),
}


def starts_s() -> list[float]:
    """When each scene begins, and, last, when the film ends."""
    return list(accumulate((scene.duration_s for scene in SCENES), initial=0.0))


def frames() -> Iterator[Image.Image]:
    """Every picture of the film, in order."""
    for scene in SCENES:
        still, moving = PAINTERS[scene.name]
        background = Canvas()
        still(background)
        for number in range(round(scene.duration_s * FPS)):
            yield frame(scene, background, moving, number / FPS)


def frame(scene: Scene, background: Canvas, moving: Moving, time_s: float) -> Image.Image:
    canvas = background.copy()
    moving(canvas, time_s, scene.visible(time_s))
    brightness = scene.brightness(time_s)
    picture = canvas.finished()
    return picture if brightness == 1 else picture.point([round(level * brightness) for level in range(256)] * 3)


def spoken() -> dict[str, np.ndarray]:
    """Every line's sound, by the line's name; RuntimeError if one does not end within its scene."""
    voices = {}
    for scene in SCENES:
        for line in scene.lines:
            voices[line.name] = speech.speak(line.text)
            if line.at_s + len(voices[line.name]) / RATE_HZ > scene.duration_s:
                raise RuntimeError(f"the line {line.name!r} is still being spoken when its scene is over")
    return voices


def soundtrack(voices: Mapping[str, np.ndarray]) -> np.ndarray:
    """Mono sound (float32 [n]) of the whole film."""
    pieces = []
    for start_s, scene in zip(starts_s(), SCENES):
        pieces += [(start_s + line.at_s, sound.speech_at_level(voices[line.name])) for line in scene.lines]
        if scene.name == "sea":
            pieces.append((start_s + TUNE_AT_S, sound.tune(RATE_HZ)))
        if scene.name == "storm":
            pieces.append((start_s + THUNDER_AT_S, sound.thunder(RATE_HZ)))
    return sound.mix(pieces, starts_s()[-1], RATE_HZ)


def record(voices: Mapping[str, np.ndarray], sha256: str) -> dict:
    """What is in the film, on the film's clock, and the questions about it."""
    places = {}
    scenes, lines, signs = [], [], []
    for start_s, scene in zip(starts_s(), SCENES):
        scenes.append({"name": scene.name, "start_s": start_s, "end_s": start_s + scene.duration_s})
        for line in scene.lines:
            begin_s = start_s + line.at_s
            end_s = round(begin_s + len(voices[line.name]) / RATE_HZ, 3)
            lines.append({"start_s": begin_s, "end_s": end_s, "text": line.text})
            places[line.name] = {"kind": "spoken", "start_s": begin_s, "end_s": end_s}
        for sign in scene.signs:
            begin_s, end_s = start_s + sign.start_s, start_s + sign.end_s
            signs.append({"start_s": begin_s, "end_s": end_s, "text": sign.text})
            places[sign.name] = {"kind": "written", "start_s": begin_s, "end_s": end_s}
    questions = [
        {"question": q.text, "answer": q.answer, "also": q.also, **places.get(q.source or "", {"kind": "unanswerable"})}
        for q in QUESTIONS
    ]
    return {
        "title": TITLE,
        "licence": LICENCE,
        "file": "harbour.mp4",
        "sha256": sha256,
        "duration_s": starts_s()[-1],
        "width_px": WIDTH,
        "height_px": HEIGHT,
        "fps": FPS,
        "scenes": scenes,
        "spoken": lines,
        "written": signs,
        "questions": questions,
    }


def encode(path: Path, sound_track: np.ndarray) -> None:
    """H.264 and AAC in MP4, the same bytes each time.

    x264's output depends on its number of threads, which is fixed; and with its mb-tree the same frames, 960 wide, gave
    other bits now and then (PyAV 18.1 on x86-64), so it does without, at a larger size for the same quality.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata.update(title=TITLE, copyright=LICENCE)
        video = container.add_stream("libx264", rate=FPS, options=X264)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.thread_count = 2
        audio = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        audio.bit_rate = 48_000
        audio.metadata["language"] = "eng"
        for number, picture in enumerate(frames()):
            shown = av.VideoFrame.from_image(picture)
            shown.pts, shown.time_base = number, Fraction(1, FPS)
            begin, end = number * RATE_HZ // FPS, (number + 1) * RATE_HZ // FPS
            heard = av.AudioFrame.from_ndarray(sound_track[None, begin:end], "fltp", "mono")
            heard.sample_rate, heard.pts, heard.time_base = RATE_HZ, begin, Fraction(1, RATE_HZ)
            container.mux(video.encode(shown))
            container.mux(audio.encode(heard))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="DIR", help="where to write")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    voices = spoken()
    half_made = folder / "harbour.mp4.part"
    encode(half_made, soundtrack(voices))
    written = record(voices, hashlib.sha256(half_made.read_bytes()).hexdigest())
    (folder / "harbour.json").write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(half_made, folder / "harbour.mp4")
    print(folder / "harbour.mp4", folder / "harbour.json", sep="\n")


if __name__ == "__main__":
    main()
