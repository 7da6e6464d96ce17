"""The whole line as a user meets it: the installed command, a real film, real speech and text recognition."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import jsonschema
import pytest

from tests.films import make_film, steady
from vidcomp.documents import json_schema

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "harbour.mp4"
TRUTH = json.loads((ROOT / "samples" / "harbour.json").read_text())
VIDCOMP = Path(sys.executable).with_name("vidcomp")
SCHEMA = jsonschema.Draft202012Validator(json_schema())


def vidcomp(*arguments, cwd=ROOT, stdin="", env=None):
    return subprocess.run(
        [str(VIDCOMP), *map(str, arguments)],
        cwd=cwd, input=stdin, capture_output=True, text=True, env={**os.environ, **(env or {})},
    )  # fmt: skip


def document(done):
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    SCHEMA.validate(data)
    return data


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache for the module: the first test that asks about the sample pays for it."""
    return {"VIDCOMP_CACHE_DIR": str(tmp_path_factory.mktemp("line"))}


@pytest.fixture(scope="module")
def first(cache):
    question = next(q for q in TRUTH["questions"] if q["kind"] == "spoken")
    offline = {**cache, "VIDCOMP_OFFLINE": "true"}
    return question, document(vidcomp("ask", SAMPLE, question["question"], "--json", env=offline))


def test_the_first_question_computes_everything_once(first):
    _, answer = first
    assert set(answer["cache"].values()) == {"miss"}
    assert {"probe", "segment", "sketch", "asr", "ocr", "index", "retrieve", "select", "answer"} <= set(answer["cache"])
    assert set(answer["seconds"]) == set(answer["cache"])
    assert {m["role"] for m in answer["models"]} >= {"asr", "ocr", "embedding"}
    assert answer["video"]["duration_s"] == pytest.approx(TRUTH["duration_s"], abs=0.1)
    assert not answer["warnings"] and any("pictures" in note for note in answer["notes"])


def test_a_second_question_computes_only_what_depends_on_it(first, cache):
    question = next(q for q in TRUTH["questions"] if q["kind"] == "written")
    answer = document(vidcomp("ask", SAMPLE, question["question"], "--json", env=cache))
    hits = {stage for stage, state in answer["cache"].items() if state == "hit"}
    assert hits >= {"probe", "segment", "sketch", "subtitles", "asr", "ocr", "index"}
    assert {stage for stage in answer["cache"] if stage not in hits} == {"retrieve", "score", "select", "answer"}
    again = document(vidcomp("ask", SAMPLE, question["question"], "--json", env=cache))
    assert set(again["cache"].values()) == {"hit"}
    volatile = {"seconds", "cache"}
    assert {k: v for k, v in again.items() if k not in volatile} == {
        k: v for k, v in answer.items() if k not in volatile
    }


def test_the_sample_is_answered_truly(first, cache):
    """Of its own sample's questions the demonstration must get at least three in four, at the right time."""
    right, asked = 0, [q for q in TRUTH["questions"] if q["kind"] in ("spoken", "written")]
    for q in asked:
        answer = document(vidcomp("ask", SAMPLE, q["question"], "--json", env=cache))
        top = answer["evidence"][0] if answer["evidence"] else None
        right += top is not None and top["start_s"] < q["end_s"] + 1 and top["end_s"] > q["start_s"] - 1
    assert right >= 0.75 * len(asked), f"{right} of {len(asked)}"


def test_what_the_film_does_not_say_is_not_answered(first, cache):
    asked = [q for q in TRUTH["questions"] if q["kind"] == "unanswerable"]
    answers = [document(vidcomp("ask", SAMPLE, q["question"], "--json", env=cache)) for q in asked]
    refused = [a for a in answers if not a["supported"]]
    assert len(refused) >= 0.75 * len(asked)
    assert all(not a["evidence"] for a in refused)


