"""What kind of answer a question expects, and how a text is quoted: verbatim, and at its own moment.

The kinds are those coarse classes of Li & Roth (2002) that a rule can tell; the first rule that applies decides. They
are English: a question in another language expects anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from vidcomp.text._lexical import Rarity, Terms, coverage, terms
from vidcomp.types import TextKind, TextSpan

Fit = Callable[[str], float]

_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|\w*illions?|dozens?|half|once|twice|first|second|third|nobody|none)\b"
)
_SPAN_OF_TIME = r"seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies)"
_DISTANCE = r"\w*met(?:re|er)s?|miles?|feet|foot|inch(?:es)?|yards?|km|cm|mm|m"
_UNITS = (
    (r"how long|how much time|since when", rf"\b(?:{_SPAN_OF_TIME}|{_DISTANCE}|since)\b"),
    (r"how (?:much|many).*(?:cost|earn|pay|paid|charge)|price|costs?|fees?|salary", r"[$€£¥]|\d[.,]\d\d\b|\bfree\b|"
     r"\b(?:dollars?|euros?|pounds?|cents?|pence|yen|francs?|crowns?|rupees?)\b"),
    (r"how (?:far|tall|high|wide|deep|big|large|small)", rf"\b(?:{_DISTANCE}|acres?|hectares?|size)\b"),
    (r"how heavy|weighs?|weight", r"\b(?:tons?|tonnes?|\w*grams?|kg|kilos?|pounds?|lbs?|ounces?)\b"),
    (r"how (?:hot|cold|warm)|temperature", r"°|\bdegrees?\b"),
    (r"how (?:often|frequently)", r"\b(?:every|each|once|twice|times|daily|weekly|monthly|yearly)\b"),
    (r"how fast|speed", r"/\s?[hs]\b|\bmph\b|\b(?:per|an?) (?:hour|minute|second)\b"),
    (r"how old", r"\b(?:years?|months?|aged?)\b"),
)  # fmt: skip
_COUNTED = r"how (?:many|much)|(?:what|which) (?:year|number|percentage|date|size|force)|population"
_MOMENT = (
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|\w+day|spring|"
    rf"summer|autumn|winter|morning|noon|afternoon|evening|night|midnight|dawn|o'clock|ago|until|since|if|{_SPAN_OF_TIME})\b"
)
_COLOUR = r"\b(?:red|green|blue|yellow|orange|purple|pink|brown|black|white|gr[ae]y|gold(?:en)?|silver|violet|beige)\b"
_REASON = r"\b(?:because|since|so|to|for|due|reason|therefore|otherwise|or|cannot|fear|cause[sd]?)\b"
_WHEREABOUTS = r"\b(?:in|at|on|from|to|near|inside|outside|under|behind|across|into|here|there)\b"
_SOMEBODY = (
    r"\b(?:(?:grand)?(?:mother|father|parents)|uncle|aunt|niece|nephew|sister|brother|daughter|son|wife|husband|people|"
    r"workers?|team|company|man|woman|men|women|children|king|queen|nation|I)\b"
)
_ASKS_WRITTEN = re.compile(
    r"\b(?:written|writes?|signs?|captions?|title|poster|banner|label|on-?screen|screen|text|displayed|printed|painted|"
    r"logo|credits?|chapter|note)\b",
    re.IGNORECASE,
)
_ASKS_SPOKEN = re.compile(
    r"\b(?:says?|said|narrators?|speakers?|spoken|tells?|told|explains?|mention(?:s|ed)?|hear|heard|voice)\b",
    re.IGNORECASE,
)
_ASKS_FILM_TIME = re.compile(
    r"^\W*when (?:does|do|is|are|can)\b|\bat (?:what|which) (?:point|moment|time ?stamp|second|minute)\b|"
    r"\bwhat time in (?:the|this) (?:film|video|movie|clip)\b|\bhow far into\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w'’-]*")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+(?=\S)")
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")


def expectation(question: str) -> Fit:
    """Whether a text has what the question asks for: 1 it does, -1 it does not, 0 that is open, or in between."""
    asked = question.casefold()
    for words, unit in _UNITS:
        if re.search(rf"\b(?:{words})\b", asked):
            return _quantity(unit)
    rules = (
        (_COUNTED, _one_or_other(_NUMBER)),
        (r"when|what time|(?:what|which) day|date", _one_or_other(_MOMENT)),
        (r"colou?rs?", _one_or_other(_COLOUR)),
        (r"why|reason", _one_or_other(_REASON, 0.5)),
        (r"where|(?:what|which) (?:city|country|town|place|street|island)", _named(question, _WHEREABOUTS)),
        (r"who|whom|whose", _named(question, _SOMEBODY)),
        (r"name|named|called", _named(question, None)),
    )
    return next((fit for words, fit in rules if re.search(rf"\b(?:{words})\b", asked)), lambda text: 0.0)


def _one_or_other(pattern: str, size: float = 1.0) -> Fit:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda text: size if compiled.search(text) else -size


def _quantity(unit: str) -> Fit:
    with_unit, number = re.compile(unit, re.IGNORECASE), re.compile(_NUMBER, re.IGNORECASE)
    return lambda text: 1.0 if with_unit.search(text) else -0.5 if number.search(text) else -1.0


def _named(question: str, otherwise: str | None) -> Fit:
    """Expects a name that the question does not have; 0 where ``otherwise`` occurs, or all letters are capitals."""
    weaker = re.compile(otherwise, re.IGNORECASE) if otherwise else None

    def fit(text: str) -> float:
        if any(name.casefold() not in question.casefold() for name in _names(text)):
            return 1.0
        return 0.0 if text.isupper() or (weaker and weaker.search(text)) else -1.0

    return fit


def _names(text: str) -> list[str]:
    """The words with a capital, but not a single one that begins a sentence; none where everything is in capitals."""
    if text.isupper():
        return []
    names = []
    for match in _NAME.finditer(text):
        before, after = text[: match.start()].rstrip(), text[match.end() :]
        begins = not before or before[-1] in '.!?:"“'
        if match.group() != "I" and (not begins or re.match(r" [A-Z]", after)):
            names.append(match.group())
    return names


def source_fit(question: str, source: TextKind) -> float:
    """1 where the text is heard or read as the question says, -1 where it is the other, 0 where it does not say."""
    if _ASKS_WRITTEN.search(question):
        return 1.0 if source == "ocr" else -1.0
    if _ASKS_SPOKEN.search(question):
        return -1.0 if source == "ocr" else 1.0
    return 0.0


def asks_film_time(question: str) -> bool:
    """Whether the moment of the film is what is asked for: "when does ...", "at what point ..."."""
    return bool(_ASKS_FILM_TIME.search(question))


def sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text.strip()) if part]


def quote(text: str, wanted: Terms, rarity: Rarity, limit: int) -> str:
    """The part of ``text`` of at most ``limit`` characters that has most of ``wanted``; all of it where that fits.

    Whole sentences where they fit, else clauses, else words: always a stretch of the text as it stands, and the first
    of those that have as much.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    parts = sentences(text)
    if min(map(len, parts)) > limit:
        parts = [clause for part in parts for clause in _CLAUSE.split(part)]
    if min(map(len, parts)) > limit:
        parts = text.split(" ")
    best = max(_runs(parts, limit), key=lambda run: coverage(wanted, terms(run), rarity), default="")
    return best or cut(text, limit)


