"""The trace is the code, or refuses: what NumPy does with types, memory and errors is traced as it is, or said not to be known.

Each row compares code with a formula. Where they differ, this was once proved equal, or could be; where they are the same, it was refused.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import collections
import contextlib
import functools
import itertools
import random
from random import random as drawn

import numpy as np
import pytest

from symderiv.code.outcome import lines
from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.errors import TraceError
from symderiv.tracing.trials import Found

ARRAYS = {  # for a look at what the code of a row does
    "N": {"x": (4,), "b": (4,), "y": 4},
    "N, D": {"x": (3, 2), "b": (2,), "c": (3,)},
}

# a refusal is final


def swallowed_by_except(x):
    try:
        z = np.fmod(x, 100)
    except Exception:
        z = x
    return z


def swallowed_by_a_bare_except(x):
    try:
        return np.sort(x)
    except:  # noqa: E722
        return x


def swallowed_by_return(x):
    z = x
    try:
        z = np.sort(x)
    finally:
        return z  # noqa: B012


def swallowed_by_suppress(x):
    z = x
    with contextlib.suppress(Exception):
        z = np.sort(x)
    return z


def swallowed_in_a_helper(x):
    def helper(v):
        try:
            return np.minimum(v, 9) if len(v) > 3 else v
        except Exception:
            return v

    return helper(x)


def swallowed_by_a_loop(x):
    for way in (np.sort, np.copy):
        try:
            return way(x)
        except Exception:
            continue
    return x


def swallowed_wrong_argument(x):
    try:
        return x.sum(initial=5)
    except TypeError:
        return x.sum()


def swallowed_operator(x):
    try:
        return divmod(x, 2)[1]
    except TypeError:
        return x


def swallowed_method(x):
    try:
        return x.real + np.maximum(x - 9, 0)
    except AttributeError:
        return x


def asked_for_a_protocol(x):
    return np.minimum(x, 9) if hasattr(x, "__array__") else x


def asked_for_a_method(x):
    return getattr(x, "cumprod", lambda axis: x)(0)


def asked_for_memory(x):
    return np.minimum(x, 9) if hasattr(x, "data") else x


def asked_for_a_view(x):
    return x.view(np.int64) * 1.0


def asked_for_flags(x):
    return x if x.flags.c_contiguous else x * 2


def bits_of_a_size(x):
    return x * (x.shape[0] & 1)


def by_identity(x):
    return x if id(x) % 2 else x * 2


def by_text(x):
    return x if f"{x.shape[0]}".startswith("<") else x * 2


def by_type_itself(x):
    return x if x.dtype.type is np.float64 else x * 2


def by_value_in_a_set(x):
    return x * 2 if 0.0 in {float(x.sum())} else x


def shape_set(x):
    try:
        x.shape = (-1, 1)
    except AttributeError:
        return x
    return x[:, 0] * 2


def by_type_of_the_larger(x):
    s = max(0, x.sum())
    return np.minimum(s, 9) if isinstance(s, np.generic) else s


def swallowed_by_a_context(x):
    class Quiet:
        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return True

    with Quiet():
        x = np.sort(x)
    return x  # noqa: RET504


def swallowed_by_a_generator(x):
    def ways():
        try:
            yield np.sort(x)
        except Exception:
            yield x

    return next(ways())


REFUSED = {
    swallowed_by_except:        "np.fmod is not known here",
    swallowed_by_a_bare_except: "np.sort is not known here",
    swallowed_by_return:        "np.sort is not known here",
    swallowed_by_suppress:      "np.sort is not known here",
    swallowed_in_a_helper:      "a branch on whether N > 3, which depends on the size",
    swallowed_by_a_loop:        "np.sort is not known here",
    swallowed_wrong_argument:   "with where= or initial= is not known here",
    swallowed_operator:         "divmod\\(\\) of <array of shape \\(N,\\)> is not known here",
    swallowed_method:           "a symbolic array has no method real",
    asked_for_a_protocol:       "a symbolic array has no method __array__",
    asked_for_a_method:         "a symbolic array has no method cumprod",
    asked_for_memory:           "x.data, the memory of an array: use the array itself, or a copy",
    asked_for_a_view:           "int64",
    asked_for_flags:            "a symbolic array has no method flags",
    bits_of_a_size:             "bitwise_and of whole numbers, whose bits are not known",
    by_identity:                "id\\(\\) of a value",
    by_text:                    "the text of <N>, which is symbolic; it can be printed, or stand in an error",
    by_value_in_a_set:          "a dict or set with Sum",
    shape_set:                  "x.shape = ...: make a new array",
    by_type_of_the_larger:      "the type of a value, which depends on the values",
    swallowed_by_a_context:     "np.sort is not known here",
    swallowed_by_a_generator:   "np.sort is not known here",
}  # fmt: skip


@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f.__name__)
def test_a_refusal_is_final(function):
    with pytest.raises(TraceError, match=REFUSED[function]) as error:
        prove_equivalent(function, lambda x: x, {"x": "N"})
    assert f"{__file__}:" in str(error.value)


def sure(x):
    """What NumPy has not, or refuses, is sure: x is an array, whatever its size."""
    try:
        x = x.detach()
    except AttributeError:
        x = x * 2
    try:
        return x.sum().nonsense
    except AttributeError:
        pass
    if hasattr(x, "iloc") or hasattr(x.sum(), "__len__") or getattr(x, "todense", None) is not None:
        return x
    try:
        len(x.sum())
    except TypeError:
        return x * 2
    return x


def test_what_is_sure_may_be_swallowed():
    (result,) = prove_equivalent(sure, lambda x: 4 * x, {"x": "N"})
    assert result.verdict == "proved"


# types


def kind_of_a_sum(x):
    s = x.sum()
    return s * (1, 2, 4, 8)[isinstance(s, np.generic) + 2 * isinstance(s, np.ndarray)]


def kinds_matched(x):
    match x.sum():
        case np.ndarray():
            return x
        case float():
            return x * 2
    return x * 3


@functools.singledispatch
def dispatched(x):
    return x


@dispatched.register
def _(x: np.ndarray):
    return x * 2


TYPES = {
    # what it was                 the code                                                              what it gives
    "isinstance of an array":     (lambda x: np.minimum(x, 9) if isinstance(x, np.ndarray) else x,       lambda x: np.minimum(x, 9)),
    "isinstance of a sum":        (kind_of_a_sum,                                                        lambda x: 2 * x.sum()),
    "np.generic":                 (lambda x: np.minimum(x.sum(), 9) if isinstance(x.sum(), np.generic) else x.sum(), lambda x: np.minimum(x.sum(), 9)),
    "an exact type":              (lambda x: x if type(x.sum()) in (np.float32, np.float64) else 2 * x,  lambda x: x),
    "a type called":              (lambda x: x if np.float64(1.5) * x is None else np.float64(x.sum()) * x, lambda x: x.sum() * x),
    "np.floating":                (lambda x: x if isinstance(x.sum(), (int, np.floating)) else 2 * x,    lambda x: x),
    "a float is no array":        (lambda x: x if isinstance(x.sum(), (np.ndarray, list)) else 2 * x,    lambda x: 2 * x),
    "float()":                    (lambda x: x if isinstance(float(x.sum()), np.generic) else 2 * x,     lambda x: 2 * x),
    "item()":                     (lambda x: x if type(x.sum().item()) is float else 2 * x,              lambda x: x),
    "type of an array":           (lambda x: x if type(x) is np.ndarray else 2 * x,                      lambda x: x),
    "type of a sum":              (lambda x: x if type(x.sum()) is np.float64 else 2 * x,                lambda x: x),
    "type of a whole sum":        (lambda x: x if type((x > 0).sum()) is np.int64 else 2 * x,            lambda x: x),
    "__class__":                  (lambda x: x if x.__class__ is np.ndarray else 2 * x,                  lambda x: x),
    "match":                      (kinds_matched,                                                        lambda x: 2 * x),
    "singledispatch":             (lambda x: dispatched(x * 1),                                          lambda x: 2 * x),
    "isscalar":                   (lambda x: x if np.isscalar(x.sum()) and not np.isscalar(x) else 2 * x, lambda x: x),
    "isscalar of a 0-d array":    (lambda x: x if np.isscalar(np.asarray(x.sum())) else 2 * x,           lambda x: 2 * x),
    "ndim":                       (lambda x: x if np.ndim(x) == 1 and np.ndim(x.sum()) == 0 else 2 * x,  lambda x: x),
    "callable":                   (lambda x: x if callable(x) else 2 * x,                                lambda x: 2 * x),
    "dtype":                      (lambda x: x if x.dtype == np.float64 else 2 * x,                      lambda x: x),
    "another dtype":              (lambda x: x if x.astype(np.float32).dtype == np.float64 else 2 * x,   lambda x: 2 * x),
    "where gives an array":       (lambda x: x if isinstance(np.where(x.sum() > 0, 1.0, 2.0), np.ndarray) else 2 * x, lambda x: x),
    "asarray gives an array":     (lambda x: x if isinstance(np.asarray(x.sum()), np.ndarray) else 2 * x, lambda x: x),
    "a size is an int":           (lambda x: x if type(x.shape[0]) is int and isinstance(len(x), int) else 2 * x, lambda x: x),
    "a shape is a tuple":         (lambda x: x if type(x.shape) is tuple else 2 * x,                     lambda x: x),
    "a range":                    (lambda x: x if isinstance(range(len(x)), range) else 2 * x,           lambda x: x),
    "which function it is":       (lambda x, f=np.tanh: x if f is np.tanh and f == np.tanh else 2 * x,   lambda x, f=np.tanh: x),
    "its name":                   (lambda x: x if np.add.__name__ == "add" and np.add.nin == 2 else 2 * x, lambda x: x),
    "the attribute of a size":    (lambda x: x if hasattr(x.shape[0], "ndim") else 2 * x,                lambda x: 2 * x),
}  # fmt: skip


def test_types_that_stand_for_themselves_are_compared_by_what_they_are():
    with pytest.raises(TraceError, match="by_type_itself compares types by `is`: write ==, or isinstance"):
        prove_equivalent(by_type_itself, lambda x: x, {"x": "N"})


@pytest.mark.parametrize("name", TYPES)
def test_types_are_those_that_numpy_gives(name):
    one, other = TYPES[name]
    (result,) = prove_equivalent(one, other, {"x": "N"})
    assert result.verdict == "proved"
    assert np.array_equal(one(np.arange(20.0)), other(np.arange(20.0)))


# memory


def accumulated(x):
    loss = np.zeros(())
    total = loss
    loss += np.maximum(x - 9, 0).sum()
    return total


def by_dots(x):
    y = x * 1
    t = y[..., 0]
    t += np.maximum(x - 9, 0).sum()
    return y


def by_empty_key(x):
    total = np.zeros(())
    s = total[()]
    s += x.sum()  # a number: total stays
    return total


def part_of_a_part(x):
    y = x * 1
    y[1:][:-1][...] += 1
    return y


def turned_part(x):
    y = x * 1
    y.T[0] += 7
    return y


def reshaped_part(x):
    y = x * 1
    y.reshape(-1)[:] += 7
    return y


def ravelled_part(x):
    y = x * 1
    y.ravel()[...] *= 2
    return y


def squeezed_part(x):
    y = x[:, None] * 1
    y.squeeze(1)[...] *= 2
    return y[:, 0]


def copied_by_flatten(x):
    y = x * 1
    y.flatten()[...] = 0
    return y


def copied_by_astype(x):
    y = x.astype(np.float32, copy=False)
    y[y > 9] = 9
    return x


def copied_by_asarray(x):
    y = np.asarray(x, dtype=np.float32)
    y += 1
    return x


def shared_by_asarray(x):
    y = np.asarray(x, dtype=np.float64)
    y += 1
    return x


def shared_by_astype(x):
    y = x.astype(float, copy=False)
    y += 1
    return x


def shared_by_nan_to_num(x):
    y = np.nan_to_num(x, copy=False)
    y[y > 9] = 9
    return x


def copied_by_nan_to_num(x):
    y = np.nan_to_num(x)
    y += 1
    return x


def copied_by_positions(x):
    y = x * 1
    z = y[np.arange(len(x))]
    z += 1
    return y


def named_part(x):
    y = np.zeros_like(x)
    part = y[1:]
    part += 1
    part *= x[1:]
    return y


def stale(x):
    y = x * 1
    turned = y.T
    y *= 2
    return turned.T


def exchanged(x):
    y = x * 1
    y[0], y[1] = y[1] * 1, y[0] * 1
    return y


def overlapping(x):
    y = np.zeros(len(x) + 1)
    y[1:] += x
    y[:-1] += x
    return y


def backwards(x):
    y = x * 1
    y[::-1] += x
    return y


def in_a_loop(x):
    y = np.zeros((2, len(x)))
    for row in y:
        row += x
    return y.sum(axis=0)


def given_out(x):
    y = x * 1
    np.add(y, 1, out=y[...])
    return y


def given_out_of_turned(x):
    y = x * 1
    np.multiply(y.T, 2, out=y.T)
    return y


def filled(x):
    y = x * 1
    y[1:].fill(3)
    return y


def copied_to(x):
    y = x * 1
    np.copyto(y, 9, where=x > 9)
    np.copyto(y[:1], x[:1])
    return y


def viewed(x):
    y = x * 1
    y.view()[...] = 3
    return y


def by_name(x):
    y = x
    y += np.maximum(x, 9)  # the argument itself
    return x


MEMORY = {
    # what it was               the code               what it gives                                                  shapes
    accumulated:             (lambda x: np.maximum(x - 9, 0).sum(),                              "N"),
    by_empty_key:            (lambda x: 0.0 * x.sum(),                                           "N"),
    turned_part:             (lambda x: x + 7 * (np.arange(x.shape[1]) == 0),                    "N, D"),
    reshaped_part:           (lambda x: x + 7,                                                   "N, D"),
    ravelled_part:           (lambda x: 2 * x,                                                   "N, D"),
    squeezed_part:           (lambda x: 2 * x,                                                   "N"),
    copied_by_flatten:       (lambda x: x,                                                       "N, D"),
    copied_by_astype:        (lambda x: x,                                                       "N"),
    copied_by_asarray:       (lambda x: x,                                                       "N"),
    shared_by_asarray:       (lambda x: x + 1,                                                   "N"),
    shared_by_astype:        (lambda x: x + 1,                                                   "N"),
    shared_by_nan_to_num:    (lambda x: np.where(x > 9, 9, x),                                   "N"),
    copied_by_nan_to_num:    (lambda x: x,                                                       "N"),
    copied_by_positions:     (lambda x: x,                                                       "N"),
    named_part:              (lambda x: np.where(np.arange(len(x)) > 0, x, 0),                   "N"),
    stale:                   (lambda x: 2 * x,                                                   "N, D"),
    exchanged:               (lambda x: x[[1, 0, 2]],                                            "3"),
    overlapping:             (lambda x: np.pad(x, (1, 0)) + np.pad(x, (0, 1)),                   "N"),
    backwards:               (lambda x: x + x[::-1],                                             "N"),
    in_a_loop:               (lambda x: 2 * x,                                                   "N"),
    given_out:               (lambda x: x + 1,                                                   "N"),
    given_out_of_turned:     (lambda x: 2 * x,                                                   "N, D"),
    filled:                  (lambda x: np.where(np.arange(len(x)) > 0, 3, x),                   "N"),
    copied_to:               (lambda x: np.where((x > 9) & (np.arange(len(x)) > 0), 9, x),       "N"),
    viewed:                  (lambda x: 0 * x + 3,                                               "N"),
    by_name:                 (lambda x: x + np.maximum(x, 9),                                    "N"),
    part_of_a_part:          (lambda x: x + (np.arange(5) > 0) * (np.arange(5) < 4),             "5"),
}  # fmt: skip


@pytest.mark.parametrize("function", MEMORY, ids=lambda f: f.__name__)
def test_memory_is_shared_as_numpy_shares_it(function):
    other, shapes = MEMORY[function]
    (result,) = prove_equivalent(function, other, {"x": shapes})
    assert result.verdict == "proved"
    given = np.arange(6.0).reshape(3, 2) * 7 if "," in shapes else np.arange(float(shapes) if shapes.isdigit() else 4.0) * 7
    assert np.array_equal(function(given.copy()), other(given.copy()))


def viewed_by_einsum(x):
    y = np.einsum("ij", x)
    y[...] = 0
    return x * 1


def turned_and_reshaped(x):
    y = x.T.reshape(-1)
    y += 1
    return x * 1


def read_only(x):
    y = np.broadcast_to(x, (2, len(x)))
    y[0] = 1
    return y


def read_only_diagonal(x):
    d = np.diag(x)
    d[0] = 1
    return x


UNKNOWN_MEMORY = {
    viewed_by_einsum:     (rf"whether this shows the memory of an array that was changed at {__file__}:\d+ is not known for every size", "N, D"),
    turned_and_reshaped:  (rf"whether this shows the memory of an array that was changed at {__file__}:\d+ is not known for every size", "N, D"),
    read_only:            ("read-only|how it shows that is not known", "N"),
    read_only_diagonal:   ("read-only|how it shows that is not known", "N, N"),
}  # fmt: skip


@pytest.mark.parametrize("function", UNKNOWN_MEMORY, ids=lambda f: f.__name__)
def test_memory_that_may_be_shared_is_refused_where_that_counts(function):
    message, shapes = UNKNOWN_MEMORY[function]
    with pytest.raises(TraceError, match=message):
        prove_equivalent(function, lambda x: x * 1, {"x": shapes})


def test_what_may_be_shared_can_be_used():
    (result,) = prove_equivalent(lambda x: np.einsum("ij", x) + x.T.reshape(-1).sum(), lambda x: x + x.sum(), {"x": "N, D"})
    assert result.verdict == "proved"


# kinds of numbers


def counted(x):
    c = np.zeros(x.shape, dtype=int)
    np.greater(x, 9, out=c)
    return c + c


def position_put(x):
    k = np.zeros((), dtype=int)
    np.argmax(np.append(x - 9, 0), out=k)
    return 1.0 * k


def in_place_or(x):
    m = x > 9
    m |= x < 0
    return m * 1.0


KINDS = {
    # what it was                       the code                                             what it gives                                             shapes
    "a comparison into numbers":        (counted,                                             lambda x: 2 * (x > 9),                                    "N"),
    "a position put":                   (position_put,                                        lambda x: 1.0 * np.argmax(np.append(x - 9, 0)),           "3"),
    "conditions added as floats":       (lambda x: np.add(x > 9, x > 9, dtype=float),         lambda x: 2.0 * (x > 9),                                  "N"),
    "conditions added":                 (lambda x: ((x > 9) + (x > 9)) * 1.0,                 lambda x: 1.0 * (x > 9),                                  "N"),
    "conditions in place":              (in_place_or,                                         lambda x: 1.0 * ((x > 9) | (x < 0)),                      "N"),
    "short numbers in their range":     (lambda x: x * (2 * (x > 9).astype(np.uint8)),        lambda x: 2 * x * (x > 9),                                "N"),
    "short numbers with a sign":        (lambda x: x * (1 - 2 * (x > 9).astype(np.int8)),     lambda x: np.where(x > 9, -x, x),                         "N"),
    "numbers counted in":               (lambda x: x[:, np.arange(4) ^ 1],                    lambda x: x[:, [1, 0, 3, 2]],                             "N, 4"),
    "their lowest bits":                (lambda x: x * (np.arange(4) & 1),                    lambda x: x * [0, 1, 0, 1],                               "N, 4"),
    "bits set":                         (lambda x: x * (np.arange(4) | 1),                    lambda x: x * [1, 1, 3, 3],                               "N, 4"),
    "bits turned":                      (lambda x: x * ~np.arange(4),                         lambda x: x * [-1, -2, -3, -4],                           "N, 4"),
    "bits moved":                       (lambda x: x * (np.arange(4) << 1) + (np.arange(4) >> 1), lambda x: x * [0, 2, 4, 6] + [0, 0, 1, 1],            "N, 4"),
    "bits of flags":                    (lambda x: x * ((x > 9).astype(int) ^ 1),             lambda x: x * (x <= 9),                                   "N"),
    "numbers times two by bits":        (lambda x: x * (np.arange(len(x)) << 1),              lambda x: 2 * x * np.arange(len(x)),                      "N"),
    "a roll by more than there are":    (lambda x: np.roll(x, -6),                            lambda x: x[[2, 3, 0, 1]],                                "4"),
    "a slice by more than there are":   (lambda x: x[-9:] + x[:9],                            lambda x: 2 * x,                                          "4"),
    "conditions counted":               (lambda x: x * np.sum(x > 9, dtype=float),            lambda x: x * (x > 9).sum(),                              "N"),
    "a larger one of two":              (lambda x: max(0, x.sum()) * x,                       lambda x: np.maximum(x.sum(), 0) * x,                     "N"),
    "whole ones":                       (lambda x: np.full(len(x), 1) * x,                    lambda x: x,                                              "N"),
    "a function by numbers":            (lambda x: np.vectorize(np.tanh)(x),                  lambda x: np.tanh(x),                                     "N"),
    "a whole quotient":                 (lambda x: x * (np.arange(4) // 2),                   lambda x: x * [0, 0, 1, 1],                               "N, 4"),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_numbers_are_of_the_kind_that_numpy_gives(name):
    one, other, shapes = KINDS[name]
    (result,) = prove_equivalent(one, other, {"x": shapes})
    assert result.verdict == "proved"


def put_into_whole_numbers(x):
    y = np.zeros(len(x), dtype=int)
    y += x
    return y


def half_added(x):
    y = np.full(len(x), 1)
    y += 0.5
    return y * x


def minus_a_condition(x):
    return -(x > 9) * x


def difference_of_conditions(x):
    return ((x > 9) - (x > 0)) * x


def masks_that_do_not_fit(x):
    y = x * 1
    y[(x.sum(axis=0) > 0)[None, :]] = 0
    return y


def grown_in_place(x):
    y = x.sum(axis=0)
    y += x
    return y


def rounded_to_half(x):
    return x.astype(np.float16)


def wrapped(x):
    return x * (1 - 2 * (x > 9).astype(np.uint8))


def wrapped_down(x):
    return x * (np.arange(len(x), dtype=np.uint32) - 1)


def wrapped_up(x):
    return x * (np.arange(4, dtype=np.int8) * 100)


def negative_power(x):
    return x * np.arange(1, 5) ** -1


def summed_where(x):
    return np.add(x, 1, where=x > 9, out=x)


def columns_first(x):
    return x.reshape(-1, order="F")


def number_by_number(x):
    return np.vectorize(lambda v: v + np.maximum(np.sum(v) - 99, 0))(x)


def drawn_from_a_seed(x):
    np.random.seed(0)
    return x * (np.random.rand(4) > 0.5)


def drawn_from_a_generator(x):
    return x * np.random.default_rng(0).normal()


def drawn_by_python(x):
    return x * random.random()


def out_of_range(x):
    return x[7]


def too_large(x):
    return x * (np.array([10]) ** 20)


def summed_up_without_an_axis(x):
    return np.cumsum(x)


def added_to_a_list(x):
    total = [0, 0]
    np.add.at(total, [0], x[0])
    return x


def a_number_of_a_mask(x):
    return x * float(x[x > 0])


def a_method_of_what_is_unknown(x):
    return np.nextafter.outer(x, x)


def too_wide_a_border(x):
    return np.pad(x, (1, 2, 3))


def complex_by_a_short_name(x):
    return x.astype("cdouble")


def of_no_type(x):
    return x.astype("numbers")


def drawn_by_a_name(x):
    return x * drawn()


def divided_by_zero(x):
    return x * (np.arange(len(x)) // np.arange(len(x)))


def added_through_a_mask(x):
    """It was refused as a TypeError of SymPy's."""
    y = np.zeros_like(x)
    np.add.at(y, x > 0, 1.0)
    return y


