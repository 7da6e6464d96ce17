"""The extractive answerer, on small hand-made evidence."""

from __future__ import annotations

import pytest

from vidcomp.answer import _support
from vidcomp.answer.extractive import NO_OPTION, NO_SUPPORT, NOT_LOOKED, NOTHING_NAMED, Extractive
from vidcomp.types import Clip, ClipPlan, Query, Reply, Runtime, TextEvidence, TextSpan, Video, Word

RUNTIME = Runtime(offline=True)
VIDEO = Video("film.mp4", "0" * 8, 120.0, 25.0, 3000, 0.0, 320, 240, 0, "h264", "aac")
NO_PLAN = ClipPlan((), "none")


def span(start_s: float, end_s: float, text: str, source: str = "asr", score: float = 0.6, words=()) -> TextSpan:
    return TextSpan(start_s, end_s, text, source, score, words)


def ask(question: str, *spans: TextSpan, choices=(), plan: ClipPlan = NO_PLAN, **fields) -> Reply:
    method = Extractive(**{"model": None, **fields})
    return method(VIDEO, Query(question, choices), iter(()), plan, TextEvidence(spans, 0), RUNTIME)


# What is told.


def test_it_quotes_what_is_said_with_its_time():
    reply = ask("Who keeps the lighthouse?", span(42.9, 45, "The keeper is called Helen."))
    assert reply.text == "At 0:42 it is said: “The keeper is called Helen.”"
    assert reply.supported and reply.choice is None and reply.models == ()
    (evidence,) = reply.evidence
    assert (evidence.start_s, evidence.end_s, evidence.kind) == (42.9, 45, "asr")
    assert evidence.text == "The keeper is called Helen." and evidence.score == reply.confidence


@pytest.mark.parametrize(
    ("source", "told"),
    [("asr", "it is said"), ("ocr", "it is written on screen"), ("subtitle", "the subtitles say")],
)
def test_it_says_whether_it_is_heard_or_read(source, told):
    reply = ask("What colour is the boat?", span(3700, 3702, "The boat is red and blue.", source))
    assert reply.text == f"At 1:01:40 {told}: “The boat is red and blue.”"
    assert reply.evidence[0].kind == source


def test_the_time_is_the_answer_where_it_is_asked_for():
    reply = ask("When does the storm begin?", span(65, 68, "Then at noon the storm begins."))
    assert reply.text == "At 1:05, when it is said: “Then at noon the storm begins.”"


def test_it_always_says_that_nothing_was_looked_at():
    for reply in (ask("Who?"), ask("Who sails?", span(0, 1, "It is Ann who sails.")), ask("Who?", choices=("a", "b"))):
        assert NOT_LOOKED in reply.notes


def test_no_support_is_said_plainly():
    for spans in ((), (span(0, 2, "The tide is out.", score=0.1),)):
        reply = ask("Which football team won?", *spans)
        assert (reply.text, reply.supported, reply.evidence) == (NO_SUPPORT, False, ())
        assert reply.confidence < 0.5


def test_a_question_about_the_whole_film_gets_a_hint():
    assert NOTHING_NAMED in ask("What is this film about?").notes
    assert NOTHING_NAMED not in ask("What is the tide?").notes


def test_near_support_is_quoted_too_the_best_first():
    spans = [
        span(1, 2, "A red boat sails past.", score=0.70),
        span(5, 6, "Later a blue boat sails away.", score=0.75),
        span(8, 9, "One green boat sails home.", score=0.72),
        span(9, 10, "No yellow boat sails tonight.", score=0.71),
        span(20, 21, "That boat is old.", score=0.3),
    ]
    reply = ask("Which boat sails?", *spans)
    assert [e.start_s for e in reply.evidence] == [5, 8, 9]
    assert reply.text.startswith("At 0:05 it is said: “Later")
    assert "Also at 0:08 it is said: “One green" in reply.text
    assert [e.start_s for e in ask("Which boat sails?", *spans, max_quotes=1).evidence] == [5]


def test_the_same_words_are_not_quoted_twice():
    spans = span(1, 2, "A red boat sails past."), span(30, 31, "A red boat sails past!")
    assert [e.start_s for e in ask("Which boat sails?", *spans).evidence] == [1]


def test_clips_of_the_plan_that_show_a_quote_are_evidence():
    plan = ClipPlan((Clip(0, 4, (1,)), Clip(9, 12, (9,), score=0.3), Clip(14, 20, (15,))), "topk")
    reply = ask("Who keeps the lighthouse?", span(10, 14, "The keeper is called Helen."), plan=plan)
    assert [(e.kind, e.start_s, e.end_s) for e in reply.evidence] == [("asr", 10, 14), ("clip", 9, 12)]


def test_min_support_decides():
    spans = (span(0, 2, "The keeper is called Helen.", score=0.4),)
    confidence = ask("Who keeps it?", *spans).confidence
    assert ask("Who keeps it?", *spans, min_support=confidence - 0.01).supported
    assert not ask("Who keeps it?", *spans, min_support=confidence + 0.01).supported


