"""The decoding child: it can hang, crash, eat memory or be killed, and nothing is lost or left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.films import make_film, steady
from vidcomp import media
from vidcomp.errors import DecodeStopped, MediaError, NotFound
from vidcomp.media import child as children
from vidcomp.types import Runtime, Want


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("child") / "film.mp4", steady(400))


@pytest.fixture(scope="module")
def video(film):
    return media.probe(str(film), "f", Runtime())[0]


def running(video, runtime, every_frame):
    """Starts a scan and gives (child, its messages)."""
    job = {
        "op": "scan",
        "wants": [{"width_px": 192, "height_px": 108, "every_s": None, "sampling": "smooth"}],
        "path": video.path,
        "decoder": "pyav",
        "facts": {"fps": 25.0, "rotation_deg": 0, "width_px": 192, "height_px": 108},
    }
    return children.start(job, runtime, every_frame, 192 * 108 * 3, 2)


def test_a_child_that_gives_no_sign_of_life_is_given_up(video, runtime, monkeypatch):
    monkeypatch.setattr(children, "STALL_S", 0.5)
    with pytest.raises(DecodeStopped, match="no sign of life"), running(video, runtime, 60.0) as job:
        for n, _ in enumerate(job.messages()):
            if n == 3:
                os.kill(job._process.pid, signal.SIGSTOP)
    assert job._process.returncode == -signal.SIGKILL


def test_a_child_that_crashes_is_the_films_fault_and_not_a_bug(video, runtime):
    with pytest.raises(DecodeStopped, match="crashed"), running(video, runtime, 60.0) as job:
        for n, _ in enumerate(job.messages()):
            if n == 3:
                os.kill(job._process.pid, signal.SIGSEGV)


def test_the_deadline_counts_waiting_and_not_a_slow_consumer(video, runtime):
    with running(video, runtime, 2.0) as job:
        for n, _ in enumerate(job.messages()):
            if n < 3:
                time.sleep(1.0)  # a consumer that takes longer than the deadline is nobody's fault
    assert job.result["n_frames"] == 400
    with pytest.raises(DecodeStopped, match="longer than"), running(video, runtime, 1e-4) as job:
        list(job.messages())


def test_memory_is_bounded(tmp_path, runtime):
    large = make_film(tmp_path / "large.mp4", steady(30), size=(3840, 2160))
    video = media.probe(str(large), "f", runtime)[0]
    for megabytes in (40, 120, 200):  # too little to start, for its threads, for its frames
        with pytest.raises(DecodeStopped, match=f"{megabytes} MB"):
            media.scan(video, [Want(3840, 2160)], lambda *_: None, "pyav", Runtime(memory_mb=megabytes))


def test_leaving_early_ends_the_child(video, runtime):
    frames = media.frames_at(video, [float(t) for t in range(15)], (192, 108), "pyav", runtime)
    next(frames)
    before = _children()
    frames.close()
    assert len(before) == 1 and not _children()


def _children() -> list[str]:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_killed_parent_leaves_no_child_and_no_shared_memory(film):
    code = (
        "import sys, time; from vidcomp import media; from vidcomp.types import *\n"
        "v, _ = media.probe(sys.argv[1], 'f', Runtime())\n"
        "def see(i, t, rgb):\n"
        "    print('seen', flush=True); time.sleep(30)\n"
        "media.scan(v, [Want(192, 108)], see, 'pyav', Runtime())\n"
    )
    shared = sorted(os.listdir("/dev/shm"))
    parent = subprocess.Popen([sys.executable, "-c", code, str(film)], stdout=subprocess.PIPE)
    assert parent.stdout.readline() == b"seen\n"
    [kid] = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not Path(f"/proc/{kid}").exists() or "Z" in Path(f"/proc/{kid}/stat").read_text().split(")")[1][:3]:
            break
        time.sleep(0.02)
    else:
        pytest.fail("the child outlived its parent")
    assert sorted(os.listdir("/dev/shm")) == shared


@pytest.mark.parametrize(
    "name, content",
    [
        ("empty.mp4", b""),
        ("text.mp4", b"this is not a film\n" * 50),
        ("random.mkv", bytes(i * 7919 % 251 for i in range(20_000))),
        ("playlist.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{film}\n#EXT-X-ENDLIST\n"),
        ("concat.mp4", b"ffconcat version 1.0\nfile '{film}'\n"),
        ("dash.mp4", b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>"),
    ],
)
def test_what_is_no_film_is_one_clear_line(tmp_path, film, runtime, name, content):
    path = tmp_path / name
    path.write_bytes(content.replace(b"{film}", bytes(film)))
    with pytest.raises(MediaError, match=f"cannot read {name}") as caught:
        media.probe(str(path), "f", runtime)
    assert "\n" not in caught.value.message and caught.value.hint


def test_paths_are_files_and_never_urls(tmp_path, runtime):
    with pytest.raises(NotFound):
        media.probe("http://127.0.0.1:9/film.mp4", "f", runtime)
    with pytest.raises(NotFound):
        media.probe(f"concat:{tmp_path}/a|{tmp_path}/b", "f", runtime)
    with pytest.raises(MediaError, match="not a file"):
        media.probe(str(tmp_path), "f", runtime)


def test_odd_names_work(film, tmp_path, runtime):
    for name in (
        "-dash.mp4",
        "a 'quoted' \"name\".mp4",
        "füür été.mp4",
        "file:odd.mp4",
        "line\nbreak.mp4",
        "100%d.mp4",
    ):
        path = tmp_path / name
        path.write_bytes(film.read_bytes())
        assert media.probe(str(path), "f", runtime)[0].duration_s == pytest.approx(16.0, abs=0.1)


def test_damage_in_the_middle_is_survived_and_told(film, tmp_path, runtime):
    data = bytearray(film.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    video = media.probe(str(path), "f", runtime)[0]
    times = []
    coverage = media.scan(video, [Want(192, 108)], lambda _, t, __: times.append(t), "pyav", runtime)
    assert len(times) > 300 and times[-1] > 15
    assert not coverage.complete and "damaged pictures" in coverage.warnings[0]


def test_a_film_that_breaks_off_is_survived_and_told(film, tmp_path, runtime):
    from tests.films import ffmpeg

    whole = tmp_path / "whole.mkv"
    ffmpeg("-i", film, "-c", "copy", whole)
    path = tmp_path / "broken off.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    video = media.probe(str(path), "f", runtime)[0]
    coverage = media.scan(video, [Want(192, 108)], lambda *_: None, "pyav", runtime)
    assert 100 < coverage.n_frames < 300
    assert any("the picture ends at" in w for w in coverage.warnings)


def test_streams_without_a_decoder_are_left_out_and_told(film, tmp_path, runtime):
    from tests.films import ffmpeg, tone

    sounding = make_film(tmp_path / "sounding.mkv", steady(50), audio=tone(2.0))
    unknown = tmp_path / "unknown codec.mkv"
    unknown.write_bytes(sounding.read_bytes().replace(b"A_AAC", b"A_ZZZ"))
    video, warnings = media.probe(str(unknown), "f", runtime)
    assert video.has_video and not video.has_audio and "no decoder" in warnings[0]
    assert list(media.sound(video, runtime)) == []
    cues = tmp_path / "cues.srt"
    cues.write_text("1\n00:00:00,100 --> 00:00:01,000\nhello\n")
    ttml = tmp_path / "ttml.mp4"
    ffmpeg("-i", film, "-i", cues, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "ttml", ttml)
    assert media.embedded_subtitles(media.probe(str(ttml), "f", runtime)[0], runtime) == []


def test_sound_may_change_its_form_on_the_way(tmp_path, runtime):
    from tests.films import ffmpeg

    parts = []
    for name, rate, channels in (("a.ts", 44_100, 1), ("b.ts", 48_000, 2)):
        source = f"sine=frequency=440:sample_rate={rate}:duration=2"
        ffmpeg("-f", "lavfi", "-i", source, "-ac", channels, "-c:a", "mp2", "-f", "mpegts", tmp_path / name)
        parts.append((tmp_path / name).read_bytes())
    changing = tmp_path / "changing.ts"
    changing.write_bytes(b"".join(parts))
    video, _ = media.probe(str(changing), "f", runtime)
    assert sum(len(block.samples) for block in media.sound(video, runtime)) >= 1.9 * 16_000


def test_the_first_frame_of_a_flash_film_can_be_asked_for(film, tmp_path, runtime):
    from tests.films import ffmpeg, number_in

    flash = tmp_path / "film.flv"
    ffmpeg("-i", film, "-c", "copy", flash)
    video, _ = media.probe(str(flash), "f", runtime)
    frames = list(media.frames_at(video, [0.0, 2.0], (192, 108), "pyav", runtime))
    assert [number_in(f.rgb) for f in frames] == [0, 50]


def test_a_film_that_ends_a_little_early_is_told_too(tmp_path, runtime):
    from tests.films import ffmpeg

    long = make_film(tmp_path / "long.mp4", steady(50 * 25), gop=25)
    whole = tmp_path / "whole.mkv"
    ffmpeg("-i", long, "-c", "copy", whole)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.96)])  # 2 of 50 s: less than one in twenty
    for path, complete in ((whole, True), (cut, False)):
        video = media.probe(str(path), "f", runtime)[0]
        assert media.scan(video, [Want(192, 108)], lambda *_: None, "pyav", runtime).complete == complete


def test_a_clock_that_starts_anew_is_told(film, tmp_path, runtime):
    from tests.films import ffmpeg

    part = tmp_path / "part.ts"
    ffmpeg("-i", film, "-t", "4", "-c", "copy", part)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(part.read_bytes() * 2)
    video = media.probe(str(twice), "f", runtime)[0]
    assert not media.scan(video, [Want(192, 108)], lambda *_: None, "pyav", runtime).complete