def added_at_true(x):
    """It was added at the second entry: True counted as 1."""
    y = np.zeros_like(x)
    np.add.at(y, True, 1.0)
    return y


REFUSED_KINDS = {
    put_into_whole_numbers:   ("floats put in place of ints", "N"),
    half_added:               ("floats put in place of ints", "N"),
    minus_a_condition:        ("negative of conditions, which NumPy refuses", "N"),
    difference_of_conditions: ("subtract of conditions, which NumPy refuses", "N"),
    masks_that_do_not_fit:    (r"a mask of shape \(1, D\) for an array of shape \(N, D\)", "N, D"),
    grown_in_place:           (r"\(N, D\) has more axes than", "N, D"),
    rounded_to_half:          ("float16, which is rounded to three digits", "N"),
    wrapped:                  ("whole numbers of type uint8, which wrap around below 0 or above 255", "N"),
    wrapped_down:             ("whole numbers of type uint32, which wrap around below 0", "N"),
    wrapped_up:               ("whole numbers of type int8, which wrap around", "4"),
    negative_power:           ("Integers to negative integer powers are not allowed|whole number", "4"),
    added_through_a_mask:     (r"np.add.at through a mask: write x\[mask\] \+= values", "N"),
    added_at_true:            (r"np.add.at through a mask: write x\[mask\] \+= values", "4"),
    summed_where:             ("where= is not known here: use np.where", "N"),
    columns_first:            ("only rows first", "N, D"),
    summed_up_without_an_axis: ("cumsum over all axes: name one axis", "N, D"),  # which said that an axis is a whole number, not None
    added_to_a_list:          ("what is written to is of type list, and no array", "N"),  # each of these four failed by an error of ours
    a_number_of_a_mask:       ("a mask takes out as many entries as the values say", "N"),
    a_method_of_what_is_unknown: ("np.nextafter.outer is not known here", "N"),
    too_wide_a_border:        ("a width, a pair of them, or a pair for each of 2 axes", "N, D"),
    complex_by_a_short_name:  ("the type cdouble: real numbers only", "N"),  # which has a double in it
    of_no_type:               ("the type numbers: real numbers only", "N"),
    number_by_number:         ("np.vectorize calls a function for one number after the other", "N"),
    drawn_from_a_seed:        ("what is drawn is another in each run", "4"),
    drawn_from_a_generator:   ("what is drawn is another in each run", "4"),
    drawn_by_python:          ("what is drawn is another in each run", "N"),
    out_of_range:             ("position 7 may be outside", "N"),
    too_large:                ("whole numbers of type int64, which wrap around", "N"),
    drawn_by_a_name:          ("what is drawn is another in each run", "N"),
    divided_by_zero:          ("which may be 0", "N"),
}  # fmt: skip