@pytest.mark.parametrize(
    "arguments, kind",
    [
        (["segment", SAMPLE], "shots"),
        (["transcribe", SAMPLE], "transcript"),
        (["read", SAMPLE], "transcript"),
        (["select", SAMPLE, "the ferry"], "plan"),
        (["summarize", SAMPLE], "summary"),
        (["methods"], "methods"),
        (["models", "list"], "models"),
        (["cache", "list"], "cache"),
        (["cache", "size"], "cache"),
        (["config", "show"], "config"),
        (["doctor"], "doctor"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value[:1])),
)
def test_every_command_keeps_the_schema(first, cache, arguments, kind):
    done = vidcomp(*arguments, "--json", env=cache)
    data = document(done)
    assert data["kind"] == kind
    plain = vidcomp(*arguments, env=cache)
    assert plain.returncode == 0 and plain.stdout.strip() and not plain.stdout.startswith("{")


def test_shots_are_the_true_scenes(first, cache):
    shots = document(vidcomp("segment", SAMPLE, "--json", env=cache))["shots"]
    hard = [scene["start_s"] for scene in TRUTH["scenes"][1:]]
    found = [shot["start_s"] for shot in shots[1:]]
    hit = [cut for cut in hard if any(abs(cut - f) <= 2 / 24 + 1e-6 for f in found)]
    assert len(hit) >= len(hard) - 2  # fades are the business of another segmenter


def test_subrip_comes_out_as_subrip(first, cache):
    import pysubs2

    done = vidcomp("transcribe", SAMPLE, "--srt", env=cache)
    events = pysubs2.SSAFile.from_string(done.stdout, format_="srt").events
    assert len(events) >= 5 and events[0].start >= 0


