"""Retrieval by words and by meaning."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidcomp.text._embed import embed
from vidcomp.text._lexical import Rarity, coverage, question_terms, terms, tfidf
from vidcomp.text.documents import count_tokens
from vidcomp.text.retrieve import Hybrid, Lexical
from vidcomp.types import Documents, Query, Runtime, TextSpan

RUNTIME = Runtime(offline=True)
MODEL = "all-MiniLM-L6-v2"

FILM = [
    TextSpan(0, 3, "The keeper of the lighthouse is called Helen.", "asr", 1.0),
    TextSpan(4, 8, "Every morning she climbs one hundred and twelve steps.", "asr", 1.0),
    TextSpan(9, 12, "RYE BREAD 3.20", "ocr", 1.0),
    TextSpan(13, 17, "In the afternoon a storm came from the north.", "asr", 1.0),
    TextSpan(18, 22, "The sailors thanked Helen with a silver whistle.", "asr", 1.0),
]


# Words.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The boats were sailing", ("boat", "sail")),
        ("two hundred and sixty degrees", ("260", "degre")),
        ("one hundred and twelve", ("112",)),
        ("thirty-one years", ("31", "year")),
        ("two thousand three hundred people", ("2300", "peopl")),
        ("9 million, nine million", ("9000000", "9000000")),
        ("1,890 and 4,051", ("1890", "4051")),
        ("at 9:45 for 4.50", ("9:45", "4.50")),
        ("nineteen eighty-four", ("19", "84")),
        ("one two three", ("1", "2", "3")),
        ("salt and five spoons", ("salt", "5", "spoon")),
        ("a hundred and", ("hundr",)),
        ("the baker's dog", ("baker", "dog")),
        ("9" * 5000, ("9" * 5000,)),
        ("", ()),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


def test_question_terms_leave_out_words_about_the_film():
    assert question_terms("What does the narrator say about the tide?") == ("tide",)
    assert question_terms("What is this film about?") == ()


def test_rarity_is_bm25s():
    rarity = Rarity([("boat", "boat"), ("boat", "storm"), ("tide",)])
    assert rarity("boat") == pytest.approx(log(1 + 1.5 / 2.5))
    assert rarity("tide") == pytest.approx(log(1 + 2.5 / 1.5))
    assert rarity("piano") == pytest.approx(log(1 + 3.5 / 0.5))


def test_coverage_is_the_rarity_weighted_share():
    rarity = Rarity([("boat", "storm"), ("boat",), ("tide",)])
    boat, storm = rarity("boat"), rarity("storm")
    assert coverage(("boat", "storm"), ("storm", "storm"), rarity) == pytest.approx(storm / (boat + storm))
    assert coverage(("boat", "storm"), ("boat", "storm", "x"), rarity) == pytest.approx(1)
    assert coverage((), ("boat",), rarity) == 0


def test_tfidf_by_hand():
    documents = [("a", "b"), ("a",), ()]
    rarity = Rarity(documents)
    a, b = rarity("a"), rarity("b")
    length = (a * a + b * b) ** 0.5
    np.testing.assert_allclose(tfidf(documents, rarity), [[a / length, b / length], [1, 0], [0, 0]], rtol=1e-6)


# Retrieval by words.


def test_lexical_scores_are_coverages_in_order_of_time():
    evidence = Lexical()(Documents(tuple(FILM)), Query("Who thanked Helen?"), RUNTIME)
    rarity = Rarity([terms(span.text) for span in FILM])
    helen, thanked = rarity("helen"), rarity("thank")
    assert [span.start_s for span in evidence.spans] == [0, 18]
    assert [span.score for span in evidence.spans] == pytest.approx([helen / (helen + thanked), 1])
    assert evidence.n_tokens == sum(count_tokens(span.text) for span in evidence.spans)


def test_lexical_uses_the_options_too():
    documents = Documents(tuple(FILM))
    without = Lexical()(documents, Query("What did they give?"), RUNTIME)
    with_options = Lexical()(documents, Query("What did they give?", ("a piano", "a silver whistle")), RUNTIME)
    assert without.spans == ()
    assert [span.start_s for span in with_options.spans] == [18]


def test_the_budget_is_filled_by_the_best_and_passes_over_what_does_not_fit():
    film = [
        TextSpan(0, 1, "storm", "asr", 1.0),
        TextSpan(1, 2, "storm north wind and very much else besides", "asr", 1.0),
        TextSpan(2, 3, "storm north", "asr", 1.0),
    ]
    documents, query = Documents(tuple(film)), Query("storm north wind?")
    for budget, starts in [(11, [0, 1, 2]), (10, [1, 2]), (9, [0, 1]), (3, [0, 2]), (2, [2])]:
        evidence = Lexical(budget_tokens=budget, min_score=0)(documents, query, RUNTIME)
        assert [span.start_s for span in evidence.spans] == starts, budget


def test_top_k_and_min_score_cut():
    documents = Documents(tuple(FILM))
    query = Query("Did the sailors thank Helen?")
    assert [span.start_s for span in Lexical(top_k=1)(documents, query, RUNTIME).spans] == [18]
    assert [span.start_s for span in Lexical(min_score=0.9)(documents, query, RUNTIME).spans] == [18]
    assert len(Lexical(min_score=0)(documents, query, RUNTIME).spans) == len(FILM)


def test_a_film_without_words():
    documents = Lexical().index([], RUNTIME)
    assert documents.spans == () and documents.vectors is None
    assert Lexical()(documents, Query("Who?"), RUNTIME).spans == ()
    documents = Hybrid(model="no such model").index([], RUNTIME)  # which is not even looked for
    assert Hybrid(model="no such model")(documents, Query("Who?"), RUNTIME).spans == ()


@given(st.lists(st.text("ab cd", min_size=1, max_size=30), max_size=8), st.integers(1, 20), st.integers(1, 5))
def test_evidence_respects_its_limits(written, budget, top_k):
    spans = tuple(TextSpan(i, i + 1, text, "ocr", 1.0) for i, text in enumerate(written))
    evidence = Lexical(budget_tokens=budget, top_k=top_k)(Documents(spans), Query("ab cd d?"), RUNTIME)
    assert evidence.n_tokens <= budget and len(evidence.spans) <= top_k
    assert all(0.1 <= span.score <= 1 for span in evidence.spans)


@pytest.mark.parametrize("fields", [{"budget_tokens": 0}, {"top_k": 0}, {"min_score": 1.5}])
def test_impossible_fields_are_refused(fields):
    for method in (Hybrid, Lexical):
        with pytest.raises(ValueError, match=next(iter(fields))):
            method(**fields)
    with pytest.raises(ValueError, match="dense_weight"):
        Hybrid(dense_weight=1.5)


# Retrieval by meaning.


@pytest.mark.weights
def test_hybrid_finds_what_shares_no_word():
    documents = Hybrid().index(FILM, RUNTIME)
    query = Query("What present did the seamen give to the woman?")
    assert Lexical()(Documents(documents.spans), query, RUNTIME).spans == ()
    evidence = Hybrid()(documents, query, RUNTIME)
    assert max(evidence.spans, key=lambda span: span.score).start_s == 18


@pytest.mark.weights
@pytest.mark.parametrize("dense_weight", [0.0, 0.3, 1.0])
def test_hybrid_mixes_cosine_and_coverage(dense_weight):
    method = Hybrid(dense_weight=dense_weight, min_score=0)
    documents, query = method.index(FILM, RUNTIME), Query("Who thanked Helen?")
    cosines = np.clip(documents.vectors @ embed([query.text], MODEL, RUNTIME)[0], 0, 1)
    covered = [span.score for span in Lexical(min_score=0)(documents, query, RUNTIME).spans]
    expected = dense_weight * cosines + (1 - dense_weight) * np.array(covered)
    np.testing.assert_allclose([s.score for s in method(documents, query, RUNTIME).spans], expected, atol=1e-6)


@pytest.mark.weights
def test_options_can_only_raise_a_score():
    method = Hybrid(min_score=0)
    documents = method.index(FILM, RUNTIME)
    alone = method(documents, Query("What costs 3.20?"), RUNTIME).spans
    chosen = method(documents, Query("What costs 3.20?", ("a fish", "rye bread")), RUNTIME).spans
    assert all(b.score >= a.score - 1e-6 for a, b in zip(alone, chosen))
    assert chosen[2].score > alone[2].score


@pytest.mark.weights
def test_hybrid_names_its_model():
    (model,) = Hybrid().models(RUNTIME)
    assert model.role == "embedding" and MODEL in model.id
    assert Lexical().models(RUNTIME) == ()


def test_hybrid_needs_vectors():
    with pytest.raises(ValueError, match="vectors"):
        Hybrid()(Documents(tuple(FILM)), Query("Who?"), RUNTIME)