@pytest.mark.parametrize("function", REFUSED_KINDS, ids=lambda f: f.__name__)
def test_what_numpy_refuses_or_rounds_is_refused(function):
    message, shapes = REFUSED_KINDS[function]
    with pytest.raises(TraceError, match=message):
        prove_equivalent(function, lambda x: x, {"x": shapes})


def test_bits_of_labels_are_refused():
    with pytest.raises(TraceError, match="bitwise_xor of whole numbers, whose bits are not known: use arithmetic or comparisons"):
        prove_equivalent(lambda x, y: x * ((y ^ 1) == 11), lambda x, y: x * 0, {"x": "N", "y": "N in C"})


# what is outside of a function


COUNT, LOG, KEPT = np.zeros(1), [], collections.defaultdict(list)
STEPS = itertools.count()


class Tally:
    __slots__ = ("calls",)

    def __init__(self):
        self.calls = []


TALLY = Tally()


@functools.lru_cache(None)
def lower(n):
    return np.tri(n)


def counting(x):
    COUNT[0] += 1
    LOG.append(1)
    KEPT["x"].append(len(LOG))
    TALLY.calls.append(1)
    return x * len(LOG) * COUNT[0]


def test_what_is_outside_of_a_function_stays_as_it_is():
    (result,) = prove_gradient(counting, lambda dout: dout * 1, {"x": "N"})
    assert result.verdict == "unknown"  # what it returns is another each time
    assert (COUNT[0], LOG, dict(KEPT), TALLY.calls) == (0, [], {}, [])


