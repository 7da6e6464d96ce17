"""Measures the straight line of the first release; docs/results/line.md holds what it printed.

    python docs/results/line.py questions     ten questions about a real film, written down beforehand
    python docs/results/line.py second        what a second question costs after the first
    python docs/results/line.py help          how fast the command line starts
    python docs/results/line.py kill [SEED]   kill -9 at 20 random points of a run over five films, then rerun

Everything runs through the installed command, each time in a process and a cache of its own.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from samples.fetch import film

HERE = Path(__file__).resolve().parent
VIDCOMP = str(Path(sys.executable).with_name("vidcomp"))
VOLATILE = ("seconds", "cache")  # what a run tells of itself; everything else must not depend on interruptions


def vidcomp(cache: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "VIDCOMP_CACHE_DIR": cache, "VIDCOMP_OFFLINE": "true"}
    return subprocess.run([VIDCOMP, *arguments], env=environment, capture_output=True, text=True)


def ask(cache: str, path: str, question: str) -> tuple[dict, float]:
    began = time.perf_counter()
    done = vidcomp(cache, "ask", path, question, "--json")
    took = time.perf_counter() - began
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), took


def questions() -> None:
    """The table of answers: right words, right time; and what is said to questions that the film does not answer."""
    asked = json.loads((HERE / "wanna_questions.json").read_text())
    path = str(film(asked["film"]))
    right = {"spoken": [], "written": []}
    with tempfile.TemporaryDirectory() as cache:
        for q in asked["questions"]:
            document, _ = ask(cache, path, q["question"])
            quote, evidence = document["answer"], document["evidence"]
            first = evidence[0] if evidence else None
            words = first is not None and any(_bare(w) in _bare(first["text"]) for w in q["any_of"])
            at = first is not None and first["start_s"] < q["end_s"] + 1 and first["end_s"] > q["start_s"] - 1
            right[q["kind"]].append(words and at)
            mark = "yes" if words and at else ("words" if words else "no")
            print(
                f"| {q['id']} | {q['question']} | {mark} | {document['confidence']:.2f} | {quote.replace('|', '/')} |"
            )
        refused = []
        for q in asked["unanswerable"]:
            document, _ = ask(cache, path, q["question"])
            refused.append(not document["supported"])
            mark = "refused" if refused[-1] else "answered"
            print(f"| {q['id']} | {q['question']} | {mark} | {document['confidence']:.2f} | {document['answer']} |")
    for kind, marks in right.items():
        print(f"{kind}: {sum(marks)} of {len(marks)}")
    print(f"unanswerable, refused: {sum(refused)} of {len(refused)}")


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def second() -> None:
    """Whole processes, imports included: the first question on an empty cache, then another, three times."""
    path = str(film("wanna"))
    ratios = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as cache:
            one, first_s = ask(cache, path, "Who shapes young minds?")
            two, second_s = ask(cache, path, "Which law school is thanked in the credits?")
            _, again_s = ask(cache, path, "Which law school is thanked in the credits?")
        ratios.append(second_s / first_s)
        print(f"first {first_s:.1f} s  {one['seconds']}")
        print(f"second {second_s:.1f} s  {two['seconds']}  {two['cache']}")
        print(f"second over first {ratios[-1]:.3f}; the same question again {again_s:.2f} s")
    print(f"median of second over first: {statistics.median(ratios):.3f}")


def help() -> None:
    """Medians over 21 interleaved runs, in one environment."""
    commands = {
        "import typer, rich": [sys.executable, "-c", "import typer, rich"],
        "vidcomp --help": [VIDCOMP, "--help"],
        "vidcomp methods": [VIDCOMP, "methods"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(21):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    for name, median in medians.items():
        print(f"{name}: {1000 * median:.0f} ms")
    print(f"vidcomp --help over the bare import: {medians['vidcomp --help'] / medians['import typer, rich']:.2f}")


def five_films(folder: Path) -> None:
    """Five short films with speech, text, music and none of them: so that 20 runs fit into a quarter of an hour."""
    import imageio_ffmpeg

    sources = {
        "1 harbour.mp4": (HERE.parents[1] / "samples" / "harbour.mp4", 11),
        "2 wanna.mp4": (film("wanna"), 16),
        "3 bunny.mp4": (film("bunny5"), 30),
        "4 bikes.mp4": (film("bikes"), 30),
        "5 carphone.mp4": (film("carphone"), 30),
    }
    for name, (source, seconds) in sources.items():
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(source), "-t", str(seconds)]
        subprocess.run([*command, "-c", "copy", str(folder / name)], check=True)


def kill(seed: int = 2026) -> None:
    """Each time: an empty cache, kill -9 of the process at a random moment, look for orphans, rerun, compare."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        films = Path(scratch) / "films"
        films.mkdir()
        five_films(films)
        command = ["ask", str(films), "What is this about?", "--jsonl", "-q"]
        began = time.perf_counter()
        reference = _stable(vidcomp(f"{scratch}/reference", *command).stdout)
        whole_s = time.perf_counter() - began
        print(f"an uninterrupted run takes {whole_s:.1f} s and prints {len(reference)} lines")
        same = orphans = 0
        for n in range(20):
            cache = f"{scratch}/cache"
            shutil.rmtree(cache, ignore_errors=True)
            at_s = rng.uniform(0.0, whole_s)
            left = _killed_after(at_s, cache, command)
            output = _stable(vidcomp(cache, *command).stdout)
            halves = list(Path(cache).rglob("*.part"))
            same += output == reference
            orphans += len(left) + len(halves)
            print(f"{n + 1:>2}: killed at {at_s:5.1f} s; same output: {output == reference}; left: {left + halves}")
    print(f"seed {seed}: {same} of 20 outputs are the uninterrupted run's; orphans: {orphans}")


def _killed_after(seconds: float, cache: str, command: list[str]) -> list[str]:
    """Runs the command, kills it without warning, and tells what is left: child processes, shared memory."""
    environment = {**os.environ, "VIDCOMP_CACHE_DIR": cache, "VIDCOMP_OFFLINE": "true"}
    shared = set(os.listdir("/dev/shm"))
    process = subprocess.Popen(
        [VIDCOMP, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.3)
    return _workers(cache) + sorted(set(os.listdir("/dev/shm")) - shared)


def _workers(cache: str) -> list[str]:
    """Processes that are still alive and belong to the run with that cache."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"VIDCOMP_CACHE_DIR={cache}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(f"process {folder.name}")
        except OSError:
            continue
    return found


def _stable(output: str) -> list[dict]:
    documents = [json.loads(line) for line in output.splitlines()]
    return [{key: value for key, value in d.items() if key not in VOLATILE} for d in documents]


if __name__ == "__main__":
    commands = {"questions": questions, "second": second, "help": help, "kill": kill}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*map(int, sys.argv[2:]))
