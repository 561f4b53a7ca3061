"""Which project a stripped dump is from, by the ranking that the product itself uses, across compilers.

Each file is a sample and each project a family. Packages carry each other's files: where another project holds a file
whose stripped dump is byte for byte the one asked for, no feature can choose between them, and both are right.
"""

import hashlib
from collections import Counter, defaultdict

import numpy as np
from lua_dumps import dumps
from ranks import TIE

from consilience.analyse.lua import read_dump
from consilience.analyse.lua.code_profile import dumps_profile
from consilience.attribute.code import CODE, WHOLE, Kinship
from consilience.attribute.shipped import lineage_model
from consilience.model.code import SampleCode
from consilience.model.subject import Subject

VIEWS = {
    "names and numbers": ("constant",),
    "constants: names, numbers and texts": ("constant", "string"),
    "rows of operations": ("gram",),
    "code": CODE,
    "code, strings and imports": WHOLE,
}
PAIRS = (("luajit-2.1", "lua-5.1"), ("luajit-2.1", "lua-5.4"), ("lua-5.4", "lua-5.4"))
HEAD = ("from → to", "by", "queries", "MRR", "copies right", "MRR without the file", "copies right ")
ANSWERS = ("from → to", "queries", "right", "wrong", "none of these", "of projects left out: answered")
LEFT_OUT_EVERY = 20


def samples_of(dialect, every, keep=1):
    """Path → (project, profile, digest of the dump), of each `keep`-th source that the compiler takes."""
    project_of = {path: project for project, path, _ in every}
    found = {}
    for path, made in dumps(dialect, True, [(path, text) for _, path, text in every][::keep]):
        digest = hashlib.sha256(made).hexdigest()
        found[path] = project_of[path], dumps_profile(made, [read_dump(made)], digest)[0], digest
    return found


def kinship_tables(every, keep=1):
    """The rows of HEAD and of ANSWERS, and how often the first place went to which project instead."""
    known = {name: samples_of(name, every) for name in dict.fromkeys(target for _, target in PAIRS)}
    asked = {name: samples_of(name, every, keep) for name in dict.fromkeys(first for first, _ in PAIRS)}
    rows, answers, wrong = [], [], Counter()
    for first, target in PAIRS:
        references = known[target]
        paths = sorted(references)
        samples = [SampleCode(Subject("corpus", references[path][0], "malware"), references[path][1]) for path in paths]
        kinship = Kinship(samples)
        place = {path: row for row, path in enumerate(paths)}
        holders = defaultdict(set)
        for project, _, digest in references.values():
            holders[digest].add(project)
        queries = [(path, *asked[first][path][:2]) for path in sorted(asked[first]) if path in place]
        told = {name: [[], [], [], []] for name in VIEWS}
        answered = Counter()
        for number, (path, project, profile) in enumerate(queries):
            right = [f"corpus/{each}" for each in (project, *sorted(holders[references[path][2]] - {project}))]
            cosines = kinship.cosines(profile)
            without = {name: _zeroed(each, place[path]) for name, each in cosines.items()}
            for name, channels in VIEWS.items():
                for at, these in enumerate((cosines, without)):
                    scores = kinship.similarity(profile, channels, these).families
                    for many, column in ((1, 2 * at), (len(right), 2 * at + 1)):
                        told[name][column].append(1 / rank(scores, kinship.families, right[:many]))
                if name == "constants: names, numbers and texts" and told[name][1][-1] < 1:
                    scores = kinship.similarity(profile, channels, cosines).families
                    wrong[first, target, project, kinship.families[int(np.argmax(scores))]] += 1
            _answer(answered, kinship, profile, cosines, right, number % LEFT_OUT_EVERY == 0)
        for name, columns in told.items():
            strict, copies, other, both = (f"{np.mean(column):.4f}" for column in columns)
            rows.append([f"{first} → {target}", name, len(queries), strict, copies, other, both])
        answers.append(
            [
                f"{first} → {target}",
                len(queries),
                *(f"{answered[each] / len(queries):.3f}" for each in ("right", "wrong", "none")),
                f"{answered['false']} of {answered['left out']}",
            ]
        )
    return rows, answers, wrong


def rank(scores, families, right):
    """The rank of the best of the right families; others that are level with it give the mean rank."""
    rows = [families.index(each) for each in right]
    mine = scores[rows].max()
    others = np.ones(len(scores), dtype=bool)
    others[rows] = False
    ahead = int((scores[others] > mine + TIE).sum())
    return 1 + ahead + int((np.abs(scores[others] - mine) <= TIE).sum()) / 2


def _zeroed(cosines, row):
    changed = cosines.copy()
    changed[row] = 0.0
    return changed


def _answer(answered, kinship, profile, cosines, right, leave_out):
    """What the product would answer: a family, or none; and with the right one left out, whether it answers at all."""
    rule = lineage_model().whole
    likeness = kinship.similarity(profile, WHOLE, cosines)
    probabilities, none = rule.probabilities(likeness)
    if 1 - none < rule.answered:
        answered["none"] += 1
    else:
        answered["right" if kinship.families[int(np.argmax(probabilities))] in right else "wrong"] += 1
    if leave_out:
        rest = kinship.without(right[0])
        answered["left out"] += 1
        answered["false"] += rule.known(rest.similarity(profile, WHOLE)) >= rule.answered
