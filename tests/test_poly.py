"""Generators: one object for each data, whoever makes it, and printed in a way that no other has."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from copy import copy, deepcopy
from pickle import dumps, loads

import pytest

from symderiv.proof.poly import GENERATORS, Gen, Kind, Poly, Sign, number, single

n, m = (single(Gen(Kind.SCALAR, name, sign=Sign.COUNT)) for name in "nm")
i = Gen(Kind.INDEX, "i", (number(1), n))
to_sum, to_double = (Gen(Kind.INDEX, "i", (number(1), end)) for end in (n + m, n + n))


def entry(*at: Poly, sign: Sign = Sign.UNKNOWN) -> Gen:
    return Gen(Kind.ELEMENT, "x", at, sign=sign)


def test_what_is_made_of_the_same_is_the_same():
    assert entry(single(i) + n) is entry(n + single(i))
    assert single(entry(n)) == single(entry(n))
    assert hash(single(entry(n)) + m) == hash(m + single(entry(n)))


@pytest.mark.parametrize("again", [copy, deepcopy, lambda gen: loads(dumps(gen))], ids=["copied", "copied deep", "pickled"])
def test_a_generator_that_goes_through_a_copy_is_itself(again):
    gen = Gen(Kind.SUM, "", (single(entry(single(i))),), vars=(i,))
    assert again(gen) is gen


def test_threads_that_make_one_at_once_have_one():
    with ThreadPoolExecutor(8) as pool:
        made = [list(gens) for gens in zip(*pool.map(lambda _: [entry(number(k)) for k in range(500)], range(8)), strict=True)]
    assert all(len({id(gen) for gen in gens}) == 1 for gens in made)


def test_what_nobody_holds_is_forgotten():
    def known():
        return [gen for gen in GENERATORS.values() if gen.head == "held"]

    held = [Gen(Kind.INDEX, "held", (number(k), n)) for k in range(100)]
    assert all(gen in gen.free for gen in held)
    assert len(known()) == 100
    del held
    gc.collect()
    assert not known()


DIFFERENT = [
    # about                                       one                                     other
    ("what is known of its sign",                 entry(n),                               entry(n, sign=Sign.POSITIVE)),
    ("the range of an index",                     entry(single(i)),                       entry(single(to_sum))),
    ("an end that is a sum",                      entry(single(to_sum)),                  entry(single(i) + m)),
    ("an end that has a factor",                  entry(single(to_double)),               entry(single(i).scaled(2))),
    ("a range that begins at an index",           Gen(Kind.INDEX, "j", (single(i), m)),   Gen(Kind.INDEX, "j", (single(i) + m, m))),
    ("a scalar that is named as an entry",        entry(n),                               Gen(Kind.SCALAR, "x[n]")),
    ("a scalar that is named as an index",        i,                                      Gen(Kind.SCALAR, "i∈1..n")),
    ("a scalar that is named as a function",      Gen(Kind.EXP, "", (n,)),                Gen(Kind.SCALAR, "exp(n)")),
    ("a scalar that is named as a name in print", Gen(Kind.SCALAR, "π"),                  Gen(Kind.SCALAR, "'π'")),
    ("a function and a kind",                     Gen(Kind.FUNCTION, "sin", (n,)),        Gen(Kind.FUNCTION, "tan", (n,))),
]  # fmt: skip


@pytest.mark.parametrize(("about", "one", "other"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_what_is_made_of_something_else_is_another(about, one, other):
    assert one is not other
    assert one != other
    assert single(one) != single(other)
    assert not (single(one) - single(other)).is_zero
    assert (one.key == other.key) == (about == "what is known of its sign"), "two in one computation have two places in the order"