def test_an_iterator_from_outside_is_refused():
    with pytest.raises(TraceError, match="an iterator from outside of the function, which a run uses up"):
        prove_equivalent(lambda x: x * next(STEPS), lambda x: x * 0, {"x": "N"})
    assert next(STEPS) == 0


def spoiled(x):
    m = lower(3)
    m[0] = 0  # in what is kept, too
    return lower(3) @ x


def test_what_is_kept_by_a_cache_is_one_array():
    (result,) = prove_equivalent(spoiled, lambda x: np.array([[0, 0, 0], [1, 1, 0], [1, 1, 1]]) @ x, {"x": "3"})
    assert result.verdict == "proved"
    assert lower(3)[0, 0] == 1
    (result,) = prove_equivalent(lambda x: lower(len(x)) @ x, lambda x: np.cumsum(x), {"x": "N"})
    assert result.verdict == "proved"


# the runs after a proof


def test_a_proof_that_a_run_with_large_numbers_contradicts_is_none(monkeypatch):
    """If tracing were wrong for large numbers only, one of the scales says so."""
    table = __import__("symderiv.tracing.functions", fromlist=["TABLE"]).TABLE
    monkeypatch.setitem(table, "minimum", lambda a, b: a)
    (result,) = prove_equivalent(lambda x: np.minimum(x, 400), lambda x: x, {"x": "N"})
    assert result.verdict == "unknown"
    assert "a run gives" in result.judgement.graph.reason


