"""Terms of texts: how they are split, counted and weighed."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from scoring.terms import MAX_WORD_CHARACTERS, count_terms, grams_of, words_of

TEXTS = ["free entry now now", "call me", None, "", "free call free call"]


def test_words_come_with_the_pairs_of_neighbours():
    assert words_of("Free, entry! NOW") == ["free", "entry", "now", "free entry", "entry now"]


def test_runs_of_letters_are_those_that_scikit_learn_finds_inside_words():
    theirs = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)).build_analyzer()

    # scikit-learn also gives a word's whole where it is shorter than the run.
    assert sorted(set(grams_of("free ab"))) == sorted({gram for gram in theirs("free ab") if len(gram) > 1})


def test_what_stands_far_back_in_a_text_is_not_looked_at():
    assert words_of("a " * MAX_WORD_CHARACTERS).count("a") == MAX_WORD_CHARACTERS // 2


def test_weighed_terms_are_sublinear_tf_idf_of_length_one():
    vocabulary = {"free": 0, "call": 1, "now": 2, "free call": 3}
    column = np.array(TEXTS, dtype=object)
    vectorizer = CountVectorizer(vocabulary=vocabulary, ngram_range=(1, 2))
    counts = vectorizer.transform([text or "" for text in TEXTS])
    transformer = TfidfTransformer(sublinear_tf=True).fit(counts)

    terms = count_terms(column, vocabulary, words_of)
    scores = terms.score(transformer.idf_, np.eye(4))

    assert scores == pytest.approx(transformer.transform(counts).toarray(), abs=1e-12)


def test_texts_without_known_terms_score_nothing():
    terms = count_terms(np.array([None, "", "unknown"], dtype=object), {"free": 0}, words_of)

    assert terms.score(np.ones(1), np.ones((1, 2))).tolist() == [[0, 0]] * 3
