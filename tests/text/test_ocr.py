"""Text on screen: which instants are read, what is read there, and how long it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vidcomp.text import ocr
from vidcomp.text._screen import Line, blocks, join
from vidcomp.text.ocr import RapidOcr
from vidcomp.types import Frame, Model, Shot, Sketch, Video

HEIGHT, WIDTH = 54, 96


def film(duration_s: float, size: tuple[int, int] = (640, 360)) -> Video:
    return Video("film.mp4", "f", duration_s, 25.0, None, 0.0, *size, 0, "h264", None)


SOUND_ONLY = Video("sound.wav", "f", 10.0, 0.0, None, 0.0, 0, 0, 0, None, "pcm")


def sketch(pictures: Sequence[np.ndarray], every_s: float = 1.0) -> Sketch:
    return Sketch(np.arange(len(pictures)) * every_s, np.array(pictures, dtype=np.uint8))


def grey(level: int = 100) -> np.ndarray:
    return np.full((HEIGHT, WIDTH), level, np.uint8)


def caption(at: int, level: int = 200) -> np.ndarray:
    """A word of 12 pixels in the picture of 5184: the mean differs by a quarter of a level."""
    picture = grey()
    picture[48, at : at + 12] = level
    return picture


def whole(duration_s: float) -> tuple[Shot, ...]:
    return (Shot(0, duration_s),)


# Which instants.


def test_a_still_hour_is_read_once():
    assert len(RapidOcr().propose(film(3600), whole(3600), sketch([grey()] * 3600))) == 1


def test_noise_is_no_change():
    noise = np.random.default_rng(0).integers(-7, 8, (60, HEIGHT, WIDTH))
    assert len(RapidOcr().propose(film(60), whole(60), sketch(100 + noise))) == 1


@pytest.mark.parametrize("every_s", [1.0, 2.0, 5.0])
def test_a_restless_shot_is_read_at_the_given_pace(every_s):
    restless = np.random.default_rng(0).integers(0, 256, (61, HEIGHT, WIDTH))
    times = RapidOcr(every_s=every_s).propose(film(61), whole(61), sketch(restless))
    assert np.diff(times).min() >= every_s
    assert 60 / every_s - 3 <= len(times) <= 60 / every_s


def test_frames_that_come_a_little_early_do_not_break_the_pace():
    restless = np.random.default_rng(0).integers(0, 256, (60, HEIGHT, WIDTH)).astype(np.uint8)
    early = Sketch(np.arange(60) - 0.03 * (np.arange(60) % 3), restless)
    times = RapidOcr(every_s=2.0).propose(film(60), whole(60), early)
    assert len(times) == 30 - 1


def test_a_small_word_that_comes_and_goes_is_seen():
    pictures = [grey()] * 10 + [caption(10)] * 10 + [caption(40)] * 10 + [grey()] * 10
    times = RapidOcr().propose(film(40), whole(40), sketch(pictures))
    assert times == (1.0, 10.0, 20.0, 30.0)


@pytest.mark.parametrize(("change", "n"), [(0.0015, 2), (0.003, 1)])
def test_how_much_must_change_is_a_field(change, n):
    pictures = [grey()] * 5 + [caption(10)] * 5
    assert len(RapidOcr(change=change).propose(film(10), whole(10), sketch(pictures))) == n


def test_a_fade_is_waited_for():
    fading = [caption(10, 100 + 33 * i) for i in range(4)]
    pictures = [grey()] * 5 + fading + [caption(10)] * 10
    times = RapidOcr(every_s=5.0).propose(film(19), whole(19), sketch(pictures))
    assert times == (1.0, 8.0)  # not at 6 and 7, when the word is there but grows brighter still


def test_changes_faster_than_the_pace_wait_their_turn():
    pictures = [grey()] * 4 + [caption(10)] * 2 + [caption(40)] * 20
    times = RapidOcr(every_s=4.0).propose(film(26), whole(26), sketch(pictures))
    assert times == (1.0, 6.0)  # the word that was there from 4 to 5 had gone when its turn came


def test_each_shot_is_read_and_never_at_the_cut():
    shots = (Shot(0, 3), Shot(3, 3.4), Shot(3.4, 8.0), Shot(8.0, 10.0))
    times = RapidOcr().propose(film(10), shots, sketch([grey()] * 10))
    assert times == (1.0, pytest.approx(3.2), 4.0, 9.0)


def test_a_film_shorter_than_a_glance_is_read_in_its_middle():
    assert RapidOcr().propose(film(0.04), whole(0.04), sketch([grey()])) == (0.02,)


def test_without_pictures_nothing_is_read(runtime):
    reader = RapidOcr()
    assert reader.propose(SOUND_ONLY, whole(10), Sketch(np.zeros(0), np.zeros((0, 0, 0), np.uint8))) == ()
    assert reader(SOUND_ONLY, [], runtime).status == "no_video"


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((1920, 1080), (960, 540)), ((480, 352), (480, 352)), ((1080, 1920), (540, 960)), ((3840, 2076), (960, 520))],
)
def test_frames_are_wanted_small_even_and_never_enlarged(size, wanted):
    width, height = RapidOcr(max_side_px=960).frame_size(film(1, size))
    assert (width, height) == pytest.approx(wanted, abs=2)
    assert width % 2 == height % 2 == 0
    assert max(width, height) <= 960


# From lines to blocks, from blocks to spans.


def line(text: str, left: float, top: float, width: float = 100, height: float = 20, score: float = 1.0) -> Line:
    return Line(text, score, left, top, left + width, top + height)


def texts(lines: list[Line]) -> list[str]:
    return [found.text for found in blocks(lines)]


def test_words_of_a_row_become_a_line_in_reading_order():
    assert texts([line("there", 110, 12), line("hello", 0, 10), line("far off", 600, 11)]) == ["hello there", "far off"]


def test_lines_close_under_each_other_become_a_block():
    assert texts([line("second", 2, 32), line("first", 0, 10), line("elsewhere", 0, 200)]) == [
        "first second",
        "elsewhere",
    ]


def test_centred_lines_of_different_width_belong_together():
    assert texts([line("The John D. and", 60, 10, 80), line("Catherine T. MacArthur Foundation", 0, 30, 200)]) == [
        "The John D. and Catherine T. MacArthur Foundation"
    ]


def test_a_heading_is_not_part_of_the_small_print():
    assert texts([line("HEADING", 0, 0, 300, 60), line("small print", 0, 64, 100, 14)]) == ["HEADING", "small print"]


def test_columns_are_read_one_after_the_other():
    left = [line(f"left {i}", 0, 10 + 24 * i) for i in range(3)]
    right = [line(f"right {i}", 300, 10 + 24 * i) for i in range(3)]
    assert texts([part for pair in zip(left, right, strict=True) for part in pair]) == [
        "left 0 left 1 left 2",
        "right 0 right 1 right 2",
    ]


def test_a_page_is_read_line_by_line():
    page = [line(f"line {i}", 0, 10 + 24 * i) for i in range(7)]
    assert texts(page) == [f"line {i}" for i in range(7)]
    assert texts(page[:6]) == ["line 0 line 1 line 2 line 3 line 4 line 5"]


def test_a_blocks_score_is_the_mean_by_letters():
    (block,) = blocks([line("abc", 0, 10, score=0.6), line("d", 105, 10, 10, score=1.0)])
    assert block.score == pytest.approx((3 * 0.6 + 1 * 1.0) / 4)


def shown(*readings: tuple[float, list[str]]) -> list[tuple[float, float, str]]:
    lines = [(time_s, [line(text, 0, 0) for text in found]) for time_s, found in readings]
    return [(span.start_s, span.end_s, span.text) for span in join(lines, 10.0)]


def test_a_text_lasts_until_the_first_reading_without_it():
    assert shown((1, ["A title"]), (3, ["A title"]), (6, [])) == [(1, 6, "A title")]


def test_the_last_text_lasts_until_the_film_ends():
    assert shown((1, []), (9, ["The end"])) == [(9, 10, "The end")]
    assert shown((10.5, ["after the end"])) == [(10.5, 10.5, "after the end")]


def test_texts_come_and_go_independently():
    assert shown((1, ["one", "two"]), (2, ["two", "three"]), (3, ["one"])) == [
        (1, 2, "one"),
        (1, 3, "two"),
        (2, 3, "three"),
        (3, 10, "one"),
    ]


def test_the_surest_of_nearly_equal_readings_is_kept():
    readings = [(1, [line("supporters, larde and smali", 0, 0, score=0.95)])]
    readings += [(2, [line("supporters, large and small", 0, 0, score=0.99)])]
    readings += [(3, [line("Supporters large and smal1", 0, 0, score=0.8)])]
    (span,) = join(readings, 5.0)
    assert (span.start_s, span.end_s, span.text, span.score) == (1, 5, "supporters, large and small", 0.99)
    assert span.source == "ocr"


def test_another_text_is_not_a_misreading():
    assert len(shown((1, ["Chapter 1"]), (2, ["Chapter 2"]), (3, ["share"]), (4, ["reuse"]))) == 4


def test_the_same_text_twice_in_a_picture_is_two_texts():
    assert shown((1, ["Exit", "Exit"]), (2, ["Exit"])) == [(1, 2, "Exit"), (1, 10, "Exit")]


# Reading.


class FakeReader:
    """Stands in for RapidOCR: says the same of every picture, and remembers them."""

    def __init__(self, *found: tuple[str, float]) -> None:
        self.found = found
        self.pictures: list[np.ndarray] = []

    def __call__(self, bgr: np.ndarray) -> SimpleNamespace:
        self.pictures.append(bgr)
        boxes = np.array([[(0, y), (50, y), (50, y + 10), (0, y + 10)] for y in range(0, 100 * len(self.found), 100)])
        return SimpleNamespace(
            boxes=boxes if self.found else None, txts=[t for t, _ in self.found], scores=[s for _, s in self.found]
        )


@pytest.fixture
def fake(monkeypatch):
    def use(*found: tuple[str, float]) -> FakeReader:
        reader = FakeReader(*found)
        monkeypatch.setattr(ocr, "_reader", lambda *arguments: reader)
        return reader

    return use


def plain(level: int = 128) -> np.ndarray:
    return np.full((360, 640, 3), level, np.uint8)


def test_unsure_readings_and_junk_are_dropped(fake, runtime):
    fake(("sure", 0.9), ("unsure", 0.5), ("X", 1.0), ("-- ?", 1.0), ("\u202eevil\u202c \x1b[31mred", 0.9))
    spans = RapidOcr(min_confidence=0.7)(film(4), [Frame(1.0, plain())], runtime).spans
    assert sorted(span.text for span in spans) == ["evil red", "sure"]


def test_pictures_that_look_alike_are_read_once(fake, runtime):
    reader = fake(("word", 0.9))
    noisy = np.random.default_rng(0).integers(100, 130, (360, 640, 3)).astype(np.uint8)
    changed = plain()
    changed[300:330, 200:260] = 255
    frames = [Frame(float(t), rgb) for t, rgb in enumerate([plain(), plain(120), noisy, changed, changed])]
    (span,) = RapidOcr()(film(6), iter(frames), runtime).spans
    assert [int(picture[310, 210, 0]) for picture in reader.pictures] == [128, 255]
    assert (span.start_s, span.end_s) == (0.0, 6.0)


def test_the_reader_gets_the_channel_order_it_wants(fake, runtime):
    reader = fake()
    red = np.zeros((10, 10, 3), np.uint8)
    red[:, :, 0] = 255
    assert RapidOcr()(film(1), [Frame(0.0, red)], runtime).status == "no_text"
    assert reader.pictures[0][0, 0].tolist() == [0, 0, 255]
    assert reader.pictures[0].flags.c_contiguous


def written(*lines: tuple[str, int, int, int], ink: int = 255, paper: int = 40) -> np.ndarray:
    """A picture with lines of (text, x, y, size in pixels)."""
    picture = Image.new("RGB", (640, 360), (paper,) * 3)
    for text, x, y, size in lines:
        ImageDraw.Draw(picture).text((x, y), text, fill=(ink,) * 3, font=ImageFont.load_default(size))
    return np.asarray(picture)


@pytest.mark.weights
class TestRealReader:
    def test_captions_are_read_with_their_times(self, runtime):
        frames = [
            Frame(0.5, written()),
            Frame(1.5, written(("The harbour opens at seven", 120, 300, 28))),
            Frame(2.5, written(("The harbour opens at seven", 120, 300, 28), paper=60)),
            Frame(3.5, written(("Tickets cost 42 crowns", 140, 300, 28), ("Captain Ada Lindqvist", 60, 60, 22))),
            Frame(5.0, written(("Captain Ada Lindqvist", 64, 58, 22))),
        ]
        transcript = RapidOcr()(film(8), iter(frames), runtime)
        assert [(span.start_s, span.end_s, span.text) for span in transcript.spans] == [
            (1.5, 3.5, "The harbour opens at seven"),
            (3.5, 5.0, "Tickets cost 42 crowns"),
            (3.5, 8.0, "Captain Ada Lindqvist"),
        ]
        assert min(span.score for span in transcript.spans) > 0.9

    def test_a_caption_of_two_lines_is_one_text(self, runtime):
        rgb = written(("Whoever comes too late", 150, 270, 26), ("must wait for the tide", 155, 302, 26))
        (span,) = RapidOcr()(film(2), [Frame(1.0, rgb)], runtime).spans
        assert span.text == "Whoever comes too late must wait for the tide"

    def test_pictures_without_text_have_none(self, runtime):
        rng = np.random.default_rng(0)
        blobs = np.kron(rng.integers(0, 256, (9, 16, 3)), np.ones((40, 40, 1))).astype(np.uint8)
        transcript = RapidOcr()(film(3), [Frame(0.0, plain()), Frame(1.0, blobs)], runtime)
        assert (transcript.spans, transcript.status) == ((), "no_text")

    def test_it_neither_speaks_nor_downloads(self, runtime, monkeypatch, capfd):
        def refuse(*arguments, **options):
            raise AssertionError("asked the network")

        monkeypatch.setattr("socket.socket.connect", refuse)
        ocr._reader.cache_clear()
        RapidOcr()(film(2), [Frame(1.0, written(("Quiet please", 200, 100, 40)))], runtime)
        assert capfd.readouterr() == ("", "")

    def test_the_models_are_named(self, runtime):
        assert RapidOcr().models(runtime) == (Model("ocr", "pp-ocrv6-small", "rapidocr 3.10.0"),)
