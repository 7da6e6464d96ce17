"""Subtitles are found, chosen, decoded and cleaned; what is broken is told."""

from __future__ import annotations

import codecs

import pytest

from vidcomp import media
from vidcomp.errors import MediaError
from vidcomp.text.subtitles import Subtitles
from vidcomp.types import Video

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello there.\n\n2\n00:00:03,000 --> 00:00:04,000\nGeneral Kenobi!\n"


@pytest.fixture
def video(tmp_path, monkeypatch) -> Video:
    """A film of ten seconds without streams of subtitles."""
    monkeypatch.setattr(media, "embedded_subtitles", lambda video, runtime: [])
    return Video(str(tmp_path / "My film.mp4"), "f", 10.0, 25.0, 250, 0.0, 64, 48, 0, "h264", None)


def beside(video: Video, ending: str, content: str | bytes = SRT) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    with open(video.path.removesuffix(".mp4") + ending, "wb") as file:
        file.write(data)


def read(video: Video, runtime, language: str | None = None) -> list[tuple[float, float, str]]:
    return [(span.start_s, span.end_s, span.text) for span in Subtitles(language)(video, runtime).spans]


def names(video: Video, language: str | None = None) -> list[str]:
    return [path.rsplit("/", 1)[1].removeprefix("My film") for path in Subtitles(language).sidecars(video.path)]


def test_a_film_without_subtitles_has_none(video, runtime):
    transcript = Subtitles()(video, runtime)
    assert (transcript.spans, transcript.status, transcript.language) == ((), "no_subtitles", None)


def test_one_span_for_each_cue(video, runtime):
    beside(video, ".srt")
    transcript = Subtitles()(video, runtime)
    assert read(video, runtime) == [(1.0, 2.5, "Hello there."), (3.0, 4.0, "General Kenobi!")]
    assert {(span.source, span.score) for span in transcript.spans} == {("subtitle", 1.0)}


def test_files_of_other_films_are_left_alone(video):
    for ending in (" 2.srt", ".extended cut.srt", ".2.srt", ".txt", ".srt.bak"):
        beside(video, ending)
    assert names(video) == []


def test_a_film_whose_folder_is_gone_has_no_files_beside_it(video):
    gone = Video("/nowhere/at/all.mp4", "f", 10.0, 25.0, 250, 0.0, 64, 48, 0, "h264", None)
    assert Subtitles().sidecars(gone.path) == ()


ENDINGS = (".de.srt", ".en.forced.srt", ".en.srt", ".fr.vtt", ".pt-BR.ass", ".SRT", ".ger.sdh.srt")


@pytest.mark.parametrize(
    ("language", "first"),
    [
        (None, [".SRT"]),
        ("de", [".de.srt", ".ger.sdh.srt", ".SRT"]),
        ("deu", [".de.srt"]),
        ("pt", [".pt-BR.ass", ".SRT"]),
    ],
)
def test_the_preferred_language_comes_first_and_forced_last(video, language, first):
    for ending in ENDINGS:
        beside(video, ending)
    found = names(video, language)
    assert found[: len(first)] == first
    assert sorted(found) == sorted(ENDINGS)
    assert found[-1] == ".en.forced.srt"


@pytest.mark.parametrize(
    ("ending", "language"),
    [
        (".srt", None),
        (".eng.srt", "en"),
        (".pt-BR.srt", "pt"),
        (".sdh.srt", None),
        (".hi.srt", "hi"),
        (".de.hi.srt", "de"),
        (".xx.srt", "xx"),
    ],
)
def test_the_files_name_tells_the_language(video, runtime, ending, language):
    beside(video, ending)
    assert Subtitles()(video, runtime).language == language


def test_a_file_that_says_nothing_makes_way_for_the_next(video, runtime):
    for number, empty in enumerate(("", "\n \n", "WEBVTT\n\nNOTE nothing here\n")):
        beside(video, f".a{'bcd'[number]}.srt", empty)
    beside(video, ".zz.srt")
    assert Subtitles()(video, runtime).language == "zz"