def test_the_pipe_in_the_readme_works_as_written(first, cache):
    [line] = [line.strip() for line in (ROOT / "README.md").read_text().splitlines() if "| jq" in line]
    environment = {**os.environ, **cache, "PATH": f"{VIDCOMP.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    start_s, _, text = done.stdout.strip().partition(" ")
    assert float(start_s) > 0 and text


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "text.mp4").write_text("a text\n" * 100)
    (folder / "random.mp4").write_bytes(os.urandom(50_000))
    silent = make_film(folder / "silent.mp4", steady(30))
    # Its index comes last, so there is none in half of it.
    (folder / "truncated.mp4").write_bytes(silent.read_bytes()[: silent.stat().st_size // 2])
    with wave.open(str(folder / "silence.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(64_000))
    assert silent.exists()
    return folder


@pytest.mark.parametrize(
    "arguments, code, message, hint",
    [
        (["ask", "{bad}/missing.mp4", "q?"], 4, "no such file", "path"),
        (["ask", "{bad}/empty.mp4", "q?"], 4, "it is empty", "film|file"),
        (["ask", "{bad}/text.mp4", "q?"], 4, "cannot read text.mp4", "file"),
        (["ask", "{bad}/random.mp4", "q?"], 4, "cannot read random.mp4", "file"),
        (["ask", "{bad}/truncated.mp4", "q?"], 4, "cut off before its index", "file"),
        (["ask", "{bad}/silence.wav", "q?"], 4, "nothing is said", "film"),
        (["ask", "{bad}", "q?", "--json"], 2, "--json prints one document", "--jsonl"),
        (["ask", "{bad}/silent.mp4"], 2, "no question was asked", "vidcomp ask"),
        (["ask", "{bad}/silent.mp4", " "], 2, "must not be empty", "vidcomp ask"),
        (["ask", "{bad}/silent.mp4", "q?", "-c", "one"], 2, "two options", "vidcomp ask"),
        (["ask", "{bad}/silent.mp4", "q?", "-p", "defualt"], 2, "no pipeline 'defualt'", "default"),
        (["ask", "{bad}/silent.mp4", "q?", "-s", "select.kk=3"], 2, "no field 'kk'", "k"),
        (
            ["ask", "{bad}/silent.mp4", "q?", "--cache-dir", "{bad}/text.mp4"],
            2,
            "cannot use the cache directory",
            "CACHE",
        ),
        (["ask", "{bad}/silent.mp4", "q?", "-s", "asr.model=nowhere"], 5, "nowhere", "."),
        (["ask", "{bad}/silent.mp4", "q?", "-p", "endpoint"], 2, "base_url|model", "--set"),
        (["methods", "segmnt"], 2, "no stage", "segment"),
        (["asks"], 2, "No such command", "help"),
        (["ask", "--jsn"], 2, "No such option", "help"),
    ],
    ids=lambda value: "",
)
def test_bad_input_is_one_line_and_a_hint(bad, cache, arguments, code, message, hint):
    import re

    done = vidcomp(*(a.replace("{bad}", str(bad)) for a in arguments), env=cache)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 2 and lines[0].startswith("error: ") and lines[1].startswith("hint: "), done.stderr
    assert re.search(message, lines[0]) and re.search(hint, lines[1])


def test_an_endpoint_that_is_down_is_not_a_result(bad, cache):
    arguments = ["ask", bad / "silent.mp4", "q?", "-p", "endpoint", "-s", "answer.model=m", "-s", "answer.retries=0"]
    done = vidcomp(*arguments, "-s", "answer.base_url=http://127.0.0.1:9/v1", env=cache)
    assert done.returncode == 5 and done.stdout == "" and "127.0.0.1:9" in done.stderr


def test_of_many_films_a_bad_one_stops_nothing(bad, cache):
    done = vidcomp("ask", bad, "what is it?", "--jsonl", env=cache)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        SCHEMA.validate(line)
    names = [Path(line["path"] if line["kind"] == "error" else line["video"]["path"]).name for line in lines]
    assert names == ["empty.mp4", "random.mp4", "silent.mp4", "text.mp4", "truncated.mp4"]
    assert [line["kind"] for line in lines] == ["error", "error", "answer", "error", "error"]
    assert done.returncode == 3 and done.stderr.splitlines()[-1] == "1 done, 4 failed"
    again = vidcomp("ask", bad, "what is it?", "--jsonl", env=cache)
    assert again.stdout == done.stdout and "1 of them by an earlier run" in again.stderr


def test_names_may_be_anything(bad, cache, tmp_path):
    """Bytes that are no text, and escapes that could steer a terminal; a pipe that is no film does not hang."""
    film = (bad / "silent.mp4").read_bytes()
    for name in (b"b\xff.mp4", b"c\x1b]0;pwn\x07.mp4"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(film)
    os.mkfifo(tmp_path / "d.mp4")
    done = vidcomp("ask", tmp_path, "what is it?", "--jsonl", env=cache)
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert (done.returncode, kinds) == (3, ["answer", "answer", "error"])
    text = vidcomp("ask", tmp_path, "what is it?", env=cache)
    assert "\x1b" not in text.stdout + text.stderr and "pwn" in text.stdout


def test_subtitles_beside_a_film_are_part_of_what_was_done(bad, cache, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes((bad / "silent.mp4").read_bytes())
    for colour in ("blue", "green"):
        (tmp_path / "a.srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\nThe key is {colour}.\n")
        done = vidcomp("ask", tmp_path, "Which colour is the key?", "--jsonl", env=cache)
        assert colour in json.loads(done.stdout.splitlines()[0])["answer"]
    (tmp_path / "a.srt").write_text('{"info": {}}')
    done = vidcomp("ask", tmp_path, "Which colour is the key?", "--jsonl", env=cache)
    assert done.returncode == 3 and [json.loads(x)["kind"] for x in done.stdout.splitlines()] == ["error", "answer"]


def test_nothing_heard_and_nothing_read_are_results(bad, cache):
    silent = bad / "silent.mp4"
    heard = document(vidcomp("transcribe", silent, "--json", env=cache))
    assert (heard["status"], heard["spans"]) == ("no_audio", [])
    sound = document(vidcomp("transcribe", bad / "silence.wav", "--json", env=cache))
    assert (sound["status"], sound["spans"]) == ("no_speech", [])
    answer = document(vidcomp("ask", silent, "who opens the door?", "--json", env=cache))
    assert not answer["supported"] and answer["evidence"] == []


def test_damage_is_told_every_time_and_refused_when_strict(tmp_path, cache):
    film = make_film(tmp_path / "film.mp4", steady(300))
    data = bytearray(film.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    film.write_bytes(data)
    for state in ("miss", "hit"):
        shots = document(vidcomp("segment", film, "--json", env=cache))
        assert shots["cache"]["segment"] == state and any("damaged" in w for w in shots["warnings"])
    strict = vidcomp("segment", film, "--strict", env=cache)
    assert strict.returncode == 4 and "damaged" in strict.stderr and strict.stdout == ""


def test_a_corrupt_cache_entry_is_made_again(first, cache):
    [entry] = [p for p in Path(cache["VIDCOMP_CACHE_DIR"]).glob("v1/segment/*/*.json") if "harbour" in p.read_text()]
    before = document(vidcomp("segment", SAMPLE, "--json", env=cache))["shots"]
    entry.write_bytes(entry.read_bytes()[:-30])
    again = document(vidcomp("segment", SAMPLE, "--json", env=cache))
    assert again["shots"] == before and again["cache"]["segment"] == "miss"
    assert any("damaged cache entry" in w for w in again["warnings"])


def test_a_closed_pipe_ends_quietly_and_well(bad, cache):
    missing = " ".join(f"{bad}/missing{n}" for n in range(9))
    command = f"{VIDCOMP} ask {missing} q? --jsonl -q 2>/dev/null | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env={**os.environ, **cache})
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("{")


def test_ctrl_c_is_130_and_leaves_nothing(tmp_path):
    environment = {**os.environ, "VIDCOMP_CACHE_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [VIDCOMP, "ask", SAMPLE, "q?", "-v"], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    while "finding shots" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130 and out == "" and err.strip().splitlines()[-2:][0] == "error: interrupted"


@pytest.mark.slow
def test_killed_anywhere_the_rerun_is_an_uninterrupted_run(tmp_path, cache):
    films = tmp_path / "films"
    films.mkdir()
    for name, seconds in (("a.mp4", 2), ("b.mp4", 3), ("c.mp4", 4)):
        make_film(films / name, steady(25 * seconds))
    command = [VIDCOMP, "ask", films, "what is it?", "--jsonl"]

    def run(folder, kill_after_s=None):
        environment = {**os.environ, "VIDCOMP_CACHE_DIR": str(tmp_path / folder)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            process.kill()
        out = process.communicate()[0]
        return [
            {k: v for k, v in json.loads(line).items() if k not in ("seconds", "cache")} for line in out.splitlines()
        ]

    began = time.monotonic()
    whole = run("reference")
    took = time.monotonic() - began
    assert len(whole) == 3
    for share in (0.3, 0.6, 0.9):
        run(f"killed {share}", kill_after_s=share * took)
        assert run(f"killed {share}") == whole
        assert not list((tmp_path / f"killed {share}").rglob("*.part"))


def test_a_wheel_elsewhere_works_the_same(first, cache, tmp_path):
    """Built, unpacked outside this checkout, run from another directory: the pipelines come along."""
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = tmp_path.glob("vidcomp-*.whl")
    place = tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, place], check=True)
    code = "import sys, vidcomp.cli as c\nassert str(c.__file__).startswith(sys.argv[1])\nsys.exit(c.run(sys.argv[2:]))"
    question, before = first
    command = [sys.executable, "-P", "-c", code, str(place), "ask", str(SAMPLE), question["question"], "--json"]
    environment = {**os.environ, **cache, "PYTHONPATH": str(place)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    answer = document(done)
    assert answer["answer"] == before["answer"] and set(answer["cache"].values()) == {"hit"}
    fresh = subprocess.run([*command[:5], "segment", str(SAMPLE), "--fresh"], cwd=tmp_path, env=environment)
    assert fresh.returncode == 0