@pytest.mark.parametrize("fields", [{"max_quotes": 0}, {"min_support": 1.1}, {"min_choice_support": -0.1}])
def test_impossible_fields_are_refused(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        Extractive(**fields)


# What supports.


@pytest.mark.parametrize(
    ("question", "fits", "fails"),
    [
        ("How many boats are there?", "There are eleven boats.", "There are boats."),
        ("How long does it take?", "It takes forty minutes.", "It takes patience."),
        ("How much does the cake cost?", "PLUM CAKE 4.50", "It feeds 20 people."),
        ("How heavy is the anchor?", "It weighs two tonnes.", "It has 3 arms."),
        ("How hot is the oven?", "It reaches 260 degrees.", "It holds 260 loaves."),
        ("How often does it run?", "It runs every hour.", "It runs well."),
        ("In what year was it built?", "It was built in 1871.", "It was built of stone."),
        ("When was it built?", "It was built in May.", "It was built of stone."),
        ("What colour is it?", "It is dark grey.", "It is dark."),
        ("Who keeps the light?", "It is kept by Helen.", "It is kept clean."),
        ("Where do they live?", "They live near Oslo.", "They live well."),
        ("What is the ferry called?", "They named it Rosalind.", "They named it."),
        ("Why did he leave?", "He left because of the noise.", "He left."),
    ],
)
def test_the_kind_of_answer_counts(question, fits, fails):
    expected = _support.expectation(question)
    assert expected(fits) > expected(fails)
    reply = ask(question, span(0, 1, fails), span(5, 6, fits), max_quotes=1, min_support=0)
    assert reply.evidence[0].text == fits


def test_names_of_the_question_are_no_answer_and_capitals_are_no_names():
    expected = _support.expectation("Who helped Helen Ray?")
    assert expected("Then came Ann.") == 1
    assert expected("Then came Helen.") == -1
    assert expected("Nobody came. Later it rained.") == -1
    assert expected("HELEN RAY AND OTHERS") == 0


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("What is written on the sign about boats?", "ocr"),
        ("What does the caption say about boats?", "ocr"),
        ("What does the narrator say about boats?", "asr"),
        ("What is said about boats?", "asr"),
    ],
)
def test_the_source_that_is_asked_for_is_preferred(question, source):
    spoken, written = span(0, 1, "Old boats leak water."), span(5, 6, "Old boats need paint.", "ocr")
    assert ask(question, spoken, written).evidence[0].kind == source


def test_a_heading_that_repeats_the_question_is_no_answer():
    heading, news = span(0, 1, "The red boat", "ocr"), span(5, 6, "It was built on the island.")
    assert ask("What about the red boat?", heading, news, max_quotes=1).evidence[0].start_s == 5


# Options.


def test_the_option_that_the_words_have_is_chosen():
    spans = span(1, 2, "The sailors thanked Helen with a silver whistle."), span(5, 6, "A brass bell rang.")
    reply = ask("How did the sailors thank Helen?", *spans, choices=("a brass bell", "a silver whistle", "a song"))
    assert reply.choice == 1 and reply.supported
    assert reply.text.startswith("“a silver whistle” fits best. At 0:01 it is said: “The sailors")
    assert [e.start_s for e in reply.evidence] == [1]
    assert 0 < reply.confidence < 1


def test_what_all_options_share_says_nothing():
    spans = (span(1, 2, "They sailed home in the blue boat."),)
    assert ask("How did they sail?", *spans, choices=("in the red boat", "in the blue boat")).choice == 1


def test_numbers_in_words_are_numbers():
    spans = (span(1, 2, "She climbs one hundred and twelve steps."),)
    assert ask("How many steps does she climb?", *spans, choices=("102", "112", "120")).choice == 1


def test_no_option_is_said_plainly():
    for spans in ((), (span(0, 1, "The tide is out."),)):
        reply = ask("Who won the match?", *spans, choices=("the reds", "the blues"))
        assert (reply.text, reply.choice, reply.supported, reply.evidence) == (NO_OPTION, None, False, ())
        assert reply.confidence == 0


def test_options_of_stop_words_alone_do_not_fail():
    assert ask("Is it?", span(0, 1, "It is."), choices=("it is", "it is not")).choice is None


@pytest.mark.weights
def test_with_a_model_other_words_do():
    spans = span(1, 5, "At night the staff drive down, because nobody can sleep up there."), span(8, 9, "Food is free.")
    options = ("to watch a film", "to get some rest", "to buy souvenirs")
    reply = ask("Why do people leave at night?", *spans, choices=options, model=Extractive().model)
    assert reply.choice == 1
    assert [model.role for model in reply.models] == ["embedding"]
    assert ask("Why do people leave at night?", *spans, choices=options).choice is None


# How it is quoted.


def test_a_long_text_is_quoted_by_the_sentence_that_answers():
    words = tuple(Word(i, i + 1, f" {w}") for i, w in enumerate(("Bread is old. " * 30 + "Helen sails.").split()))
    text = "".join(word.text for word in words).strip()
    reply = ask("Who sails? Helen?", span(0, len(words), text, words=words))
    (evidence,) = reply.evidence
    assert evidence.text.endswith("Bread is old. Helen sails.") and len(evidence.text) <= 240
    assert evidence.text in text
    quoted = evidence.text.split()
    assert (evidence.start_s, evidence.end_s) == (len(words) - len(quoted), len(words))