VTT = """WEBVTT - with all that it may have

STYLE
::cue { color: red }

NOTE a note

intro
00:01.000 --> 00:02.000 align:start position:10%
<v Obi-Wan>Hello <i>there</i>.</v>

NOTE between the cues

00:00:03.000 --> 00:00:04.000
<00:00:03.200><c>word</c> <00:00:03.500><c>by</c> word &amp; more
"""
ASS = r"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\an8\pos(10,10)}Hello\Nthere, {\i1}you{\i0}.
Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not to be read
Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0 100 100{\p0}
"""


@pytest.mark.parametrize(
    ("ending", "content", "expected"),
    [
        (".vtt", VTT, [(1.0, 2.0, "Hello there."), (3.0, 4.0, "word by word & more")]),
        (".ass", ASS, [(1.0, 2.0, "Hello there, you.")]),
        (".srt", VTT, [(1.0, 2.0, "Hello there."), (3.0, 4.0, "word by word & more")]),
    ],
    ids=["WebVTT", "SubStation", "WebVTT called .srt"],
)
def test_formats(video, runtime, ending, content, expected):
    beside(video, ending, content)
    assert read(video, runtime) == expected


def srt(*cues: tuple[str, str, str]) -> str:
    return "\n".join(f"{i}\n{start} --> {end}\n{text}\n" for i, (start, end, text) in enumerate(cues, 1))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<font color='red'>red</font> <b>bold</b>", "red bold"),
        (r"{\an8}{\pos(1,2)}up here", "up here"),
        ("two\nlines", "two lines"),
        ("\u266a\nla la\n\u266b \u266a", "la la"),
        ("AT&amp;T &lt;3", "AT&T <3"),
        ("\u202ereversed\u202c \u200bhidden\ufeff", "reversed hidden"),
        ("\x1b[31mred\x1b[0m \x07bell", "red bell"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("\u0645\u06cc\u200c\u0631\u0648\u0645", "\u0645\u06cc\u200c\u0631\u0648\u0645"),
    ],
)
def test_only_words_are_left(video, runtime, text, plain):
    beside(video, ".srt", srt(("00:00:01,000", "00:00:02,000", text)))
    assert [found for *_, found in read(video, runtime)] == [plain]


@pytest.mark.parametrize("text", ["\u266a\u266a", "<i></i>", "...", r"{\an8}", ""])
def test_cues_without_words_are_left_out(video, runtime, text):
    beside(video, ".srt", srt(("00:00:01,000", "00:00:02,000", text), ("00:00:03,000", "00:00:04,000", "word")))
    assert read(video, runtime) == [(3.0, 4.0, "word")]


def test_cues_are_put_in_order_and_kept_within_the_film(video, runtime):
    cues = [("08,000", "12,000", "over the end"), ("11,000", "12,000", "after it"), ("01,000", "02,000", "first")]
    cues += [("03,000", "03,000", "no time"), ("05,000", "04,000", "backwards")]
    beside(video, ".srt", srt(*((f"00:00:{a}", f"00:00:{b}", text) for a, b, text in cues)))
    assert read(video, runtime) == [(1.0, 2.0, "first"), (8.0, 10.0, "over the end")]


def test_a_text_continued_in_the_next_cue_is_one_span(video, runtime):
    cues = [("01,000", "02,000"), ("02,000", "03,000"), ("02,500", "02,800"), ("05,000", "06,000")]
    beside(video, ".srt", srt(*((f"00:00:{a}", f"00:00:{b}", "Again.") for a, b in cues)))
    assert read(video, runtime) == [(1.0, 3.0, "Again."), (5.0, 6.0, "Again.")]


SENTENCES = {
    "utf-8": "Où est la bibliothèque ? \u56fe\u4e66\u9986",
    "utf-8-sig": "Où est la bibliothèque ?",
    "utf-16": "Où est la bibliothèque ? \u56fe\u4e66\u9986",
    "cp1252": "Où est la bibliothèque ? Elle est à côté du théâtre, près de l'hôtel où j'ai déjà dormi.",
    "latin-1": "Über den Wolken muß die Freiheit wohl grenzenlos sein, schöne Grüße aus München.",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy, řekl mi včera večer můj starý přítel.",
    "cp1251": "Где находится библиотека? Она рядом с театром, возле гостиницы, где я уже ночевал.",
    "cp932": "図書館はどこですか。劇場の隣、前に泊まったホテルの近くです。",
}


@pytest.mark.parametrize("encoding", list(SENTENCES))
def test_encodings(video, runtime, encoding):
    beside(video, ".srt", srt(("00:00:01,000", "00:00:02,000", SENTENCES[encoding])).encode(encoding))
    assert [text for *_, text in read(video, runtime)] == [SENTENCES[encoding]]


def test_big_endian_with_a_mark(video, runtime):
    beside(video, ".srt", codecs.BOM_UTF16_BE + SRT.encode("utf-16-be"))
    assert read(video, runtime)[0] == (1.0, 2.5, "Hello there.")


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        (".srt", "this is no subtitle file"),
        (".srt", bytes(range(256)) * 40),
        (".vtt", "<html>404</html>"),
        (".ass", "{\\rtf1 hello}"),
    ],
)
def test_a_broken_file_is_told_by_name(video, runtime, ending, content):
    beside(video, ending, content)
    with pytest.raises(MediaError, match=f"My film{ending}") as caught:
        Subtitles()(video, runtime)
    assert "subtitles=off" in caught.value.hint


def test_an_unreadable_or_huge_file_is_told_by_name(video, runtime, monkeypatch):
    beside(video, ".srt")
    monkeypatch.setattr("vidcomp.text.subtitles._MAX_BYTES", 10)
    with pytest.raises(MediaError, match="larger"):
        Subtitles()(video, runtime)
    monkeypatch.undo()
    (path,) = Subtitles().sidecars(video.path)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda self: (_ for _ in ()).throw(PermissionError(13, "denied")))
    with pytest.raises(MediaError, match=r"My film\.srt cannot be read: denied"):
        Subtitles()(video, runtime)
    assert path.endswith("My film.srt")


@pytest.fixture
def streams(monkeypatch):
    found = [
        media.EmbeddedSubtitles("ger", ((1.0, 2.0, r"{\i1}Guten Tag{\i0}\Nallerseits"), (20.0, 21.0, "nach dem Ende"))),
        media.EmbeddedSubtitles("und", ((1.0, 2.0, "no language"),)),
        media.EmbeddedSubtitles("eng", ((1.0, 2.0, "Good day"),)),
    ]
    monkeypatch.setattr(media, "embedded_subtitles", lambda video, runtime: found)


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        (None, "no language", None),
        ("de", "Guten Tag allerseits", "de"),
        ("en", "Good day", "en"),
        ("fr", "no language", None),
    ],
)
def test_streams_inside_the_film_by_language(video, runtime, streams, language, text, told):
    assert read(video, runtime, language) == [(1.0, 2.0, text)]
    assert Subtitles(language)(video, runtime).language == told


def test_files_beside_the_film_come_before_streams_inside_it(video, runtime, streams):
    beside(video, ".fr.srt")
    assert Subtitles("de")(video, runtime).language == "fr"