def checked(x):
    with np.errstate(over="raise"):
        return np.exp(x)


def test_a_run_that_fails_is_told():
    (result,) = prove_gradient(checked, lambda dout, x: dout * np.exp(x), {"x": "N"})
    assert result.verdict == "proved"
    assert "a run of the code fails at N = 7: FloatingPointError" in "\n".join(line for line, _ in lines([result]))


def test_a_run_that_tells_nothing_is_told():
    (result,) = prove_equivalent(lambda x: np.log(-1 - x**2) + 0 * x, lambda x: np.log(-1 - x**2), {"x": "N"})
    assert result.verdict != "proved" or result.remark.startswith("no run of the code told anything")


def test_runs_are_seen_to_be_needed(monkeypatch):
    monkeypatch.setattr("symderiv.code.returns.found_by_trials", lambda *_: Found(against="a run says no"))
    (result,) = prove_equivalent(lambda x: x, lambda x: x * 1, {"x": "N"})
    assert (result.verdict, result.judgement.graph.reason) == ("unknown", "a run says no")


COUNTED, SEEN, LAST = [0], {}, np.zeros(1)


def counts(x):
    COUNTED[0] += 1
    return x * COUNTED[0]


def remembers(x):
    y = x * SEEN.get("factor", 1)
    SEEN["factor"] = 2
    return y


