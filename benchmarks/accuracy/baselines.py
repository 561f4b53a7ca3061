"""Plain methods that an engine of attribution has to be ahead of, over bags of tokens.

`Training` holds reports with a label, tokens and a day · `BASELINES` maps a name to a function that prepares a
training set and returns, for the tokens of a query, one weight per label in the order of `Training.labels`.

Profiles (Jaccard, TF-IDF, BM25, naive Bayes, log-likelihood ratio) are the reports of a label taken together;
nearest neighbours and the linear SVM see every report. Nothing here looks at the query before it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Row = tuple[str, Sequence[str], int]
Weigh = Callable[[Sequence[str]], NDArray[np.float64]]

NEIGHBOURS = 5
SMOOTHINGS = (0.25, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0)
LATER_PART = 0.2


@dataclass(frozen=True)
class Training:
    """Labelled reports as columns; every matrix is derived once and kept."""

    rows: tuple[Row, ...]

    @cached_property
    def labels(self) -> list[str]:
        """The labels, sorted: the order of every array of weights."""
        return sorted({label for label, _, _ in self.rows})

    @cached_property
    def places(self) -> dict[str, int]:
        """The column of each token."""
        return {token: place for place, token in enumerate(sorted({t for _, tokens, _ in self.rows for t in tokens}))}

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """The label of each report, as its place in `labels`."""
        place = {label: number for number, label in enumerate(self.labels)}
        return np.array([place[label] for label, _, _ in self.rows], dtype=np.int64)

    @cached_property
    def shown(self) -> sparse.csr_matrix:
        """Reports by tokens, 1 where a report shows a token."""
        pairs = sorted({(row, self.places[t]) for row, (_, tokens, _) in enumerate(self.rows) for t in tokens})
        rows, columns = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
        shape = (len(self.rows), len(self.places))
        return sparse.csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=shape)

    @cached_property
    def counts(self) -> sparse.csr_matrix:
        """Labels by tokens: in how many reports of a label a token is."""
        ones = np.ones(len(self.rows))
        member = sparse.csr_matrix((ones, (self.owners, np.arange(len(self.rows)))))
        return (member @ self.shown).tocsr()

    @cached_property
    def reports(self) -> NDArray[np.float64]:
        """The number of reports of each label."""
        return np.bincount(self.owners, minlength=len(self.labels)).astype(float)

    @cached_property
    def rarity(self) -> NDArray[np.float64]:
        """The inverse document frequency of each token over profiles, smoothed."""
        holders = np.asarray((self.counts > 0).sum(axis=0)).ravel()
        return np.log((1 + len(self.labels)) / (1 + holders)) + 1

    def vector(self, tokens: Iterable[str]) -> sparse.csr_matrix:
        """A query as one row; tokens never seen in training are left out."""
        columns = sorted({self.places[token] for token in tokens if token in self.places})
        shape = (1, len(self.places))
        return sparse.csr_matrix((np.ones(len(columns)), ([0] * len(columns), columns)), shape=shape)


def training(rows: Iterable[Row]) -> Training:
    """Labelled reports ready for a baseline; those without tokens are left out."""
    return Training(tuple((label, tuple(tokens), day) for label, tokens, day in rows if tokens))


def _dense(matrix: sparse.spmatrix) -> NDArray[np.float64]:
    return np.asarray(matrix.todense()).ravel()


def _unit(matrix: sparse.spmatrix) -> sparse.csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-12)) @ matrix)


def jaccard(known: Training) -> Weigh:
    """Shared tokens over all tokens of the query and a profile."""
    profiles = (known.counts > 0).astype(float)
    sizes = np.asarray(profiles.sum(axis=1)).ravel()

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        shared = _dense(profiles @ known.vector(tokens).T)
        return shared / np.maximum(sizes + len(set(tokens)) - shared, 1)

    return weigh


def tfidf(known: Training) -> Weigh:
    """The cosine of TF-IDF vectors, term frequency 1 + log(reports)."""
    profiles = known.counts.copy()
    profiles.data = 1 + np.log(profiles.data)
    profiles = _unit(profiles @ sparse.diags(known.rarity))

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        return _dense(profiles @ _unit(known.vector(tokens) @ sparse.diags(known.rarity)).T)

    return weigh


def bm25(known: Training, saturation: float = 1.2, length: float = 0.75) -> Weigh:
    """Okapi BM25 with a profile as the document (Robertson and Zaragoza 2009)."""
    holders = np.asarray((known.counts > 0).sum(axis=0)).ravel()
    rarity = np.log(1 + (len(known.labels) - holders + 0.5) / (holders + 0.5))
    sizes = np.asarray(known.counts.sum(axis=1)).ravel()
    norm = saturation * (1 - length + length * sizes / sizes.mean())
    profiles = known.counts.tocoo()
    data = profiles.data * (saturation + 1) / (profiles.data + norm[profiles.row]) * rarity[profiles.col]
    weights = sparse.csr_matrix((data, (profiles.row, profiles.col)), shape=profiles.shape)
    return lambda tokens: _dense(weights @ known.vector(tokens).T)


def neighbours(known: Training, count: int = NEIGHBOURS) -> Weigh:
    """The sum of the TF-IDF cosines of the nearest reports, by label."""
    reports = _unit(known.shown @ sparse.diags(known.rarity))

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        likeness = _dense(reports @ _unit(known.vector(tokens) @ sparse.diags(known.rarity)).T)
        nearest = np.argsort(-likeness, kind="stable")[:count]
        return np.bincount(known.owners[nearest], likeness[nearest], minlength=len(known.labels))

    return weigh


def multinomial_bayes(known: Training, smoothing: float = 0.1) -> Weigh:
    """Multinomial naive Bayes with the number of reports as prior."""
    totals = np.asarray(known.counts.sum(axis=1)).ravel()
    unseen = np.log(smoothing) - np.log(totals + smoothing * len(known.places))
    gains = known.counts.copy()
    gains.data = np.log(gains.data + smoothing) - np.log(smoothing)
    prior = np.log(known.reports / known.reports.sum())

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        query = known.vector(tokens)
        return prior + query.nnz * unseen + _dense(gains @ query.T)

    return weigh


def complement_bayes(known: Training, smoothing: float = 0.1) -> Weigh:
    """Complement naive Bayes with normalised weights (Rennie et al. 2003)."""
    all_counts = np.asarray(known.counts.sum(axis=0)).ravel()
    totals = np.asarray(known.counts.sum(axis=1)).ravel()
    others = all_counts.sum() - totals + smoothing * len(known.places)
    base = np.log(all_counts + smoothing)
    less = known.counts.tocoo()
    data = base[less.col] - np.log(all_counts[less.col] - less.data + smoothing)
    gains = sparse.csr_matrix((data, (less.row, less.col)), shape=less.shape)
    sizes = np.abs(-np.asarray(gains.sum(axis=1)).ravel() + base.sum() - len(known.places) * np.log(others))

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        query = known.vector(tokens)
        total = -_dense(gains @ query.T) + _dense(sparse.csr_matrix(base) @ query.T)[0] - query.nnz * np.log(others)
        return -total / np.maximum(sizes, 1e-12)

    return weigh


def linear_svm(known: Training, cost: float = 1.0) -> Weigh:
    """One linear support vector machine per label over TF-IDF vectors of reports (scikit-learn's LinearSVC)."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=cost, random_state=0)
    machine.fit(_unit(known.shown @ sparse.diags(known.rarity)), known.owners)

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        margins = machine.decision_function(_unit(known.vector(tokens) @ sparse.diags(known.rarity))).ravel()
        return np.array([-margins[0], margins[0]]) if len(known.labels) == 2 else margins

    return weigh


def ratios(known: Training, smoothing: float) -> Weigh:
    """Log-likelihood ratios of each token of the query in a profile against its background, smoothed towards it."""
    background = (np.asarray(known.counts.sum(axis=0)).ravel() + 0.5) / (known.reports.sum() + 1)
    unseen = np.log(smoothing / (known.reports + smoothing))
    gains = known.counts.tocoo()
    data = np.log(gains.data / (smoothing * background[gains.col]) + 1)
    weights = sparse.csr_matrix((data, (gains.row, gains.col)), shape=gains.shape)

    def weigh(tokens: Sequence[str]) -> NDArray[np.float64]:
        query = known.vector(tokens)
        return query.nnz * unseen + _dense(weights @ query.T)

    return weigh


def tuned_ratios(known: Training) -> Weigh:
    """Log-likelihood ratios with the smoothing that ranked the latest dated fifth of the training best."""
    dated = sorted((row for row in known.rows if row[2] > 0), key=lambda row: row[2])
    cut = len(dated) - int(len(dated) * LATER_PART)
    earlier = training([*dated[:cut], *(row for row in known.rows if row[2] <= 0)])
    asked = [row for row in dated[cut:] if row[0] in set(earlier.labels)]

    def quality(smoothing: float) -> float:
        weigh = ratios(earlier, smoothing)
        return sum(1 / rank(weigh(tokens), earlier.labels.index(label)) for label, tokens, _ in asked)

    return ratios(known, max(SMOOTHINGS, key=quality) if asked else 16.0)


def rank(weights: NDArray[np.float64], right: int) -> float:
    """The rank of one label, ties sharing their mean rank."""
    above = np.count_nonzero(weights > weights[right])
    level = np.count_nonzero(weights == weights[right])
    return above + (level + 1) / 2


BASELINES: dict[str, Callable[[Training], Weigh]] = {
    "Jaccard": jaccard,
    "TF-IDF cosine": tfidf,
    "BM25": bm25,
    "kNN": neighbours,
    "multinomial naive Bayes": multinomial_bayes,
    "complement naive Bayes": complement_bayes,
    "linear SVM": linear_svm,
    "tuned LLR": tuned_ratios,
}
