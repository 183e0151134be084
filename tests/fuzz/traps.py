"""What NumPy does otherwise than one may think, as lines of code: each makes `{t}` from an array of floats `{a}`.

A row has ways to write the lines, and what one may think that they come to. Two of them, or one and the thought, are often the same for
small numbers and not for large ones, for floats and not for bytes, for arrays and not for numbers.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")

COPIES_OR_VIEWS = (
    "{t}[...]", "{t}[:]", "{t}.T.T", "{t}.reshape({t}.shape)", "np.asarray({t})", "{t}.view()", "np.array({t})", "{t}.copy()", "{t} + 0",
    "{t}.astype(float, copy=False)", "{t}.astype(np.float32, copy=False)", "np.array({t}, copy=False)", "np.nan_to_num({t}, copy=False)",
    "np.nan_to_num({t})", "np.squeeze({t})", "{t}.real", "np.ascontiguousarray({t})", "np.copy({t})", "np.positive({t})", "{t}[0:]",
    "{t}[::1]", "{t}[::-1]", "{t}[np.arange({t}.shape[0])]", "np.require({t})", "{t}[None][0]", "np.atleast_1d({t})", "+{t}", "{t}",
    "np.asarray({t}, dtype=np.float64)", "np.asarray({t}, dtype=np.float32)", "{t}.astype(np.float64)", "np.flip({t})", "{t}.conj()",
    "np.broadcast_to({t}, {t}.shape).copy()", "np.roll({t}, 0)", "{t}.transpose()", "np.maximum({t}, -1e9)", "np.clip({t}, None, None)",
    "np.expand_dims({t}, 0)[0]", "np.concatenate([{t}])", "np.where(True, {t}, 0)", "{t}.swapaxes(0, 0)", "np.moveaxis({t}, 0, 0)",
    "{t}.flatten().reshape({t}.shape)", "{t}.ravel().reshape({t}.shape)", "np.ravel({t}).reshape({t}.shape)", "{t}[{t} == {t}].reshape({t}.shape)",
    "{t}.squeeze()", "np.atleast_2d({t})", "np.real({t})", "np.take({t}, np.arange({t}.shape[0]), axis=0)", "np.stack([{t}])[0]",
    "np.split({t}, 1)[0]", "np.vstack([{t}])", "np.triu({t})", "np.asanyarray({t})", "{t}.__getitem__(...)", "np.array({t}, ndmin=1)",
    "np.einsum('i' if {t}.ndim < 2 else 'ij', {t})", "np.einsum('i->i' if {t}.ndim < 2 else 'ij->ij', {t})",
)  # fmt: skip
CHANGES = (
    "{v} += np.maximum({a} - 9, 0)", "{v}[{v} > 9] = 9", "{v}[...] = np.minimum({v}, 9)", "np.minimum({v}, 9, out={v})", "{v} *= 2",
    "np.add({v}, 1, out={v})", "{v}[0] = 0", "{v} -= {v}", "{v}[1:] += {v}[:-1]", "np.copyto({v}, {a} * ({a} < 9))", "{v} **= 2",
    "np.multiply({v}, 2, out={v}, where={v} > 9)", "np.add({v}, {v}, out={v}, where={a} > 9)", "{v}[{a} > 9] *= 2", "{v} = {v} + 1",
    "{v}[:1] = 9", "{v}.fill(3)", "{v}.T[0] = 1", "np.put({v}, 0, 5)", "{v}[-1] += 1", "{v}[::2] = 0", "{v}[{a} < -9] = 0", "{v} /= 2",
    "np.clip({v}, -9, 9, out={v})", "{v}.clip(-9, 9, out={v})", "np.negative({v}, out={v})", "np.maximum({v}, 0, {v})", "{v}.sort()",
)  # fmt: skip
MASKS = (
    "({a} > {c})", "({a} > {c})", "({a} > {c})", "({a} > {c})", "({a} > {c}).astype(np.uint8)", "({a} > {c}).astype(np.int8)", "({a} > {c}).astype(int)", "({a} > {c}).astype(float)",
    "({a} > {c}) * 1", "({a} > {c}).view(np.uint8)", "np.uint8({a} > {c})", "np.greater({a}, {c})", "({a} > {c}).astype(np.uint16)",
    "np.where({a} > {c}, 1, 0)", "np.where({a} > {c}, np.uint8(1), np.uint8(0))", "({a} > {c}).astype('u1')", "np.int64({a} > {c})",
    "np.array({a} > {c}, dtype=np.uint8)", "np.asarray({a} > {c}, dtype=int)", "np.heaviside({a} - {c}, 0)", "({a} > {c}).astype('f4')",
)  # fmt: skip
USES = (
    "1 - 2 * {m}", "1 - 2 * {m}", "np.add({m}, {m}, dtype=float)", "np.add({m}, {m}, dtype=float)", "-{m}", "{m} - 1", "{m} ^ 1", "~{m}", "{m} + {m}", "{m} << 1", "{m} * 200 * 2", "{m} & 1", "{m} | 2", "{m} / 2",
    "{m} // 2", "{m} ** 2", "{m} * {m}", "np.add({m}, {m}, dtype=float)", "np.add({m}, {m})", "({m} + {m}) * 1.0", "1.0 - 2 * {m}", "3 - {m}",
    "np.sum({m})", "{m}.sum()", "{m}.mean()", "np.sum({m}, dtype=np.uint8)", "1 + {m}", "{m} * 1", "np.logical_not({m})", "{m} == 1",
    "{m} - {m} + 1", "np.subtract(1, {m})", "1 ^ {m}", "{m} % 2", "np.invert({m})", "{m}.astype(float) - 1", "np.bitwise_and({m}, 1)",
    "np.negative({m})", "{m} * -1", "np.multiply({m}, 255) + 1", "{m} @ {m}", "sum([{m}, {m}])", "np.cumsum({m})", "({m} - 1) * 1.0",
    "{m}.prod()", "{m}.any()", "{m}.all() * 1", "np.count_nonzero({m})", "{m}.max()", "{m} + True", "np.abs({m} - 1)", "np.dot({m}, {m})",
    "np.outer({m}, {m})[0]", "np.diff({m}).sum()", "np.sqrt({m})", "{m} >> 1", "{m}.dot({m})", "1 - {m}.astype(bool)",
)  # fmt: skip
ON_LABELS = (
    "({l} ^ 1)", "({l} ^ 1)", "({l} ^ 1)", "({l} & 1)", "({l} | 1)", "({l} >> 1)", "~{l}", "({l} % 2)", "({l} // 2)", "-{l}", "({l} << 1)", "({l} + 1)", "{l} * 1.0",
    "({l} - 2)", "({l} == 3)", "({l} != 0) * 2", "{l}.astype(np.uint8) * 100", "{l}.astype(np.int8) * 50", "np.power({l}, 2)", "{l} / 2",
    "(({l} ^ 1) == 5)", "np.minimum({l}, 5)", "({l} > 5)", "{l}.astype(bool)", "({l} * 2 - {l})", "{l} ** 2", "{l} ** 2.0", "np.sqrt({l})",
    "({l} - {l}.max())", "(1 - {l})", "({l} & 2)", "np.bitwise_xor({l}, 1)", "np.left_shift({l}, 2)", "np.mod({l}, 3)", "-(-{l} // 2)",
    "np.floor_divide({l}, 2)", "np.abs({l} - 4)", "np.float32({l})", "{l}.astype(float) - 1", "np.invert({l})", "np.sign({l} - 3)",
)  # fmt: skip
TRIED = (
    "np.fmod({a}, 9)", "np.rint({a})", "{a}.real + np.maximum({a} - 9, 0)", "np.hypot({a}, 0)", "np.cbrt({a} ** 3)", "{a}.clip(-9, 9)",
    "np.interp({a}, [-9, 9], [-9, 9])", "np.sort({a})", "np.trunc({a})", "np.float_power({a}, 1)", "np.unwrap({a})", "{a}.round(8)",
    "np.fix({a})", "np.minimum({a}, 9)", "np.nanmin([{a}, {a}], axis=0)", "np.fmin({a}, 9)", "{a}.astype(int)", "np.ldexp({a}, 1)",
    "{a}.byteswap().byteswap() * 2", "np.lib.stride_tricks.as_strided({a}) * 2", "np.median({a}) + {a} * 0", "{a}.item(0) + {a}",
    "np.vectorize(lambda z: min(z, 9))({a})", "np.vectorize(lambda z: z + np.maximum(np.sum(z) - 9, 0))({a})", "np.apply_along_axis(lambda z: np.minimum(z, 9), 0, {a})", "{a}.tolist() * 1 + {a} * 0",
    "np.frompyfunc(lambda z: min(z, 9), 1, 1)({a}).astype(float)", "np.piecewise({a}, [{a} > 9], [9, lambda z: z])", "np.emath.sqrt({a} ** 2)",
    "np.select([{a} > 9], [9], {a})", "np.choose({a} > 9, [{a}, 9])", "np.where({a} > 9, 9, {a})", "float({a}.sum()) + {a}", "np.modf({a})[1]",
    "{a} if {a}.max() < 9 else {a} * 2", "{a} * int({a}.sum() < 99)", "np.array([min(z, 9) for z in {a}])", "{a} if {a}.dtype == int else {a} * 2",
    "np.minimum({a}, 9) if type({a}) is np.ndarray else {a}", "np.minimum({a}, 9) if hasattr({a}, '__array__') else {a}", "{a}.clip(max=9)",
    "np.minimum({a}, 9) if isinstance({a}, np.ndarray) else {a}", "np.minimum({a}, 9) if isinstance({a}.sum(), np.generic) else {a}",
    "np.minimum({a}, 9) if getattr({a}, 'nbytes', 0) else {a}", "np.minimum({a}, 9) if hasattr({a}, 'ctypes') else {a}", "abs({a})",
    "np.minimum({a}, 9) if isinstance({a}.shape[0], int) else {a}", "np.minimum({a}, 9) if np.isscalar({a}.sum()) else {a}", "divmod({a}, 1)[0]",
    "np.minimum({a}, 9) if {a}.flags.writeable else {a}", "np.minimum({a}, 9) if isinstance({a}.sum(), float) else {a}", "{a} * 2 % 9",
    "np.minimum({a}, 9) if 'numpy' in type({a}).__module__ else {a}", "np.minimum({a}, 9) if callable({a}.item) else {a}", "{a} // 1",
    "np.minimum({a}, 9) if np.issubdtype({a}.dtype, np.floating) else {a}", "np.minimum({a}, 9) if {a}.shape[0] > 4 else {a}",
    "np.minimum({a}, 9) if len({a}) % 2 == 0 else {a}", "np.minimum({a}, 9) if bool({a}.any()) else {a}", "np.minimum({a}, 9) if {a} is not None else {a}",
    "np.minimum({a}, 9) if str({a}.dtype) == 'float64' else {a}", "np.minimum({a}, 9) if {a}.size > 3 else {a}", "round({a}.sum()) + {a}",
)  # fmt: skip
ENTRIES = (  # what a function makes of a number, or of an array
    "z + np.maximum(np.sum(z) - 9, 0)", "z + np.sum(z)", "z * (1 + (np.max(z) > 9))", "z - np.mean(z)", "z / (1 + np.sum(z) ** 2)", "z * np.size(z)",
    "z - np.maximum(np.max(z) - 9, 0)", "np.where(np.sum(z) > 9, 9, z)", "np.minimum(z, 9)",
)  # fmt: skip
CALLED = (  # for each entry
    *("np.vectorize(lambda z: {f})({{a}})",) * 3, "np.vectorize(lambda z: {f}, otypes=[float])({{a}})",
    "np.array([(lambda z: {f})(z) for z in {{a}}])", "np.apply_along_axis(lambda z: {f}, 0, {{a}})",
    "np.frompyfunc(lambda z: {f}, 1, 1)({{a}}).astype(float)",
)  # fmt: skip
CAUGHT = ("Exception", "(AttributeError, TypeError)", "AttributeError", "TypeError", "BaseException", "ValueError", "NotImplementedError")
DTYPES = ("int", "int", "int", "bool", "float", "np.uint8", "np.int8", "np.float32", "np.int64", "'u1'", "'f4'")
NUMBERS = (
    "{s} = np.zeros(())", "{s} = np.array(0.0)", "{s} = 0.0", "{s} = np.float64(0)", "{s} = np.zeros(1)", "{s} = np.zeros((1, 1))",
    "{s} = {a}.sum()", "{s} = np.sum({a}, keepdims=True)", "{s} = np.asarray({a}.sum())", "{s} = np.zeros(3)[0]", "{s} = np.zeros(3)[0:1]",
    "{s} = np.zeros(3)[..., 0]", "{s} = np.empty_like({a}.sum()) * 0", "{s} = np.full((), 2.0)", "{s} = {a}.max()", "{s} = np.array({a}.sum())",
    "{s} = np.squeeze(np.zeros(1))", "{s} = np.zeros(1).reshape(())", "{s} = np.zeros(2).sum()", "{s} = {a}[0].sum()", "{s} = {a}.mean()",
)  # fmt: skip
ADDED = (
    "{s} += np.maximum({a} - 9, 0).sum()", "{s} = {s} + np.maximum({a} - 9, 0).sum()", "{s}[()] += {a}.sum()", "{s} *= 2", "{s}[...] = 3",
    "np.add({s}, np.maximum({a} - 9, 0).sum(), out={s})", "np.sum({a}, out={s})", "{s} -= 1", "{s} /= 2", "{s}.fill(2)", "{s}[()] = 1",
)  # fmt: skip


THOUGHTS = ("1", "1", "1", "({a} > 9)", "({a} > 9)", "({a} <= 9)", "2", "np.sign({a})", "({a} > 0)", "0", "0")  # what times an array


OF_LABELS = ("0", "0", "1", "({l} == 0)", "({l} == 0)", "({l} != 1)", "{l}", "({l} > 0)")


class Hand:
    """Chance that can be played again: the same choices, but for one."""

    def __init__(self, random: Random, choices: list[float] | None = None) -> None:
        self.random, self.again, self.made = random, choices or [], list[float]()

    def draw(self) -> float:
        k = len(self.made)
        self.made.append(self.again[k] if k < len(self.again) else self.random.random())
        return self.made[-1]

    def choice(self, options: Sequence[T]) -> T:
        return options[int(self.draw() * len(options))]

    def quiet(self, options: Sequence[str]) -> str:
        """One of the options, half of the time one that shows for large numbers only."""
        few = [option for option in options if "9" in option]
        return self.choice(few if self.draw() < 0.5 and few else options)

    def otherwise(self) -> Hand:
        """The same choices but for one, often the first."""
        again = list(self.made)
        again[0 if self.random.random() < 0.4 else self.random.randrange(len(again))] = self.random.random()
        return Hand(self.random, again)


@dataclass(frozen=True)
class Trap:
    """Lines that make `{t}`, and what times `{a}` that is, where it is as simple as that; and what one may think that it is."""

    rows: list[str]
    factor: str = ""
    thoughts: Sequence[str] = THOUGHTS


def view(hand: Hand) -> Trap:
    """An array, what may be a view of it, a change of one, and either of them."""
    shown = hand.choice(COPIES_OR_VIEWS)
    change, end = hand.quiet(CHANGES), hand.choice(("{t} = {t} * 1", "{t} = {v} * 1", "{t} = {t} + {v}", "{t} = {a} * 2"))
    first = hand.choice(("{t} = {a} * 1", "{t} = {a} * 1", "{t} = {a}", "{t} = {a} + 0.0 * {a}"))
    return Trap([first, f"{{v}} = {shown}", change if hand.draw() < 0.7 else change.replace("{v}", "{t}"), end])


def entry(hand: Hand) -> Trap:
    """One entry or one part of an array, changed under its own name."""
    part = hand.choice(
        (
            "{t}[..., 0]",
            "{t}[0]",
            "{t}[0:1]",
            "{t}[..., -1]",
            "{t}[0, ...]",
            "{t}[()]",
            "{t}.T[0]",
            "{t}[[0]]",
            "{t}.flat",
            "{t}[-1:]",
            "{t}.diagonal()",
        )
    )
    change = hand.quiet(
        (
            "{v} += np.maximum({a} - 9, 0).sum()",
            "{v} += 1",
            "{v} *= 2",
            "{v}[...] = 3",
            "{v}[()] = 2",
            "{v} -= {a}.sum()",
            "np.add({v}, 1, out={v})",
        )
    )
    return Trap(["{t} = {a} * 1", f"{{v}} = {part}", change, hand.choice(("{t} = {t} * 1", "{t} = {t} + {v}", "{t} = {a} * 1"))])


def mask(hand: Hand) -> Trap:
    """A mask as a number."""
    how, c = hand.choice(MASKS), hand.choice(("0", "9", "9", "1", "-9"))
    use = hand.choice(USES)
    thoughts = (f"({{a}} > {c})", f"({{a}} > {c})", "1", f"np.where({{a}} > {c}, -1, 1)", f"({{a}} <= {c})", f"2 * ({{a}} > {c})")
    return Trap([f"{{m}} = {how.replace('{c}', c)}", f"{{t}} = {{a}} * ({use})"], f"({use})", thoughts)


def labels(hand: Hand) -> Trap:
    use = hand.choice(ON_LABELS)
    if hand.draw() < 0.5:
        use = f"({use} == {hand.choice('0123469')})"
    return Trap([f"{{t}} = {{a}} * {use}"], use, OF_LABELS)


def attempted(hand: Hand) -> Trap:
    """What a trace may not know, and what is done where it is not there."""
    tried = hand.quiet(TRIED)
    other = hand.choice(("{a}", "{a} * 1", "np.abs({a})", "{a} * 2"))
    form, caught = hand.draw(), hand.choice(CAUGHT)
    if form < 0.35:
        return Trap([f"{{t}} = {tried}"])
    if form < 0.5:
        return Trap(["try:", f"    {{t}} = {tried}", "except:", f"    {{t}} = {other}"])
    if form < 0.6:
        return Trap([f"{{t}} = {other}", "with __import__('contextlib').suppress(Exception):", f"    {{t}} = {tried}"])
    if form < 0.7:
        return Trap([f"{{t}} = {other}", "try:", f"    {{t}} = {tried}", "finally:", "    {v} = 1"])
    return Trap(["try:", f"    {{t}} = {tried}", f"except {caught}:", f"    {{t}} = {other}"])


def taken(hand: Hand) -> Trap:
    """What is done entry by entry, and may be taken for what is done with the whole array."""
    side = hand.choice((0, 0, 1))
    each, way = hand.quiet(ENTRIES), hand.choice(CALLED)
    return Trap([f"{{t}} = {(way, '(lambda z: {f})({{a}})')[side].format(f=each)}"])


def filled(hand: Hand) -> Trap:
    """An array of some kind of numbers, written by `out=`, by `where=` or by parts."""
    kind, c = hand.choice(DTYPES), hand.choice(("0", "9", "9"))
    made = hand.choice(
        (
            "np.zeros({a}.shape, dtype=K)",
            "np.ones({a}.shape, dtype=K)",
            "np.zeros_like({a}, dtype=K)",
            "np.zeros_like({a})",
            "np.full({a}.shape, 2, dtype=K)",
        )
    )
    put = hand.choice(PUT)
    use = hand.choice(("({m} + {m})", "{m}", "(1 + {m})", "(1 - 2 * {m})", "(-{m})", "({m} + 0.0)", "~{m}", "{m}.sum()", "({m} == 1)"))
    return Trap([f"{{m}} = {made.replace('K', kind)}", put.replace("{c}", c), f"{{t}} = {{a}} * {use}"], use)


def number(hand: Hand) -> Trap:
    """One number, as an array of no dimensions or not, under two names."""
    first, change = hand.choice(NUMBERS), hand.quiet(ADDED)
    end = hand.choice(("{t} = {a} + {v}", "{t} = {a} * (1 + {v})", "{t} = {a} + {s}", "{t} = {a} + {s} - {v}"))
    return Trap([first, "{v} = {s}", change, end])


def ranked(hand: Hand) -> Trap:
    """The place of an entry as a number, with `out=` or without."""
    what = hand.choice(("{a}", "np.append({a} - 9, 0)", "{a} ** 2", "-{a}"))
    how = hand.choice(("argmax", "argmin"))
    first, use = hand.choice((("{m} = np.zeros((), dtype=int)", f"np.{how}({what}, out={{m}})"), ("{m} = 0", f"{{m}} = np.{how}({what})"), ("{m} = 1", f"{{m}} = ({what}).{how}()"),
                              ("{m} = 0", f"{{m}} = int(np.{how}({what}))"), ("{m} = np.zeros(())", f"np.max({what}, out={{m}})"), ("{m} = np.zeros(())", f"np.sum({what}, out={{m}})")))  # fmt: skip
    return Trap([first, use, "{t} = {a} * {m}"], "{m}")


def slices(hand: Hand) -> Trap:
    """Parts of an array that overlap, written in place."""
    return Trap(
        [
            "{t} = {a} * 1",
            hand.choice(OVERLAPS).replace("{d}", hand.choice(("{t}[:-1]", "{a}[:-1]", "{t}[1:] * 1", "1", "{a}[1:]", "{t}[:-1] * 2"))),
        ]
    )


def state(hand: Hand) -> Trap:
    """What one run leaves for the next."""
    return Trap(list(hand.choice(STATES)))


def unfitting(hand: Hand) -> Trap:
    """Masks and positions that do not fit, or fit some sizes only."""
    return Trap(["{t} = {a} * 1", hand.choice((
        "{t}[({a} > 0)[None]] = 0", "{t}[({a} > 0)[:1]] = 0", "{t}[np.zeros({a}.shape[0] + 1, bool)] = 0", "{t}[({a} > 0).any(0)] = 0", "{t}[({a} > 0)[0]] = 0",
        "{t}[({a}[:1] > 9)] = 0", "{t}[1] = 0", "{t}[np.array([True])] = 0", "{t}[{a}.astype(bool)] = 1", "{t}[:, 0] = 0", "{t}[np.where({a} > 9)] = 0",
        "{t}[np.nonzero({a} > 9)] = 0", "{t}[{a} > 9] = {a}[{a} > 9] * 1", "{t}[{a} > 9] = 0", "{t}[{a} > 9] += 1", "{t}[{a} > 9, ...] = 0", "{t}[({a} > 9).T] = 0",
    ))])  # fmt: skip


PUT = (
    "np.greater({a}, {c}, out={m})", "np.greater({a}, {c}, out={m})", "np.greater({a}, {c}, out={m})", "{m}[{a} > {c}] = 1", "{m}[...] = {a} > {c}", "{m}[...] = {a}", "{m} += {a} > {c}", "{m} += 1",
    "np.add({m}, 1, out={m})", "np.add({m}, {a}, out={m}, casting='unsafe')", "{m}[:] = 200.7", "np.add({a}, 1, out={m}, where={a} > {c})",
    "np.copyto({m}, {a} > {c})", "{m}[0] = 1.5", "{m} -= 1", "np.logical_and({a} > {c}, True, out={m})", "np.floor({a}, out={m})", "{m} *= 2.5",
    "np.multiply({a}, 2, out={m}, where={a} > {c})", "np.abs({a}, out={m})", "{m} |= {a} > {c}", "{m}[:1] += {a}[:1]", "{m}[{a} > {c}] += 1",
    "{m}[{a} > {c}] = 300", "{m}[{a} > {c}] -= 1", "np.less({a}, {c}, {m})", "{m} ^= 1", "{m} = np.where({a} > {c}, {m}, 1)", "np.subtract({m}, 1, out={m})",
)  # fmt: skip
OVERLAPS = (
    "{t}[1:] += {d}", "{t}[:-1] += {t}[1:]", "{t}[1:] = {d}", "{t}[::-1] += {t}", "{t}[[0, 0]] += 1", "{t}[:2] = {t}[-2:]", "np.add.at({t}, [0, 0], 1)",
    "{t}[-1] = {t}[0]", "{t}[:, ...] = 1", "{t}[(0,)] = 0", "{t}[-3:] = 0", "{t}[2:] = 1", "{t}[:3] *= 2", "{t}[np.array([0, -1])] = 5",
    "{t}[...] += {t}[::-1]", "{t} += {t}[::-1]", "{t}[1:] -= {t}[:-1].copy()", "{t}[1:-1] = 0", "{t}[1:] *= {d}", "{t}[:-1] -= {d}",
)  # fmt: skip
STATES = (
    ["CALLS[0] += 1", "{t} = {a} * CALLS[0]"], ["CALLS.append(1)", "{t} = {a} * (2 if len(CALLS) > 4 else 1)"],
    ["TOTAL[0] += 1", "{t} = {a} * TOTAL[0]"], ["CACHE.setdefault('z', 1)", "CACHE['z'] = 2", "{t} = {a} * CACHE['z']"],
    ["{t} = {a} * (1 + 0 * RANDOM.random())"], ["{t} = {a} * (RANDOM.random() < 0.999)"], ["np.random.seed(0)", "{t} = {a} * np.random.rand()"],
    ["{t} = {a} * (CACHE.get('q', 1))", "CACHE['q'] = 2"], ["np.random.seed(0)", "{t} = {a} * (np.random.rand({a}.shape[0]) > 0.5)"],
    ["{t} = {a} * (1 + (np.random.randint(0, 10**6) == 0))"],
)  # fmt: skip
STATE = ("CALLS = [0]", "CACHE = {}", "TOTAL = np.zeros(1)", "RANDOM = np.random.default_rng(0)")

TRAPS = (
    view,
    view,
    view,
    entry,
    entry,
    mask,
    mask,
    attempted,
    attempted,
    taken,
    filled,
    filled,
    number,
    number,
    ranked,
    slices,
    state,
    unfitting,
)