def grows_later(x):
    SEEN.setdefault("calls", []).append(x.shape)
    return x * (2 if len(SEEN["calls"]) > 3 else 1)


def adds_up(x):
    LAST[0] += 1
    return x * LAST[0]


def remembers_the_same(x):
    SEEN["factor"] = 1
    return x * SEEN.get("factor", 2)


CALLED_AGAIN = {
    counts: "unknown",
    remembers: "unknown",
    grows_later: "unknown",
    adds_up: "unknown",
    remembers_the_same: "proved",
}


@pytest.mark.parametrize("function", CALLED_AGAIN, ids=lambda f: f.__name__)
def test_what_a_call_leaves_behind_is_no_argument_of_the_next(function):
    """The first call was proved, and later ones return something else."""
    (result,) = prove_gradient(function, lambda dout, x: dout * 1, {"x": "N"})
    assert result.verdict == CALLED_AGAIN[function], result.judgement
    (result,) = prove_equivalent(lambda x: function(x) * 1, lambda x: x, {"x": "N"})
    assert result.verdict == CALLED_AGAIN[function], result.judgement
    if CALLED_AGAIN[function] == "unknown":
        (result,) = prove_gradient(function, lambda dout, x: dout * 5, {"x": "N"})
        assert result.verdict == "unknown", "what a later call may return is not refuted by the first"
