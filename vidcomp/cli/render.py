"""Documents as text for a person. Words from a film are stripped of whatever could steer a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vidcomp.text._clean import clean as plain

if TYPE_CHECKING:
    from vidcomp import documents as d

HEARD = {"asr": "said", "subtitle": "subtitled", "ocr": "written", "clip": "clip", "detection": "seen"}


def clock(seconds: float) -> str:
    """``m:ss.s``, or ``h:mm:ss.s`` from one hour on."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest / 10:04.1f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def between(start_s: float, end_s: float) -> str:
    return f"{clock(start_s)}-{clock(end_s)}"


def answer(document: d.AnswerDocument) -> str:
    lines = [plain(document.answer)]
    if document.choice is not None:
        lines.append(f"choice: {document.choice + 1}. {plain(document.choices[document.choice])}")
    if document.confidence is not None:
        lines.append(f"confidence: {document.confidence:.2f}")
    lines += ["evidence:"] if document.evidence else []
    for e in document.evidence:
        said = f"  {plain(e.text)}" if e.text else ""
        score = "" if e.score is None else f"  ({e.score:.2f})"
        lines.append(f"  {between(e.start_s, e.end_s):>17}  {HEARD[e.kind]:<9}{said}{score}")
    lines += [f"note: {plain(note)}" for note in document.notes]
    return "\n".join(lines)


def summary(document: d.SummaryDocument) -> str:
    lines = []
    for chapter in document.chapters:
        lines.append(f"{between(chapter.start_s, chapter.end_s):>17}  {plain(chapter.title)}")
        lines += [f"{'':>19}{clock(q.start_s)} {HEARD[q.source]}: {plain(q.text)}" for q in chapter.quotes]
    return "\n".join(lines)


def shots(document: d.ShotsDocument) -> str:
    return "\n".join(f"{n:>5}  {between(s.start_s, s.end_s)}" for n, s in enumerate(document.shots, start=1))


def plan(document: d.PlanDocument) -> str:
    lines = [f"{document.plan.selector} by {document.scorer}"]
    for clip in document.plan.clips:
        frames = " ".join(clock(t) for t in clip.frame_times_s)
        lines.append(f"{between(clip.start_s, clip.end_s):>17}  {clip.score:.2f}  frames at {frames}")
    return "\n".join(lines)


def transcript(document: d.TranscriptDocument) -> str:
    return "\n".join(f"{between(s.start_s, s.end_s):>17}  {plain(s.text)}" for s in document.spans)


def srt(document: d.TranscriptDocument) -> str:
    """The transcript as SubRip subtitles."""
    import pysubs2

    file = pysubs2.SSAFile()
    file.events = [
        pysubs2.SSAEvent(start=round(s.start_s * 1000), end=round(s.end_s * 1000), text=plain(s.text))
        for s in document.spans
    ]
    return file.to_string("srt").strip()


def table(rows: list[dict[str, Any]], columns: list[str]) -> str:
    """A plain table: the columns' names, then the rows, as wide as needed and no wider."""
    cells = [columns, *([plain(str(row.get(c, ""))) for c in columns] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells)