def _runs(parts: Sequence[str], limit: int) -> list[str]:
    """For each part that fits, the longest run of parts from it on that fits."""
    runs = []
    for i in range(len(parts)):
        run = ""
        for part in parts[i:]:
            longer = f"{run} {part}".strip()
            if len(longer) > limit:
                break
            run = longer
        if run:
            runs.append(run)
    return runs


def cut(text: str, limit: int) -> str:
    """The beginning of ``text`` in at most ``limit`` characters; where it is cut, an ellipsis follows a whole word."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[:limit]  # one character too many, which the ellipsis takes
    head = head[: head.rfind(" ")] if " " in head else head[:-1]
    return head.rstrip(" ,;:–—-") + "…"


def when(span: TextSpan, quoted: str) -> tuple[float, float]:
    """The interval in which ``quoted``, a part of the span's text, is said; the span's own where no words are timed."""
    spoken = [(word, "".join(word.text.split())) for word in span.words]
    whole, wanted = "".join(text for _, text in spoken), "".join(quoted.split())
    begin = whole.find(wanted)
    if not wanted or begin < 0:
        return span.start_s, span.end_s
    inside, at = [], 0
    for word, text in spoken:
        if at < begin + len(wanted) and at + len(text) > begin:
            inside.append(word)
        at += len(text)
    return inside[0].start_s, max(word.end_s for word in inside)


def clock(seconds: float) -> str:
    """``0:42``, ``12:05``, ``1:02:03``: whole seconds, rounded down, so that nothing is missed from there on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
