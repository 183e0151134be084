"""Formulas as people write them, and the trees that they are read as; what is not understood, and where."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from counted import calls
from hypothesis import example, given, settings, strategies as st

from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tokens import DIGITS, LENGTH, NESTING, Macro
from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Cases,
    Chain,
    Differential,
    Dots,
    Fenced,
    Formula,
    Fraction,
    Listed,
    Matrix,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Text,
    Tree,
)
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError

PAIRS = {"(": "()", "[": "⟦⟧", "{": "{}", "⌊": "⌊⌋", "⟨": "⟨⟩"}


def sketch(tree: Any) -> str:
    """A tree on one line: sums in angles, products in brackets, fences as they are but for ⟦ ⟧, everything else by its name."""
    match tree:
        case None:
            return "_"
        case Formula(label, chains):
            return (f"{label}: " if label else "") + " ; ".join(map(sketch, chains))
        case Chain(members):
            return " ".join(part for relation, member in members for part in (relation, sketch(member)) if part)
        case Number(text) | Name(text):
            return text
        case Text(words):
            return repr(words)
        case Dots():
            return "…"
        case Scripted(base, sub, sup, primes):
            below = f"_{{{sketch(sub)}}}" if sub is not None else ""
            return f"{sketch(base)}{primes * chr(39)}{below}" + (f"^{{{sketch(sup)}}}" if sup is not None else "")
        case Listed(items):
            return ", ".join(map(sketch, items))
        case Added(terms):
            return "<" + " ".join(f"{'-' if sign < 0 else '+'}{sketch(term)}" for sign, term in terms) + ">"
        case Multiplied(factors):
            return "[" + " ".join(f"{sign}{sketch(factor)}" for sign, factor in factors) + "]"
        case Fraction(above, below):
            return f"frac({sketch(above)}, {sketch(below)})"
        case Root(of, degree):
            return f"root({sketch(of)})" if degree is None else f"root{sketch(degree)}({sketch(of)})"
        case Big(kind, body, sub, sup):
            return f"{kind}{{{sketch(sub)}; {sketch(sup)}}} {sketch(body)}"
        case Fenced(fence, body):
            left, right = PAIRS.get(fence, (fence, fence))
            return f"{left}{sketch(body)}{right}"
        case Applied(head, of, sup, sub, primes):
            scripts = sketch(Scripted(Name(""), sub, sup, primes))
            return f"{head}{scripts}‹{sketch(of)}›"
        case Differential(sign, of, order, sub):
            return (
                sign
                + ("" if order == 1 else str(order))
                + (f"_{{{sketch(sub)}}}" if sub is not None else "")
                + (f"‹{sketch(of)}›" if of else "")
            )
        case Matrix(rows):
            return "matrix(" + " / ".join(" & ".join(map(sketch, row)) for row in rows) + ")"
        case Cases(rows):
            return "cases(" + " / ".join(f"{sketch(value)} if {sketch(condition)}" for value, condition in rows) + ")"
        case Noted(body, note):
            return f"noted({sketch(body)}; {sketch(note)})"
    raise AssertionError(tree)


def attempt(latex: str, macros: dict[str, Macro] | None = None) -> Formula | FormulaError:
    """The formula, or why it is none."""
    try:
        return read(latex, macros or {})
    except FormulaError as error:
        return error


NOTATION = [  # the notation that occurs
    (r"\begin{align*} a &= b \\ &= c \end{align*}", r"a = b ; = c"),
    (r"\begin{align} L &= a + b \\ &\quad + c \\ &= d, \label{eq:x} \end{align}", r"L = <+a +b +c> ; = d"),
    (r"\begin{align} x &= a \\ &- b \\ -y &= z \end{align}", r"x = <+a -b> ; <-y> = z"),
    (r"\begin{equation} \begin{split} a &= b \\ &= c \end{split} \tag{3a} \end{equation}", r"3a: a = b ; = c"),
    (r"\begin{gather*} a = b \\ c = d \end{gather*}", r"a = b ; c = d"),
    (r"\begin{aligned} a &= (b + \\ &\qquad c) \end{aligned}", r"a = (<+b +c>)"),
    (
        r"f(x) = \left\{ \begin{array}{ll} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{array} \right.",
        r"[f (x)] = cases(x if x > 0 / 0 if _)",
    ),
    (r"f(x) = \begin{cases} x, & \text{if } x > 0, \\ 0, & \text{otherwise.} \end{cases}", r"[f (x)] = cases(x if x > 0 / 0 if _)"),
    (r"f(x) = \begin{cases} 1 & \text{for $i = j$} \\ 0 & i \neq j \end{cases}", r"[f (x)] = cases(1 if i = j / 0 if i ≠ j)"),
    (r"f = \begin{cases} 1 & x > 0 \text{ and } y > 0 \\ 0 & \text{else} \end{cases}", r"f = cases(1 if x > 0, y > 0 / 0 if _)"),
    (r"\left\{ \begin{aligned} a &= b \\ c &= d \end{aligned} \right.", r"a = b ; c = d"),
    (r"W = \begin{pmatrix} a & b \\ c & d \end{pmatrix}", r"W = (matrix(a & b / c & d))"),
    (r"\begin{bmatrix} x_1 \\ \vdots \\ x_n \end{bmatrix}^T", r"⟦matrix(x_{1} / … / x_{n})⟧^{T}"),
    (r"\left[ \begin{array}{cc} 1 & 0 \\ 0 & 1 \end{array} \right]", r"⟦matrix(1 & 0 / 0 & 1)⟧"),
    (r"\boxed{a = b}", r"a = b"),
    (r"\Rightarrow \boxed{\frac{\partial f}{\partial x} = 1}", r"⇒ frac(∂‹f›, ∂‹x›) = 1"),
    (r"{\color{red} x} + \color{blue}{y}", r"<+x +y>"),
    (r"\textcolor{red}{x + y} = z", r"<+x +y> = z"),
    (r"a \stackrel{def}{=} b", r"a := b"),
    (r"a \overset{(1)}{=} b \overset{\text{def}}{=} c", r"a = b := c"),
    (r"a := b \triangleq c", r"a := b := c"),
    (r"\underset{i}{\max} x_i", r"max{i; _} x_{i}"),
    (r"\operatorname*{arg\,max}_x f(x)", r"argmax{x; _} [f (x)]"),
    (r"\arg\max_c p_c", r"argmax{c; _} p_{c}"),
    (r"\max(0, z)", r"max‹(0, z)›"),
    (r"\max_{k} z_k", r"max{k; _} z_{k}"),
    (r"\max\{0, 1 - y\}", r"max‹{0, <+1 -y>}›"),
    (r"x_{\max} - x_\text{min}", r"<+x_{max} -x_{min}>"),
    (r"A^{\mathsf T} B^\intercal C^{\rm T} D^{\text{T}} E^{\mathrm{T}}", r"[A^{\top} B^{\intercal} C^{\top} D^{\top} E^{\top}]"),
    (r"x^{(l)} y^{[l]} z^{<t>}", r"[x^{(l)} y^{⟦l⟧} z^{⟨t⟩}]"),
    (r"x^{\langle t \rangle}", r"x^{⟨t⟩}"),
    (r"f''(x) + f^{\prime}(x) + f^{\prime\prime}", r"<+[f'' (x)] +[f' (x)] +f''>"),
    (r"\hat{y}'_i", r"\hat{y}'_{i}"),
    (r"\hat{\mathbf{x}}_i \mathbf{\hat{x}}_i", r"[\hat{x}_{i} \hat{x}_{i}]"),
    (r"\vec x \dot{\theta}", r"[\vec{x} \dot{\theta}]"),
    (r"{\bf x}^T {\bf W} x", r"[x^{T} W x]"),
    (r"{\boldsymbol \alpha}", r"\alpha"),
    (r"\boldsymbol{\Sigma}^{-1}", r"\Sigma^{<-1>}"),
    (r"\Sigma_{ij} + \Sigma^{-1}_{i}", r"<+\Sigma_{[i j]} +\Sigma_{i}^{<-1>}>"),
    (r"\Sigma^m_{i=1} x_i + \Pi_{k = 1}^n s_k", r"<+sum{i = 1; m} x_{i} +prod{k = 1; n} s_{k}>"),
    (r"\mathbb{E}[x] = \mathbb{E}_{x \sim p(x)}\left[ f(x) \right]", r"[\mathbb{E} ⟦x⟧] = [\mathbb{E}_{x ∼ [p (x)]} ⟦[f (x)]⟧]"),
    (r"\mathbb{I}[y_i = k]", r"[\mathbb{I} ⟦y_{i} = k⟧]"),
    (r"\mathbf{1}\{i = j\}", r"[\mathbf{1} {i = j}]"),
    (r"\mathbb{R}^{m \times n}", r"\mathbb{R}^{[m ×n]}"),
    (r"x \in \mathbb{R}^{n}", r"x ∈ \mathbb{R}^{n}"),
    (r"2{,}800 + 1\,000 + 3.14 + .5", r"<+2800 +1000 +3.14 +0.5>"),
    (r"x_{1,234}", r"x_{1, 234}"),
    (r"10^{-5}", r"10^{<-5>}"),
    (r"\frac12 + \frac1{n} + \frac{1}2", r"<+frac(1, 2) +frac(1, n) +frac(1, 2)>"),
    (r"a/b/c", r"[a /b /c]"),
    (r"\sqrt[3]{x} \sqrt2", r"[root3(x) root(2)]"),
    (r"\log p_i q_i \cdot r", r"[log‹[p_{i} q_{i}]› ·r]"),
    (r"\log(x) y", r"[log‹(x)› y]"),
    (r"\log{x} y", r"[log‹x› y]"),
    (r"\log x \log y", r"[log‹x› log‹y›]"),
    (r"\log \sum_j e^{x_j}", r"log‹sum{j; _} e^{x_{j}}›"),
    (r"\ln \left( x \right)^2", r"ln‹(x)›^{2}"),
    (r"\exp\left(x\right)", r"exp‹(x)›"),
    (r"\exp^2 x", r"exp^{2}‹x›"),
    (r"\log_2 x", r"log_{2}‹x›"),
    (r"\log\det \Sigma", r"log‹det‹\Sigma››"),
    (r"\sin^2 \theta + \cos^2(\theta)", r"<+sin^{2}‹\theta› +cos^{2}‹(\theta)›>"),
    (r"\operatorname{tr}(A B)", r"tr‹([A B])›"),
    (r"\operatorname{tr} A B + c", r"<+tr‹[A B]› +c>"),
    (r"\text{ReLU}(x) + \mathrm{softmax}_i(z)", r"<+ReLU‹(x)› +softmax_{i}‹(z)›>"),
    (r"\mathrm{softmax}(z)_i", r"softmax‹(z)›_{i}"),
    (r"\text{loss} = \text{mean squared error}", r"loss = 'mean squared error'"),
    (r"y = x \text{ where } x = 3", r"y = x ; ' where ' ; x = 3"),
    (r"i = 1, \dots, m", r"i = 1, …, m"),
    (r"a = b \quad (i = 1, \ldots, m)", r"a = b ; (i = 1, …, m)"),
    (r"x_1, x_2, \ldots, x_n", r"x_{1} ; x_{2}, …, x_{n}"),
    (r"i, k, n = 1..m", r"i ; k ; n = [1 … m]"),
    (r"f(x_1, \dots, x_n)", r"[f (x_{1}, …, x_{n})]"),
    (r"\|x\|^2_2 + \lVert y \rVert + |z| + \left| w \right|", r"<+‖x‖_{2}^{2} +‖y‖ +|z| +|w|>"),
    (r"P(a | b) = \frac{P(a, b)}{P(b)}", r"[P (a | b)] = frac([P (a, b)], [P (b)])"),
    (r"p(x|z) |q|", r"[p (x | z) |q|]"),
    (r"\|W\|_F^2", r"‖W‖_{F}^{2}"),
    (r"\lfloor x \rfloor", r"⌊x⌋"),
    (r"\sum_{i \ne j} x_i", r"sum{i ≠ j; _} x_{i}"),
    (r"\sum_{i\in S} x_i", r"sum{i ∈ S; _} x_{i}"),
    (r"\sum_{\substack{i=1\\ i \ne j}}^n x_i", r"sum{i = 1, i ≠ j; n} x_{i}"),
    (r"\sum\limits_{i=1}^m x_i y_i + 1", r"<+sum{i = 1; m} [x_{i} y_{i}] +1>"),
    (r"\sum\nolimits_i x_i", r"sum{i; _} x_{i}"),
    (r"\prod_{i=1}^n p_i^{y_i}", r"prod{i = 1; n} p_{i}^{y_{i}}"),
    (r"\int_0^1 f(x) dx", r"int{0; 1} [f (x) d‹x›]"),
    (r"\frac{d}{dx} f(x)", r"[frac(d, d‹x›) f (x)]"),
    (r"\frac{dL}{dx}", r"frac(d‹L›, d‹x›)"),
    (r"\frac{\mathrm{d} L}{\mathrm{d} x}", r"frac(d‹L›, d‹x›)"),
    (r"\frac{d^2 f}{dx^2}", r"frac(d2‹f›, d‹x^{2}›)"),
    (r"\frac{\partial^2 f}{\partial x \partial y}", r"frac(∂2‹f›, [∂‹x› ∂‹y›])"),
    (r"\frac{\partial^2 f}{\partial x_i \, \partial x_j}", r"frac(∂2‹f›, [∂‹x_{i}› ∂‹x_{j}›])"),
    (r"\partial f/\partial x", r"[∂‹f› /∂‹x›]"),
    (r"\partial L(y)/\partial x", r"[∂‹[L (y)]› /∂‹x›]"),
    (r"d f/d x", r"[d f /d x]"),
    (r"dL/dx", r"[d‹L› /d‹x›]"),
    (r"dW = x^T dy", r"d‹W› = [x^{T} d‹y›]"),
    (r"\frac{d}{n} + \frac{1}{d} + \sqrt{d_k}", r"<+frac(d, n) +frac(1, d) +root(d_{k})>"),
    (r"\frac{QK^T}{\sqrt{d_k}}", r"frac([Q K^{T}], root(d_{k}))"),
    (r"\nabla_{x} f", r"∇_{x}‹f›"),
    (r"\nabla_W L(W) = 0", r"∇_{W}‹[L (W)]› = 0"),
    (r"\nabla \cdot f", r"[∇ ·f]"),
    (
        r"\nabla_\theta J(\theta) = \mathbb{E}[\nabla_\theta \log \pi_\theta(a|s)]",
        r"∇_{\theta}‹[J (\theta)]› = [\mathbb{E} ⟦∇_{\theta}‹log‹[\pi_{\theta} (a | s)]››⟧]",
    ),
    (r"\underbrace{a + b}_{c} + \overbrace{d}^{\text{big}}", r"<+noted(<+a +b>; c) +noted(d; big)>"),
    (r"\underbrace{\frac{a}{b}}_{= c}", r"noted(frac(a, b); = c)"),
    (r"x \odot y \circ z \otimes w * v \times u", r"[x ⊙y ⊙z ⊗w *v ×u]"),
    (r"(1)\quad a = b", r"1: a = b"),
    (r"3. a. x = y", r"3a: x = y"),
    (r"b. x = y", r"b: x = y"),
    (r"a) x = y", r"a: x = y"),
    (r"(3a)\quad x = y", r"3a: x = y"),
    (r"(a) + b", r"<+(a) +b>"),
    (r"(x) y", r"[(x) y]"),
    (r"3. x", r"3: x"),
    (r"x.", r"x"),
    (r"a = b, \quad c = d; e = f.", r"a = b ; c = d ; e = f"),
    (r"a \le b < c \implies d \iff e", r"a ≤ b < c ⇒ d ⇔ e"),
    (r"x \mapsto x^2", r"x → x^{2}"),
    (r"f: \mathbb{R}^n \to \mathbb{R}", r"f : \mathbb{R}^{n} → \mathbb{R}"),
    (r"x \propto y \sim \mathcal{N}(0, 1)", r"x ∝ y ∼ [\mathcal{N} (0, 1)]"),
    (r"\mathcal{L}_{CE} = -\sum_k y_k \log \hat{y}_k", r"\mathcal{L}_{[C E]} = <-sum{k; _} [y_{k} log‹\hat{y}_{k}›]>"),
    (r"\delta_{ij} + \delta_{i,j}", r"<+\delta_{[i j]} +\delta_{i, j}>"),
    (r"x_{<t} + x_{:,j} + x_{\cdot j} + x_{i*} + j^*", r"<+x_{< t} +x_{:, j} +x_{[\cdot j]} +x_{[i *]} +j^{*}>"),
    (r"f(\cdot)", r"[f (\cdot)]"),
    (r"\binom{n}{k} + {n \choose k}", r"<+binom‹n, k› +binom‹n, k›>"),
    (r"a \not= b \not\in c", r"a ≠ b ∉ c"),
    (r"\left. \frac{df}{dx} \right|_{x = 0}", r".|frac(d‹f›, d‹x›).|_{x = 0}"),
    (r"x \in [0, 1)", r"x ∈ [)0, 1[)"),
    (r"\Pr(x)", r"Pr‹(x)›"),
    (r"\uparrow", r"'↑'"),
    (r"y_i = \sigma(w^\top x_i + b)", r"y_{i} = [\sigma (<+[w^{\top} x_{i}] +b>)]"),
    (r"\tanh' (x)", r"tanh'‹(x)›"),
    (r"\bigl( x + y \bigr) \Big[ z \Big]", r"[(<+x +y>) ⟦z⟧]"),
    (r"∂𝑙/∂𝑤_1 − Ŷ", r"<+[∂‹l› /∂‹w_{1}›] -\hat{Y}>"),
    (r"\mathrm{Var}[x] + \mathrm{Cov}(x, y)", r"<+Var‹⟦x⟧› +Cov‹(x, y)›>"),
    (r"x\,y\;z\!w\:v~u", r"[x y z w v u]"),
    (r"\displaystyle \sum_i x_i", r"sum{i; _} x_{i}"),
    (r"\begin{eqnarray} a &=& b \\ &=& c \nonumber \end{eqnarray}", r"a = b ; = c"),
    (r"a \cdot -b", r"[a ·<-b>]"),
    (r"a(-b)", r"[a (<-b>)]"),
    (r"e^{-x^2/2}", r"e^{<-[x^{2} /2]>}"),
    (r"-\frac{1}{2}\sum_i -x_i", r"<-[frac(1, 2) sum{i; _} <-x_{i}>]>"),
    (r"\sum_i \sum_j a_{ij} b_j", r"sum{i; _} sum{j; _} [a_{[i j]} b_{j}]"),
    (r"\hat{y}_{\text{pred}}", r"\hat{y}_{pred}"),
    (r"\frac{\partial{J}}{\partial{\theta}}", r"frac(∂‹J›, ∂‹\theta›)"),
    (r"\frac{\partial}{\partial w}\left(\frac{1}{2} (y - wx)^2 \right)", r"[frac(∂, ∂‹w›) ([frac(1, 2) (<+y -[w x]>)^{2}])]"),
    (r"\frac{\partial a^T x}{\partial x}", r"frac(∂‹[a^{T} x]›, ∂‹x›)"),
    (r"\frac{\partial L}{\partial \mathbf{W}_{\text{hh}}}", r"frac(∂‹L›, ∂‹W_{hh}›)"),
    (r"\frac{\partial L}{\partial W^{(l)}_{ij}}", r"frac(∂‹L›, ∂‹W_{[i j]}^{(l)}›)"),
    (r"\dfrac{\partial \mathcal{L}}{\partial \hat y}", r"frac(∂‹\mathcal{L}›, ∂‹\hat{y}›)"),
    (r"softmax(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}", r"softmax‹(x)›_{i} = frac(e^{x_{i}}, sum{j; _} e^{x_{j}})"),
    (r"\mathrm{d}W = X^T \mathrm{d}Y", r"d‹W› = [X^{T} d‹Y›]"),
    (r"W \leftarrow W - \eta \nabla_W L", r"W := <+W -[\eta ∇_{W}‹L›]>"),
    (
        r"\theta_{t+1} := \theta_t - \alpha \frac{\partial J}{\partial \theta}",
        r"\theta_{<+t +1>} := <+\theta_{t} -[\alpha frac(∂‹J›, ∂‹\theta›)]>",
    ),
    (r"\ell_i = -\log p_{y_i}", r"\ell_{i} = <-log‹p_{y_{i}}›>"),
    (r"\mathop{\mathrm{argmin}}_x f(x)", r"argmin{x; _} [f (x)]"),
    (r"\mathbf{W}\mathbf{x} + \mathbf{b}", r"<+[W x] +b>"),
    (r"\text{if } x > 0 \text{ then } y = 1", r"'if ' ; x > 0 ; ' then ' ; y = 1"),
    (r"a = b \text{ (by 3a)}", r"a = b ; ' (by 3a)'"),
    (r"x^2_i, \; x_i^2", r"x_{i}^{2} ; x_{i}^{2}"),
    (r"\frac{a}{b}\Big/\frac{c}{d}", r"[frac(a, b) /frac(c, d)]"),
    (r"\begin{align} a &= b, & c &= d \\ e &= f \end{align}", r"a = b ; c = d ; e = f"),
    (r"A_{i\cdot}", r"A_{[i \cdot]}"),
    (r"\begin{cases} [a] & x > 0 \\ 0 \end{cases}", r"cases(⟦a⟧ if x > 0 / 0 if _)"),
    (r"\begin{aligned}[t] a &= b \end{aligned}", r"a = b"),
    (r"ax^2 + (c + d)xy + dy^2", r"<+[a x^{2}] +[(<+c +d>) x y] +[d y^{2}]>"),
    (r"\frac{{d} x}{{d} y}", r"frac([d x], [d y])"),
    (r"\left. \begin{matrix} a \\ b \end{matrix} \right.", r"matrix(a / b)"),
    (r"\hat{dx} + \bar{loss}", r"<+\hat{dx} +\bar{loss}>"),
    (r"\textrm{log}\, P", r"log‹P›"),
    (r"\text{for all } i", r"'for all ' ; i"),
    (r"\log{(1 - p)} y", r"[log‹(<+1 -p>)› y]"),
    (r"{\rm softmax}(x)", r"softmax‹(x)›"),
    (r"\frac{\mathrm{d}}{\mathrm{d} t} \log g(t)", r"[frac(d, d‹t›) log‹[g (t)]›]"),
    (r"\frac{d\hat{h}_{kl}}{d h_{ij}}", r"frac(d‹\hat{h}_{[k l]}›, d‹h_{[i j]}›)"),
    (r"\frac{dx\,dy}{dz}", r"frac([d‹x› d‹y›], d‹z›)"),
    (r"p(x; \theta) = \{ x : x > 0 \}", r"[p (x, \theta)] = {x : x > 0}"),
    (r"\|x - y\| \cdot |a||b|", r"[‖<+x -y>‖ ·|a| |b|]"),
    (r"\cos\theta \, x", r"cos‹[\theta x]›"),
    (r"x^{\mathrm{new}} \gets x^{\mathrm{old}}", r"x^{new} := x^{old}"),
    (r"\sum_{1 \le i < j \le n} x_{ij}", r"sum{1 ≤ i < j ≤ n; _} x_{[i j]}"),
    (r"\mathbf{W}^{(l)\top} \delta", r"[W^{[(l) \top]} \delta]"),
    (r"A^{-1}_{ij} + (A^{-1})^\top", r"<+A_{[i j]}^{<-1>} +(A^{<-1>})^{\top}>"),
    (r"\frac{\partial \log p}{\partial \theta}", r"frac(∂‹log‹p››, ∂‹\theta›)"),
    (r"\partial_x f", r"∂_{x}‹f›"),
]
EXERCISE = [  # an exercise, as printed
    (r"X", r"X"),
    (r"m \times 10", r"[m ×10]"),
    (r"m", r"m"),
    (r"W_h", r"W_{h}"),
    (r"10 \times 50", r"[10 ×50]"),
    (r"b_h", r"b_{h}"),
    (r"1 \times 50", r"[1 ×50]"),
    (r"W_o", r"W_{o}"),
    (r"50 \times 3", r"[50 ×3]"),
    (r"b_o", r"b_{o}"),
    (r"1 \times 3", r"[1 ×3]"),
    (r"Y", r"Y"),
    (r"m \times 3", r"[m ×3]"),
    (
        r"e. Y = \text{ReLU}(\underbrace{\text{ReLU}(X \cdot W_h + b_h)}_{\text{output of hidden layer}} \cdot W_o + b_o)",
        r"e: Y = ReLU‹(<+[noted(ReLU‹(<+[X ·W_{h}] +b_{h}>)›; 'output of hidden layer') ·W_{o}] +b_{o}>)›",
    ),
    (r"3 \times 3", r"[3 ×3]"),
    (r"N_i^O", r"N_{i}^{O}"),
    (r"i", r"i"),
    (r"N_i^I", r"N_{i}^{I}"),
    (r"N_T", r"N_{T}"),
    (
        r"N_T = \sum_{i=1}^3 N_i^O \cdot (\underbrace{3 \times 3}_{\text{kernel size}} \times N_i^I + 1) =",
        r"N_{T} = sum{i = 1; 3} [N_{i}^{O} ·(<+[noted([3 ×3]; 'kernel size') ×N_{i}^{I}] +1>)] = _",
    ),
    (
        r"= N_1^O \cdot (3 \times 3 \times N_1^I + 1) + N_2^O \cdot (3 \times 3 \times N_2^I + 1) + N_3^O \cdot (3 \times 3 \times N_3^I + 1)",
        r"= <+[N_{1}^{O} ·(<+[3 ×3 ×N_{1}^{I}] +1>)] +[N_{2}^{O} ·(<+[3 ×3 ×N_{2}^{I}] +1>)] +[N_{3}^{O} ·(<+[3 ×3 ×N_{3}^{I}] +1>)]>",
    ),
    (
        r"= 100 \cdot (3 \cdot 3 \cdot 3 + 1) + 200 \cdot (3 \cdot 3 \cdot 100 + 1) + 400 \cdot (3 \cdot 3 \cdot 200 + 1) =",
        r"= <+[100 ·(<+[3 ·3 ·3] +1>)] +[200 ·(<+[3 ·3 ·100] +1>)] +[400 ·(<+[3 ·3 ·200] +1>)]> = _",
    ),
    (r"\uparrow", r"'↑'"),
    (r"N_T = 2,800 + 180,200 + 720,400 = 903,400", r"N_{T} = <+2800 +180200 +720400> = 903400"),
    (
        r"3. a. \frac{\partial f}{\partial y} = \sum_{i=1}^m \frac{\partial f}{\partial y_i} \cdot \frac{\partial y_i}{\partial y} = \sum_{i=1}^m \frac{\partial f}{\partial y_i} \cdot \hat{x}_i",
        r"3a: frac(∂‹f›, ∂‹y›) = sum{i = 1; m} [frac(∂‹f›, ∂‹y_{i}›) ·frac(∂‹y_{i}›, ∂‹y›)] = sum{i = 1; m} [frac(∂‹f›, ∂‹y_{i}›) ·\hat{x}_{i}]",
    ),
    (
        r"b. \frac{\partial f}{\partial \beta} = \sum_{i=1}^m \frac{\partial f}{\partial y_i} \cdot \frac{\partial y_i}{\partial \beta} = \sum_{i=1}^m \frac{\partial f}{\partial y_i}",
        r"b: frac(∂‹f›, ∂‹\beta›) = sum{i = 1; m} [frac(∂‹f›, ∂‹y_{i}›) ·frac(∂‹y_{i}›, ∂‹\beta›)] = sum{i = 1; m} frac(∂‹f›, ∂‹y_{i}›)",
    ),
    (
        r"c. \frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot \frac{\partial y_i}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot y_i",
        r"c: frac(∂‹f›, ∂‹\hat{x}_{i}›) = [frac(∂‹f›, ∂‹y_{i}›) ·frac(∂‹y_{i}›, ∂‹\hat{x}_{i}›)] = [frac(∂‹f›, ∂‹y_{i}›) ·y_{i}]",
    ),
    (
        r"d. \frac{\partial f}{\partial \sigma^2} = \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{\partial \hat{x}_i}{\partial \sigma^2} = -\frac{1}{2} \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{x_i - \mu}{(\sigma^2 + \varepsilon)^{3/2}} =",
        r"d: frac(∂‹f›, ∂‹\sigma^{2}›) = sum{i = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(∂‹\hat{x}_{i}›, ∂‹\sigma^{2}›)] = <-[frac(1, 2) sum{i = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(<+x_{i} -\mu>, (<+\sigma^{2} +\varepsilon>)^{[3 /2]})]]> = _",
    ),
    (
        r"= -\frac{1}{2} \sum_{i=1}^m \underbrace{\frac{\partial f}{\partial y_i} \cdot y_i}_{\frac{\partial f}{\partial \hat{x}_i}} \cdot \frac{x_i - \mu}{(\sigma^2 + \varepsilon)^{3/2}}",
        r"= <-[frac(1, 2) sum{i = 1; m} [noted([frac(∂‹f›, ∂‹y_{i}›) ·y_{i}]; frac(∂‹f›, ∂‹\hat{x}_{i}›)) ·frac(<+x_{i} -\mu>, (<+\sigma^{2} +\varepsilon>)^{[3 /2]})]]>",
    ),
    (
        r"e. \frac{\partial f}{\partial \mu} = \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{\partial \hat{x}_i}{\partial \mu} + \frac{\partial f}{\partial \sigma^2} \cdot \frac{\partial \sigma^2}{\partial \mu} = -\frac{\partial f}{\partial \hat{x}_i} \cdot \frac{1}{\sqrt{\sigma^2 + \varepsilon}} + \frac{\partial f}{\partial \sigma^2} \cdot \frac{\partial \sigma^2}{\partial \mu}",
        r"e: frac(∂‹f›, ∂‹\mu›) = <+sum{i = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(∂‹\hat{x}_{i}›, ∂‹\mu›)] +[frac(∂‹f›, ∂‹\sigma^{2}›) ·frac(∂‹\sigma^{2}›, ∂‹\mu›)]> = <-[frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(1, root(<+\sigma^{2} +\varepsilon>))] +[frac(∂‹f›, ∂‹\sigma^{2}›) ·frac(∂‹\sigma^{2}›, ∂‹\mu›)]>",
    ),
    (
        r"\frac{\partial \sigma^2}{\partial \mu} = \frac{2}{m} \sum_{i=1}^m (x_i - \mu) = \frac{2}{m} \cdot \left( \sum_{i=1}^m x_i - m \cdot \mu \right) = 2 \cdot (\mu - \mu) = 0",
        r"frac(∂‹\sigma^{2}›, ∂‹\mu›) = [frac(2, m) sum{i = 1; m} (<+x_{i} -\mu>)] = [frac(2, m) ·(<+sum{i = 1; m} x_{i} -[m ·\mu]>)] = [2 ·(<+\mu -\mu>)] = 0",
    ),
    (
        r"\Rightarrow \boxed{\frac{\partial f}{\partial \mu} = \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{\partial \hat{x}_i}{\partial \mu} = \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{-1}{\sqrt{\sigma^2 + \varepsilon}}}",
        r"⇒ frac(∂‹f›, ∂‹\mu›) = sum{i = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(∂‹\hat{x}_{i}›, ∂‹\mu›)] = sum{i = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(<-1>, root(<+\sigma^{2} +\varepsilon>))]",
    ),
    (
        r"f. \frac{\partial f}{\partial x_i} = \left( \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{\partial \hat{x}_i}{\partial x_i} \right) + \left( \frac{\partial f}{\partial \mu} \cdot \frac{\partial \mu}{\partial x_i} \right) + \left( \frac{\partial f}{\partial \sigma^2} \cdot \frac{\partial \sigma^2}{\partial x_i} \right) =",
        r"f: frac(∂‹f›, ∂‹x_{i}›) = <+([frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(∂‹\hat{x}_{i}›, ∂‹x_{i}›)]) +([frac(∂‹f›, ∂‹\mu›) ·frac(∂‹\mu›, ∂‹x_{i}›)]) +([frac(∂‹f›, ∂‹\sigma^{2}›) ·frac(∂‹\sigma^{2}›, ∂‹x_{i}›)])> = _",
    ),
    (
        r"= \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{1}{\sqrt{\sigma^2 + \varepsilon}} + \left( \sum_{k=1}^m \frac{\partial f}{\partial \hat{x}_k} \cdot \frac{-1}{\sqrt{\sigma^2 + \varepsilon}} \right) \cdot \frac{1}{m} + \left( -\frac{1}{2} \sum_{n=1}^m \frac{\partial f}{\partial \hat{x}_n} \cdot \frac{(x_n - \mu)}{(\sigma^2 + \varepsilon)^{3/2}} \cdot \frac{2(x_i - \mu)}{m} \right)",
        r"= <+[frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(1, root(<+\sigma^{2} +\varepsilon>))] +[(sum{k = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{k}›) ·frac(<-1>, root(<+\sigma^{2} +\varepsilon>))]) ·frac(1, m)] +(<-[frac(1, 2) sum{n = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{n}›) ·frac((<+x_{n} -\mu>), (<+\sigma^{2} +\varepsilon>)^{[3 /2]}) ·frac([2 (<+x_{i} -\mu>)], m)]]>)>",
    ),
    (
        r"= \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{1}{\sqrt{\sigma^2 + \varepsilon}} - \frac{1}{m \sqrt{\sigma^2 + \varepsilon}} \sum_{k=1}^m \frac{\partial f}{\partial \hat{x}_k} - \frac{x_i - \mu}{m \sqrt{\sigma^2 + \varepsilon}} \sum_{n=1}^m \frac{\partial f}{\partial \hat{x}_n} \cdot \frac{(x_n - \mu)}{(\sigma^2 + \varepsilon)}",
        r"= <+[frac(∂‹f›, ∂‹\hat{x}_{i}›) ·frac(1, root(<+\sigma^{2} +\varepsilon>))] -[frac(1, [m root(<+\sigma^{2} +\varepsilon>)]) sum{k = 1; m} frac(∂‹f›, ∂‹\hat{x}_{k}›)] -[frac(<+x_{i} -\mu>, [m root(<+\sigma^{2} +\varepsilon>)]) sum{n = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{n}›) ·frac((<+x_{n} -\mu>), (<+\sigma^{2} +\varepsilon>))]]>",
    ),
    (
        r"\Rightarrow \frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2 + \varepsilon}} \left( m \cdot \frac{\partial f}{\partial \hat{x}_i} - \sum_{k=1}^m \frac{\partial f}{\partial \hat{x}_k} - \underbrace{\frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}}_{\hat{x}_i} \sum_{n=1}^m \frac{\partial f}{\partial \hat{x}_n} \cdot \underbrace{\frac{x_n - \mu}{\sqrt{\sigma^2 + \varepsilon}}}_{\hat{x}_n} \right)",
        r"⇒ frac(∂‹f›, ∂‹x_{i}›) = [frac(1, [m root(<+\sigma^{2} +\varepsilon>)]) (<+[m ·frac(∂‹f›, ∂‹\hat{x}_{i}›)] -sum{k = 1; m} frac(∂‹f›, ∂‹\hat{x}_{k}›) -[noted(frac(<+x_{i} -\mu>, root(<+\sigma^{2} +\varepsilon>)); \hat{x}_{i}) sum{n = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{n}›) ·noted(frac(<+x_{n} -\mu>, root(<+\sigma^{2} +\varepsilon>)); \hat{x}_{n})]]>)]",
    ),
    (
        r"\Rightarrow \frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2 + \varepsilon}} \left( m \cdot \frac{\partial f}{\partial \hat{x}_i} - \sum_{k=1}^m \frac{\partial f}{\partial \hat{x}_k} - \hat{x}_i \sum_{n=1}^m \frac{\partial f}{\partial \hat{x}_n} \cdot \hat{x}_n \right)",
        r"⇒ frac(∂‹f›, ∂‹x_{i}›) = [frac(1, [m root(<+\sigma^{2} +\varepsilon>)]) (<+[m ·frac(∂‹f›, ∂‹\hat{x}_{i}›)] -sum{k = 1; m} frac(∂‹f›, ∂‹\hat{x}_{k}›) -[\hat{x}_{i} sum{n = 1; m} [frac(∂‹f›, ∂‹\hat{x}_{n}›) ·\hat{x}_{n}]]>)]",
    ),
    (
        r"\Rightarrow \frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2 + \varepsilon}} \left( m \cdot \gamma \cdot \frac{\partial f}{\partial \gamma_i} - \sum_{k=1}^m \gamma \cdot \frac{\partial f}{\partial \gamma_k} - \frac{\partial f}{\partial \gamma_i} \cdot \gamma \cdot \sum_{n=1}^m \gamma \cdot \frac{\partial f}{\partial \gamma_n} \cdot \hat{x}_n \right)",
        r"⇒ frac(∂‹f›, ∂‹x_{i}›) = [frac(1, [m root(<+\sigma^{2} +\varepsilon>)]) (<+[m ·\gamma ·frac(∂‹f›, ∂‹\gamma_{i}›)] -sum{k = 1; m} [\gamma ·frac(∂‹f›, ∂‹\gamma_{k}›)] -[frac(∂‹f›, ∂‹\gamma_{i}›) ·\gamma ·sum{n = 1; m} [\gamma ·frac(∂‹f›, ∂‹\gamma_{n}›) ·\hat{x}_{n}]]>)]",
    ),
    (
        r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial \gamma_i} \cdot \gamma",
        r"frac(∂‹f›, ∂‹\hat{x}_{i}›) = [frac(∂‹f›, ∂‹\gamma_{i}›) ·\gamma]",
    ),
]
BACKPROPAGATION = [  # a page on batch normalization
    (r"y = \gamma \hat{h}+\beta", r"y = <+[\gamma \hat{h}] +\beta>"),
    (r"\hat{h}= (h-\mu)(\sigma^2+\epsilon)^{-1/2}", r"\hat{h} = [(<+h -\mu>) (<+\sigma^{2} +\epsilon>)^{<-[1 /2]>}]"),
    (
        r"\hat{h_{kl}}= (h_{kl}-\mu_l)(\sigma_l^2+\epsilon)^{-1/2}",
        r"\hat{h}_{[k l]} = [(<+h_{[k l]} -\mu_{l}>) (<+\sigma_{l}^{2} +\epsilon>)^{<-[1 /2]>}]",
    ),
    (r"\mu_l = \frac{1}{N}\sum_p h_{pl}", r"\mu_{l} = [frac(1, N) sum{p; _} h_{[p l]}]"),
    (r"\sigma^2_l = \frac{1}{N}\sum_p (h_{pl}-\mu_l)^2.", r"\sigma_{l}^{2} = [frac(1, N) sum{p; _} (<+h_{[p l]} -\mu_{l}>)^{2}]"),
    (r"a = ReLu(y)", r"a = ReLu‹(y)›"),
    (r"\mathcal{L}", r"\mathcal{L}"),
    (
        r"\frac{d\mathcal{L}}{d\gamma}, \frac{d\mathcal{L}}{d\beta},\frac{d\mathcal{L}}{dh}",
        r"frac(d‹\mathcal{L}›, d‹\gamma›) ; frac(d‹\mathcal{L}›, d‹\beta›) ; frac(d‹\mathcal{L}›, d‹h›)",
    ),
    (r"y_{kl} = \gamma_l \hat{h}_{kl}+\beta_l", r"y_{[k l]} = <+[\gamma_{l} \hat{h}_{[k l]}] +\beta_{l}>"),
    (
        r"\begin{eqnarray} \frac{d\mathcal{L}}{dh_{ij}} &=& \sum_{k,l} \frac{d \mathcal{L}}{dy_{kl}}\frac{dy_{kl}}{dh_{ij}}, \end{eqnarray}",
        r"frac(d‹\mathcal{L}›, d‹h_{[i j]}›) = sum{k, l; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) frac(d‹y_{[k l]}›, d‹h_{[i j]}›)]",
    ),
    (r"\hat{h}_{kl}", r"\hat{h}_{[k l]}"),
    (
        r"\begin{eqnarray} \frac{d\mathcal{L}}{dh_{ij}} &=& \sum_{k,l} \frac{d \mathcal{L}}{dy_{kl}}\frac{dy_{kl}}{d\hat{h}_{kl}}\frac{d\hat{h}_{kl}}{d h_{ij}}. \end{eqnarray}",
        r"frac(d‹\mathcal{L}›, d‹h_{[i j]}›) = sum{k, l; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) frac(d‹y_{[k l]}›, d‹\hat{h}_{[k l]}›) frac(d‹\hat{h}_{[k l]}›, d‹h_{[i j]}›)]",
    ),
    (r"\frac{dy_{kl}}{d\hat{h}_{kl}}=\gamma_l", r"frac(d‹y_{[k l]}›, d‹\hat{h}_{[k l]}›) = \gamma_{l}"),
    (r"\hat{h_{kl}} = h_{kl}- \mu_l", r"\hat{h}_{[k l]} = <+h_{[k l]} -\mu_{l}>"),
    (
        r"\frac{d\hat{h}_{kl}}{d h_{ij}} = \delta_{i,k}\delta_{j,l}-\frac{1}{N}\delta_{j,l}.",
        r"frac(d‹\hat{h}_{[k l]}›, d‹h_{[i j]}›) = <+[\delta_{i, k} \delta_{j, l}] -[frac(1, N) \delta_{j, l}]>",
    ),
    (r"\delta_{i,j}=1", r"\delta_{i, j} = 1"),
    (
        r"\hat{h_{kl}} = (h_{kl}- \mu_l)(\sigma^2_l+\epsilon)^{-1/2}.",
        r"\hat{h}_{[k l]} = [(<+h_{[k l]} -\mu_{l}>) (<+\sigma_{l}^{2} +\epsilon>)^{<-[1 /2]>}]",
    ),
    (
        r"\begin{eqnarray} \frac{d\hat{h}_{kl}}{dh_{ij}} = (\delta_{ik}\delta_{jl}-\frac{1}{N}\delta_{jl})(\sigma_l^2+\epsilon)^{-1/2}-\frac{1}{2}(h_{kl}-\mu_l)\frac{d\sigma_l^2}{dh_{ij}}(\sigma_l^2+\epsilon)^{-3/2} \end{eqnarray}",
        r"frac(d‹\hat{h}_{[k l]}›, d‹h_{[i j]}›) = <+[(<+[\delta_{[i k]} \delta_{[j l]}] -[frac(1, N) \delta_{[j l]}]>) (<+\sigma_{l}^{2} +\epsilon>)^{<-[1 /2]>}] -[frac(1, 2) (<+h_{[k l]} -\mu_{l}>) frac(d‹\sigma_{l}^{2}›, d‹h_{[i j]}›) (<+\sigma_{l}^{2} +\epsilon>)^{<-[3 /2]>}]>",
    ),
    (
        r"\sigma_l^2 = \frac{1}{N}\sum_p \left(h_{pl}-\mu_l\right)^2.",
        r"\sigma_{l}^{2} = [frac(1, N) sum{p; _} (<+h_{[p l]} -\mu_{l}>)^{2}]",
    ),
    (
        r"\begin{eqnarray} \frac{d\sigma_l^2}{dh_{ij}} &=& \frac{1}{N}\sum_p2\left(\delta_{ip}\delta_{jl}-\frac{1}{N}\delta_{jl}\right)\left(h_{pl}-\mu_l\right)\\ &=&\frac{2}{N}(h_{il}-\mu_l)\delta_{jl}-\frac{2}{N^2}\sum_p\delta_{jl}\left(h_{pl}-\mu_l\right)\\ &=&\frac{2}{N}(h_{il}-\mu_l)\delta_{jl}-\frac{2}{N}\delta_{jl}\left(\frac{1}{N}\sum_p h_{pl}-\mu_l\right)\\ &=& \frac{2}{N}(h_{il}-\mu_l)\delta_{jl} \end{eqnarray}",
        r"frac(d‹\sigma_{l}^{2}›, d‹h_{[i j]}›) = [frac(1, N) sum{p; _} [2 (<+[\delta_{[i p]} \delta_{[j l]}] -[frac(1, N) \delta_{[j l]}]>) (<+h_{[p l]} -\mu_{l}>)]] ; = <+[frac(2, N) (<+h_{[i l]} -\mu_{l}>) \delta_{[j l]}] -[frac(2, N^{2}) sum{p; _} [\delta_{[j l]} (<+h_{[p l]} -\mu_{l}>)]]> ; = <+[frac(2, N) (<+h_{[i l]} -\mu_{l}>) \delta_{[j l]}] -[frac(2, N) \delta_{[j l]} (<+[frac(1, N) sum{p; _} h_{[p l]}] -\mu_{l}>)]> ; = [frac(2, N) (<+h_{[i l]} -\mu_{l}>) \delta_{[j l]}]",
    ),
    (
        r"\begin{eqnarray} \frac{d\hat{h}_{kl}}{dh_{ij}} = (\delta_{ik}\delta_{jl}-\frac{1}{N}\delta_{jl})(\sigma_l^2+\epsilon)^{-1/2}-\frac{1}{N}(h_{kl}-\mu_l)(h_{il}-\mu_l)\delta_{jl}(\sigma_l^2+\epsilon)^{-3/2}. \end{eqnarray}",
        r"frac(d‹\hat{h}_{[k l]}›, d‹h_{[i j]}›) = <+[(<+[\delta_{[i k]} \delta_{[j l]}] -[frac(1, N) \delta_{[j l]}]>) (<+\sigma_{l}^{2} +\epsilon>)^{<-[1 /2]>}] -[frac(1, N) (<+h_{[k l]} -\mu_{l}>) (<+h_{[i l]} -\mu_{l}>) \delta_{[j l]} (<+\sigma_{l}^{2} +\epsilon>)^{<-[3 /2]>}]>",
    ),
    (
        r"\begin{eqnarray} \frac{d\mathcal{L}}{dh_{ij}} &=& \sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\frac{dy_{kl}}{d\hat{h}_{kl}}\frac{d\hat{h}_{kl}}{dh_{ij}}\\ &=& \sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\gamma_l\left((\delta_{ik}\delta_{jl}-\frac{1}{N}\delta_{jl})(\sigma_l^2+\epsilon)^{-1/2}-\frac{1}{N}(h_{kl}-\mu_l)(h_{il}-\mu_l)\delta_{jl}(\sigma_l^2+\epsilon)^{-3/2}\right)\\ &=&\sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\gamma_l\left((\delta_{ik}\delta_{jl}-\frac{1}{N}\delta_{jl})(\sigma_l^2+\epsilon)^{-1/2}\right)-\sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\gamma_l\left(\frac{1}{N}(h_{kl}-\mu_l)(h_{il}-\mu_l)\delta_{jl}(\sigma_l^2+\epsilon)^{-3/2}\right)\\ &=&\frac{d\mathcal{L}}{dy_{ij}}\gamma_j(\sigma_j^2+\epsilon)^{-1/2}-\frac{1}{N}\sum_{k}\frac{d\mathcal{L}}{dy_{kj}}\gamma_j(\sigma_j^2+\epsilon)^{-1/2}-\frac{1}{N}\sum_{k}\frac{d\mathcal{L}}{dy_{kj}}\gamma_j\left((h_{kj}-\mu_j)(h_{ij}-\mu_j)(\sigma_j^2+\epsilon)^{-3/2}\right)\\ &=&\frac{1}{N}\gamma_j(\sigma_j^2+\epsilon)^{-1/2}\left(N\frac{d\mathcal{L}}{dy_{ij}}-\sum_k\frac{d\mathcal{L}}{dy_{kj}}-(h_{ij}-\mu_j)(\sigma_j^2+\epsilon)^{-1}\sum_k\frac{d\mathcal{L}}{dy_{kj}}(h_{kj}-\mu_j)\right) \end{eqnarray}",
        r"frac(d‹\mathcal{L}›, d‹h_{[i j]}›) = sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) frac(d‹y_{[k l]}›, d‹\hat{h}_{[k l]}›) frac(d‹\hat{h}_{[k l]}›, d‹h_{[i j]}›)] ; = sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) \gamma_{l} (<+[(<+[\delta_{[i k]} \delta_{[j l]}] -[frac(1, N) \delta_{[j l]}]>) (<+\sigma_{l}^{2} +\epsilon>)^{<-[1 /2]>}] -[frac(1, N) (<+h_{[k l]} -\mu_{l}>) (<+h_{[i l]} -\mu_{l}>) \delta_{[j l]} (<+\sigma_{l}^{2} +\epsilon>)^{<-[3 /2]>}]>)] ; = <+sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) \gamma_{l} ([(<+[\delta_{[i k]} \delta_{[j l]}] -[frac(1, N) \delta_{[j l]}]>) (<+\sigma_{l}^{2} +\epsilon>)^{<-[1 /2]>}])] -sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) \gamma_{l} ([frac(1, N) (<+h_{[k l]} -\mu_{l}>) (<+h_{[i l]} -\mu_{l}>) \delta_{[j l]} (<+\sigma_{l}^{2} +\epsilon>)^{<-[3 /2]>}])]> ; = <+[frac(d‹\mathcal{L}›, d‹y_{[i j]}›) \gamma_{j} (<+\sigma_{j}^{2} +\epsilon>)^{<-[1 /2]>}] -[frac(1, N) sum{k; _} [frac(d‹\mathcal{L}›, d‹y_{[k j]}›) \gamma_{j} (<+\sigma_{j}^{2} +\epsilon>)^{<-[1 /2]>}]] -[frac(1, N) sum{k; _} [frac(d‹\mathcal{L}›, d‹y_{[k j]}›) \gamma_{j} ([(<+h_{[k j]} -\mu_{j}>) (<+h_{[i j]} -\mu_{j}>) (<+\sigma_{j}^{2} +\epsilon>)^{<-[3 /2]>}])]]> ; = [frac(1, N) \gamma_{j} (<+\sigma_{j}^{2} +\epsilon>)^{<-[1 /2]>} (<+[N frac(d‹\mathcal{L}›, d‹y_{[i j]}›)] -sum{k; _} frac(d‹\mathcal{L}›, d‹y_{[k j]}›) -[(<+h_{[i j]} -\mu_{j}>) (<+\sigma_{j}^{2} +\epsilon>)^{<-1>} sum{k; _} [frac(d‹\mathcal{L}›, d‹y_{[k j]}›) (<+h_{[k j]} -\mu_{j}>)]]>)]",
    ),
    (
        r"\begin{eqnarray} \frac{d\mathcal{L}}{d\gamma_j} &=& \sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\frac{dy_{kl}}{d\gamma_j}\\ &=& \sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\hat{h}_{kl}\delta_{lj}\\ &=& \sum_{k}\frac{d\mathcal{L}}{dy_{kj}}(h_{kj}- \mu_j)(\sigma^2_j+\epsilon)^{-1/2}\\ \end{eqnarray}",
        r"frac(d‹\mathcal{L}›, d‹\gamma_{j}›) = sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) frac(d‹y_{[k l]}›, d‹\gamma_{j}›)] ; = sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) \hat{h}_{[k l]} \delta_{[l j]}] ; = sum{k; _} [frac(d‹\mathcal{L}›, d‹y_{[k j]}›) (<+h_{[k j]} -\mu_{j}>) (<+\sigma_{j}^{2} +\epsilon>)^{<-[1 /2]>}]",
    ),
    (
        r"\begin{eqnarray} \frac{d\mathcal{L}}{d\beta_j} &=& \sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\frac{dy_{kl}}{d\beta_j}\\ &=& \sum_{kl}\frac{d\mathcal{L}}{dy_{kl}}\delta_{lj}\\ &=& \sum_{k}\frac{d\mathcal{L}}{dy_{kj}} \end{eqnarray}",
        r"frac(d‹\mathcal{L}›, d‹\beta_{j}›) = sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) frac(d‹y_{[k l]}›, d‹\beta_{j}›)] ; = sum{[k l]; _} [frac(d‹\mathcal{L}›, d‹y_{[k l]}›) \delta_{[l j]}] ; = sum{k; _} frac(d‹\mathcal{L}›, d‹y_{[k j]}›)",
    ),
]
HOMEWORK = [  # a homework in LaTeX, with the macros below
    (
        r"\begin{align*} \zbf_i &= \Wbf\xbf_i + \bbf \\ \ubf_i &= \exp(\zbf_i), \quad \hat{y}_i = \alphabf\tran \ubf_i \\ L &= \sum_{i=1}^N (y_i-\hat{y}_i)^2. \end{align*}",
        r"z_{i} = <+[W x_{i}] +b> ; u_{i} = exp‹(z_{i})› ; \hat{y}_{i} = [\alpha^{\top} u_{i}] ; L = sum{i = 1; N} (<+y_{i} -\hat{y}_{i}>)^{2}",
    ),
    (r"\frac{\partial L}{\partial \hat{y}_i} = 2(\hat{y}_i - y_i).", r"frac(∂‹L›, ∂‹\hat{y}_{i}›) = [2 (<+\hat{y}_{i} -y_{i}>)]"),
    (
        r"\hat{y}_i = \alphabf\tran \ubf_i = \sum_{j=1}^M \alpha_ju_{ij}.",
        r"\hat{y}_{i} = [\alpha^{\top} u_{i}] = sum{j = 1; M} [\alpha_{j} u_{[i j]}]",
    ),
    (
        r"\frac{\partial \hat{y}_i}{\partial u_{ij}} = \alpha_j, \quad \frac{\partial \hat{y}_i}{\partial \alpha_j} = u_{ij}.",
        r"frac(∂‹\hat{y}_{i}›, ∂‹u_{[i j]}›) = \alpha_{j} ; frac(∂‹\hat{y}_{i}›, ∂‹\alpha_{j}›) = u_{[i j]}",
    ),
    (
        r"\begin{align*} \frac{\partial L}{\partial \alpha_j} &= \sum_{i=1}^N \frac{\partial L}{\partial \hat{y}_i}\frac{\partial \hat{y}_i}{\partial \alpha_j} = \sum_{i=1}^N \frac{\partial L}{\partial \hat{y}_i}u_{ij} \\ \frac{\partial L}{\partial u_{ij}} &= \frac{\partial L}{\partial \hat{y}_i}\frac{\partial \hat{y}_i}{\partial u_{ij}} = \sum_{i=1}^N \frac{\partial L}{\partial \hat{y}_i}\alpha_j. \end{align*}",
        r"frac(∂‹L›, ∂‹\alpha_{j}›) = sum{i = 1; N} [frac(∂‹L›, ∂‹\hat{y}_{i}›) frac(∂‹\hat{y}_{i}›, ∂‹\alpha_{j}›)] = sum{i = 1; N} [frac(∂‹L›, ∂‹\hat{y}_{i}›) u_{[i j]}] ; frac(∂‹L›, ∂‹u_{[i j]}›) = [frac(∂‹L›, ∂‹\hat{y}_{i}›) frac(∂‹\hat{y}_{i}›, ∂‹u_{[i j]}›)] = sum{i = 1; N} [frac(∂‹L›, ∂‹\hat{y}_{i}›) \alpha_{j}]",
    ),
    (r"\frac{\partial u_{ij}}{\partial z_{ij}} = \exp(z_{ij}).", r"frac(∂‹u_{[i j]}›, ∂‹z_{[i j]}›) = exp‹(z_{[i j]})›"),
    (
        r"\frac{\partial L}{\partial z_{ij}} = \frac{\partial L}{\partial u_{ij}}\frac{\partial u_{ij}}{\partial z_{ij}} = \frac{\partial L}{\partial u_{ij}}\exp(z_{ij}).",
        r"frac(∂‹L›, ∂‹z_{[i j]}›) = [frac(∂‹L›, ∂‹u_{[i j]}›) frac(∂‹u_{[i j]}›, ∂‹z_{[i j]}›)] = [frac(∂‹L›, ∂‹u_{[i j]}›) exp‹(z_{[i j]})›]",
    ),
    (r"z_{ij} = \sum_k W_{jk}x_{ik} + b_j.", r"z_{[i j]} = <+sum{k; _} [W_{[j k]} x_{[i k]}] +b_{j}>"),
    (
        r"\frac{\partial z_{ij}}{\partial W_{jk}} = u_{ik}, \quad \frac{\partial z_{ij}}{\partial b_{j}} = 1.",
        r"frac(∂‹z_{[i j]}›, ∂‹W_{[j k]}›) = u_{[i k]} ; frac(∂‹z_{[i j]}›, ∂‹b_{j}›) = 1",
    ),
    (
        r"\begin{align*} \frac{\partial L}{\partial W_{jk}} &= \sum_i \frac{\partial L}{\partial z_{ij}}\frac{\partial z_{ij}}{\partial W_{jk}} = \sum_i \frac{\partial L}{\partial z_{ij}}u_{ik}, \\ \frac{\partial L}{\partial b_{j}} &= \sum_i \frac{\partial L}{\partial z_{ij}}\frac{\partial z_{ij}}{\partial b_{j}} = \sum_i \frac{\partial L}{\partial z_{ij}}. \end{align*}",
        r"frac(∂‹L›, ∂‹W_{[j k]}›) = sum{i; _} [frac(∂‹L›, ∂‹z_{[i j]}›) frac(∂‹z_{[i j]}›, ∂‹W_{[j k]}›)] = sum{i; _} [frac(∂‹L›, ∂‹z_{[i j]}›) u_{[i k]}] ; frac(∂‹L›, ∂‹b_{j}›) = sum{i; _} [frac(∂‹L›, ∂‹z_{[i j]}›) frac(∂‹z_{[i j]}›, ∂‹b_{j}›)] = sum{i; _} frac(∂‹L›, ∂‹z_{[i j]}›)",
    ),
]
MACROS = {
    "\\arr": Macro(0, "\\rightarrow"),
    "\\bbf": Macro(0, "\\mathbf{b}"),
    "\\ubf": Macro(0, "\\mathbf{u}"),
    "\\xbf": Macro(0, "\\mathbf{x}"),
    "\\ybf": Macro(0, "\\mathbf{y}"),
    "\\zbf": Macro(0, "\\mathbf{z}"),
    "\\Wbf": Macro(0, "\\mathbf{W}"),
    "\\alphabf": Macro(0, "{\\boldsymbol \\alpha}"),
    "\\tran": Macro(0, "^{\\text{\\sf T}}"),
}
CLAIMS = [  # sides of claims that were made in public
    (r"\frac{d\mathcal{L}}{db_{f'}}", r"frac(d‹\mathcal{L}›, d‹b_{f'}›)"),
    (
        r"\sum_{f,k,l} \sum_{p=0}^{HH}\sum_{q=0}^{WW} \frac{d\mathcal{L}}{dy_{n',f,k,l}}\delta_{p+kS,i+P} \delta_{q+lS,j+P}w_{f,c',p,q}",
        r"sum{f, k, l; _} sum{p = 0; [H H]} sum{q = 0; [W W]} [frac(d‹\mathcal{L}›, d‹y_{n', f, k, l}›) \delta_{<+p +[k S]>, <+i +P>} \delta_{<+q +[l S]>, <+j +P>} w_{f, c', p, q}]",
    ),
    (r"\sigma^2 = \frac{1}{d}\sum_{i=1}^d (x_i-\mu)^2", r"\sigma^{2} = [frac(1, d) sum{i = 1; d} (<+x_{i} -\mu>)^{2}]"),
    (r"\frac{\partial L}{\partial X}", r"frac(∂‹L›, ∂‹X›)"),
    (r"\hat{x}_i = \frac{x_i - \mu}{\sigma}", r"\hat{x}_{i} = frac(<+x_{i} -\mu>, \sigma)"),
    (r"\delta_{kj} - \frac{1}{n}", r"<+\delta_{[k j]} -frac(1, n)>"),
    (r"-\frac{1}{2} \text{rstd}^3 \frac{\partial \sigma^2}{\partial x_j}", r"<-[frac(1, 2) rstd^{3} frac(∂‹\sigma^{2}›, ∂‹x_{j}›)]>"),
    (r"y_i = w_i \hat{x}_i", r"y_{i} = [w_{i} \hat{x}_{i}]"),
    (
        r"\frac{\partial \mathcal{L}}{\partial y_i}\frac{w_i}{r}-\frac{x_i}{n r^3}\sum_j\frac{\partial \mathcal{L}}{\partial y_j}w_j x_j",
        r"<+[frac(∂‹\mathcal{L}›, ∂‹y_{i}›) frac(w_{i}, r)] -[frac(x_{i}, [n r^{3}]) sum{j; _} [frac(∂‹\mathcal{L}›, ∂‹y_{j}›) w_{j} x_{j}]]>",
    ),
    (r"\frac{\partial E}{\partial x_i}", r"frac(∂‹E›, ∂‹x_{i}›)"),
    (r"-\frac{(1-p)^\gamma}{p}", r"<-frac((<+1 -p>)^{\gamma}, p)>"),
    (
        r"E = -\log\left(\sigma\left(u_{j^*}\right)\right)-\sum_{k=1}^K\log\left(\sigma\left(-u_{j_k}\right)\right)",
        r"E = <-log‹([\sigma (u_{j^{*}})])› -sum{k = 1; K} log‹([\sigma (<-u_{j_{k}}>)])›>",
    ),
    (
        r"J = -u_{o}^\top v_{c} + \log \sum_{w=1}^{V} e^{u_{w}^\top v_{c}}",
        r"J = <-[u_{o}^{\top} v_{c}] +log‹sum{w = 1; V} e^{[u_{w}^{\top} v_{c}]}›>",
    ),
    (r"\frac {\partial{J}} {\partial{u_{o}}}", r"frac(∂‹J›, ∂‹u_{o}›)"),
    (r"\frac{\partial \textrm{log}\, P(w_o \mid w_c)}{\partial \mathbf{v}_c}", r"frac(∂‹log‹[P (w_{o} | w_{c})]››, ∂‹v_{c}›)"),
    (
        r"\frac{\partial \log\, P(w_c \mid \mathcal{W}_o)}{\partial \mathbf{v}_{o_i}}",
        r"frac(∂‹log‹[P (w_{c} | \mathcal{W}_{o})]››, ∂‹v_{o_{i}}›)",
    ),
    (
        r"l(\theta)=\sum_{i=1}^{m} \left[y_{i} \log(h_\theta(x_{i})) + (1- y_{i}) \log (1 - h_\theta(x_{i}))\right]",
        r"[l (\theta)] = sum{i = 1; m} ⟦<+[y_{i} log‹([h_{\theta} (x_{i})])›] +[(<+1 -y_{i}>) log‹(<+1 -[h_{\theta} (x_{i})]>)›]>⟧",
    ),
    (r"J = -\frac{1}{n}\sum_x[y\ln a + (1-y)\ln{(1-a)}]", r"J = <-[frac(1, n) sum{x; _} ⟦<+[y ln‹a›] +[(<+1 -y>) ln‹(<+1 -a>)›]>⟧]>"),
    (r"\frac{1}{n}\sum_{x}x_j(\sigma{(z)}-y)", r"[frac(1, n) sum{x; _} [x_{j} (<+[\sigma (z)] -y>)]]"),
    (r"\frac{\partial J}{\partial w}", r"frac(∂‹J›, ∂‹w›)"),
    (
        r"\frac{1}{2m}\sum^{m}_{j=0}(h_\theta (x^{(j)}_0 ,x^{(j)}_1,...,x^{(j)}_n)-y_j)^2",
        r"[frac(1, [2 m]) sum{j = 0; m} (<+[h_{\theta} (x_{0}^{(j)}, x_{1}^{(j)}, …, x_{n}^{(j)})] -y_{j}>)^{2}]",
    ),
    (r"-2X^T(\mathbf{y} - X\mathbf{w})", r"<-[2 X^{T} (<+y -[X w]>)]>"),
    (
        r"MSE = \frac{1}{2N} \sum_{i=1}^{n} (y_i - (W_1 x_1 + W_2 x_2 + W_3 x_3))^2",
        r"MSE = [frac(1, [2 N]) sum{i = 1; n} (<+y_{i} -(<+[W_{1} x_{1}] +[W_{2} x_{2}] +[W_{3} x_{3}]>)>)^{2}]",
    ),
    (r"-X(targets - predictions)", r"<-[X (<+[t a r g e t s] -[p r e d i c t i o n s]>)]>"),
    (r"\frac{\partial}{\partial W} \text{tr}(W^\top A W B)", r"[frac(∂, ∂‹W›) tr‹([W^{\top} A W B])›]"),
    (r"ax^2 + (c+d)xy + dy^2", r"<+[a x^{2}] +[(<+c +d>) x y] +[d y^{2}]>"),
    (r"2 𝑤_2⋅𝑥⋅(𝑦−𝑤_1⋅𝑤_2⋅𝑥)", r"[2 w_{2} ·x ·(<+y -[w_{1} ·w_{2} ·x]>)]"),
    (r"\mathbf{z}= \mathbf{W}^{(1)} \mathbf{x}", r"z = [W^{(1)} x]"),
    (r"L = l(\mathbf{o}, y)", r"L = [l (o, y)]"),
    (
        r"\frac{\partial J}{\partial \mathbf{o}} \mathbf{h}^\top + \lambda \mathbf{W}^{(2)}",
        r"<+[frac(∂‹J›, ∂‹o›) h^{\top}] +[\lambda W^{(2)}]>",
    ),
    (r"\frac{\partial J}{\partial \mathbf{W}^{(1)}}", r"frac(∂‹J›, ∂‹W^{(1)}›)"),
    (r"\mathbf{o}_t = \mathbf{W}_\textrm{qh} \mathbf{h}_{t}", r"o_{t} = [W_{qh} h_{t}]"),
    (
        r"\sum_{t=1}^T \frac{\partial L}{\partial \mathbf{h}_t} \mathbf{h}_{t-1}^\top",
        r"sum{t = 1; T} [frac(∂‹L›, ∂‹h_{t}›) h_{<+t -1>}^{\top}]",
    ),
    (r"C(v)=\frac{1}{N} \sum_{i=1}^N v^2", r"[C (v)] = [frac(1, N) sum{i = 1; N} v^{2}]"),
    (r"S = QK^\top / \sqrt{d}", r"S = [Q K^{\top} /root(d)]"),
    (r"\text{GELU}(x) = x \cdot \Phi(x)", r"GELU‹(x)› = [x ·\Phi (x)]"),
    (r"\delta |y - \hat{y}| - \frac{1}{2}\delta^2", r"<+[\delta |<+y -\hat{y}>|] -[frac(1, 2) \delta^{2}]>"),
    (
        r"KL(N(\mu_1, \sigma_1), N(0, 1)) = -log\sigma_1 + \frac{\sigma_1^2 + \mu_1^2}{2} - 1/2",
        r"[KL ([N (\mu_{1}, \sigma_{1})], [N (0, 1)])] = <-[l o g \sigma_{1}] +frac(<+\sigma_{1}^{2} +\mu_{1}^{2}>, 2) -[1 /2]>",
    ),
    (r"\frac{\partial D_{KL}}{\partial \mu}", r"frac(∂‹D_{KL}›, ∂‹\mu›)"),
    (r"\frac{\mu \sigma}{1 + \sigma^2} - \frac{\sigma}{2}", r"<+frac([\mu \sigma], <+1 +\sigma^{2}>) -frac(\sigma, 2)>"),
    (r"-\log \sigma + 1/2 \sigma^2 + \mu^2", r"<-log‹\sigma› +[1 /2 \sigma^{2}] +\mu^{2}>"),
    (
        r"\log \pi(a \vert{} s, \vec{\theta}) = - \log \sqrt{2 \pi} - \log \sigma - \frac{(a - \mu)^2}{2\sigma^2}",
        r"log‹[\pi (a | s, \vec{\theta})]› = <-log‹root([2 \pi])› -log‹\sigma› -frac((<+a -\mu>)^{2}, [2 \sigma^{2}])>",
    ),
    (
        r"\sigma(s, \vec{\theta}_\sigma) = \exp(\vec{\theta}_\sigma^\top\vec{x}_\sigma(s))",
        r"[\sigma (s, \vec{\theta}_{\sigma})] = exp‹([\vec{\theta}_{\sigma}^{\top} \vec{x}_{\sigma} (s)])›",
    ),
    (r"\pi(a \vert{} s, \vec{\theta})", r"[\pi (a | s, \vec{\theta})]"),
    (
        r"\frac{\exp(h(s, a, \vec{\theta}))}{\sum_b \exp(h(s, b, \vec{\theta}))}",
        r"frac(exp‹([h (s, a, \vec{\theta})])›, sum{b; _} exp‹([h (s, b, \vec{\theta})])›)",
    ),
    (r"(-1)^a \vec{x}(s) (1 - \pi(a \vert{} s, \vec{\theta}))", r"[(<-1>)^{a} \vec{x} (s) (<+1 -[\pi (a | s, \vec{\theta})]>)]"),
    (r"g((-1)^1 \vec{\theta}_t^\top\vec{x}(s))", r"[g ([(<-1>)^{1} \vec{\theta}_{t}^{\top} \vec{x} (s)])]"),
    (
        r"2 \frac{p_{ij}}{q_{ij}Z} (1 + d_{ij}^2)^{-2}d_{ij} - 2 \sum_{k \neq l} p_{kl} \frac{(1 + d_{ij}^2)^{-2}d_{ij}}{Z}",
        r"<+[2 frac(p_{[i j]}, [q_{[i j]} Z]) (<+1 +d_{[i j]}^{2}>)^{<-2>} d_{[i j]}] -[2 sum{k ≠ l; _} [p_{[k l]} frac([(<+1 +d_{[i j]}^{2}>)^{<-2>} d_{[i j]}], Z)]]>",
    ),
]

ROWS = [(latex, expected, {}) for latex, expected in (*NOTATION, *EXERCISE, *BACKPROPAGATION, *CLAIMS)] + [
    (*row, MACROS) for row in HOMEWORK
]


@pytest.mark.parametrize(("latex", "expected", "macros"), ROWS)
def test_a_formula_is_read_as_its_tree(latex: str, expected: str, macros: dict[str, Macro]) -> None:
    assert sketch(read(latex, macros)) == expected


@pytest.mark.parametrize(("latex", "macros"), [(latex, macros) for latex, _, macros in ROWS])
def test_what_is_written_is_read_as_the_same_tree(latex: str, macros: dict[str, Macro]) -> None:
    formula = read(latex, macros)
    assert read(written(formula)) == formula


PRINTED_ALIKE = {
    # as it is published                                                              plainly
    r"\eqalign{ a &= b \cr &= c \cr\cr d &= e \cr }":                                  r"\begin{align} a &= b \\ &= c \\ d &= e \end{align}",
    r"\begin{array}{rcl} a &=& b \\ &=& c + 1 \end{array}":                             r"\begin{align} a &= b \\ &= c + 1 \end{align}",
    r"\begin{array}{rl} a &= b \\ c &= d \end{array}":                                  r"\begin{align} a &= b \\ c &= d \end{align}",
    r"\begin{array}{ll} a = & b \\ c = & d \end{array}":                                r"\begin{align} a &= b \\ c &= d \end{align}",
    r"\bold{a} \space = \R":                                                            r"\mathbf{a} = \mathbb{R}",
    r"\bbox[yellow,9px]{ a = b }":                                                      "a = b",
    r"\color{red}{a = b} + \color{blue} c":                                             "a = b + c",
    r"{\color{red} a} = \textcolor{blue}{b}":                                           "a = b",
    r"a + \cancel{b} = \bcancel{c}":                                                    "a + b = c",
    r"L^{}_{i}{} = a_{ }":                                                               "L_i = a",
}  # fmt: skip


@pytest.mark.parametrize("published", PRINTED_ALIKE)
def test_what_is_printed_alike_is_read_alike(published: str) -> None:
    assert read(published, {}).chains == read(PRINTED_ALIKE[published], {}).chains


def test_a_table_of_numbers_is_none_of_equations() -> None:
    (chain,) = read(r"A = \begin{array}{rl} a & b \\ c & d \end{array}", {}).chains
    assert isinstance(chain.members[1][1], Matrix)


EXPANSIONS = [
    # formula, macros, tree
    (r"\R^n", {r"\R": Macro(0, r"\mathbb{R}")}, r"\mathbb{R}^{n}"),
    (r"\p{f}{x}", {r"\p": Macro(2, r"\frac{\partial #1}{\partial #2}")}, "frac(∂‹f›, ∂‹x›)"),
    (r"\p fx", {r"\p": Macro(2, r"\frac{\partial #1}{\partial #2}")}, "frac(∂‹f›, ∂‹x›)"),
    (r"\d{}/\d{x}", {r"\d": Macro(1, r"\mathrm{d}#1")}, "[d /d‹x›]"),
    (r"\w(x)", {r"\w": Macro(0, r"\operatorname{softmax}")}, "softmax‹(x)›"),
    (r"\t{ReLU}(x)", {r"\t": Macro(1, r"\text{#1}")}, "ReLU‹(x)›"),
    (r"\g x", {r"\g": Macro(0, r"\h\h"), r"\h": Macro(0, r"\gamma")}, r"[\gamma \gamma x]"),
    (r"\g{\g{x}}", {r"\g": Macro(1, "(#1)")}, "((x))"),
    (r"\be a = b \ee", {r"\be": Macro(0, r"\begin{equation}"), r"\ee": Macro(0, r"\end{equation}")}, "a = b"),
    (r"\vec{x}", {r"\vec": Macro(1, r"\mathbf{#1}")}, "x"),
    (r"\alphax", {r"\alphax": Macro(0, r"\alpha")}, r"\alpha"),
    (r"\a b", {r"\a": Macro(0, r"\beta")}, r"[\beta b]"),
    (r"\a{b}", {r"\a": Macro(1, r"\beta#1")}, r"[\beta b]"),
]


@pytest.mark.parametrize(("latex", "macros", "expected"), EXPANSIONS)
def test_macros_are_put_in(latex: str, macros: dict[str, Macro], expected: str) -> None:
    assert sketch(read(latex, macros)) == expected


BAD = [
    # formula, what is in the way, why
    (r"a + \foo", r"\foo", r"the command \foo is not known: define it with \newcommand, or write what it stands for"),
    (r"a \input{x}", r"\input", r"\input is never carried out: write the formula that it stands for"),
    (r"\write18{ls}", r"\write", r"\write is never carried out: write the formula that it stands for"),
    (r"\frac{a}{b", "{", "{ is not closed: write what closes it, or leave it out"),
    (r"a}", "}", "} closes nothing here: nothing is open"),
    (r"(a]] + b", "]", "] closes nothing here: nothing is open"),
    (r"(a + b", "(", "( is not closed: write what closes it, or leave it out"),
    (r"(a + {b) + c}", ")", ") closes nothing here: { is still open"),
    (r"\{a)", ")", ") does not close {: write the fences so that they agree"),
    (r"\left( a", r"\left(", "( is not closed: write what closes it, or leave it out"),
    (r"\left( a \right\}", r"\right\}", r"\right\} does not close (: write the fences so that they agree"),
    (r"\left a", r"\left a", r"\left a has no fence: write \left( and \right), or \left. and \right. for none"),
    (r"\begin{cases} a", r"\begin{cases}", r"\begin{cases} is not closed: write what closes it, or leave it out"),
    (r"\begin{align} a \end{gather}", r"\end{gather}", r"\end{gather} does not close \begin{align}"),
    (r"\begin{tikzpicture}", r"\begin{tikzpicture}", "the environment tikzpicture is not known: write align, cases or a matrix"),
    (r"(\begin{align} a \end{align})", r"\begin{align}", "align inside of a formula: write each of its rows as a formula"),
    (r"a +", "+", "the formula breaks off here: something is missing after this"),
    (r"a + = b", "=", "something is missing before ="),
    (r"a = = b", "=", "something is missing before ="),
    (r"a \cdot \times b", r"\times", r"something is missing before \times"),
    (r"(a + )", ")", "something is missing before )"),
    (r"a - -b", "-", r"two signs in a row: write parentheses, as in a \cdot (-b)"),
    (r"\frac{}{b}", "}", "something is missing before }"),
    (r"_i", "_", "_ has nothing before it that it could be below: write braces around what belongs together"),
    (r"x^a^b", "^b", "a second thing above the same name: put what belongs together in braces"),
    (r"x^12", "12", "of this only the first digit is printed above: write {12}"),
    (r"\sum_i {a + b}", "{a + b}", "braces print nothing: write parentheses around this"),
    (r"2 {a + b}", "{a + b}", "braces print nothing: write parentheses around this"),
    (r"{a + b}^2", "{a + b}", "braces print nothing: write parentheses around this"),
    (r"\hat{a + b}", "a + b", "an accent over more than a name: give what it is over a name"),
    (r"\partial^n f", "n", "the order of a derivative is a number, at most 8"),
    (r"f(x)|_{x = 0}", "|", r"the value at a point has fences: write \left. f \right|_{x = a}"),
    (r"a & b_{c & d}", "&", "& stands between columns: of align, cases and matrices"),
    (r"f(x.)", ".", "a full stop inside of a formula: leave it out"),
    (r"\sqrt", r"\sqrt", "the formula breaks off here: something is missing after this"),
    (r"\text x", r"\text ", r"\text wants something in braces after it: \text{...}"),
    (r"\operatorname{a+b}(x)", r"\operatorname{a+b}", r"\operatorname wants a word: \operatorname{softmax}"),
    (r"\not x", r"\not", r"\not stands before = or \in: write \ne or \notin"),
    (r"n!", "!", "'!' cannot be in a formula"),
    (r"a $ b", "$", "'$' cannot be in a formula"),
    (r"x²", "²", "the sign '²' is not known: write it in LaTeX"),
    ("x\0", "\0", r"'\x00' cannot be in a formula"),
    ("x \\", "\\", "a backslash at the end"),
    (r"\begin{cases} a \\ b & c \end{cases}", "a", "a case is a value and a condition, with & between: 0 & x < 0"),
    (r"\sum'_i x", r"\sum'_i", "a prime belongs to a name or a function"),
    ("1" * 41, "1" * 41, f"a number of 41 digits; at most {DIGITS} are read"),
    ("(" * 40 + "x" + ")" * 40, "(", f"nested more than {NESTING} deep: name a part of the formula, and use the name"),
    (r"\log" * 40 + " x", r"\log", f"nested more than {NESTING} deep: name a part of the formula, and use the name"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "where", "why"), BAD)
def test_what_is_not_understood_is_said_with_its_place(latex: str, where: str, why: str) -> None:
    with pytest.raises(FormulaError) as error:
        read(latex)
    assert str(error.value) == why
    assert latex[slice(*error.value.at)] == where


BAD_MACROS = [
    (r"a + \a", {r"\a": Macro(0, r"\a")}, r"\a", r"\a stands for itself, or for macros more than 20 deep"),
    (r"a + \p{x}", {r"\p": Macro(2, "#1#2")}, r"\p{x}", r"\p wants an argument: write \p{...}"),
    (r"a + \p{x", {r"\p": Macro(1, "#1")}, r"\p{x", r"the argument of \p has no end: a } is missing"),
    (r"a + \p{x}", {r"\p": Macro(1, r"\q #1")}, r"\p{x}", r"the command \q is not known: define it with \newcommand, or write what it stands for"),
    (r"a + \p{\q}", {r"\p": Macro(1, "(#1)")}, r"\q", r"the command \q is not known: define it with \newcommand, or write what it stands for"),
    (r"\a", {r"\a": Macro(0, r"\b\b" * 99), r"\b": Macro(0, "x" * 999)}, r"\a", f"with its macros this formula has more than {LENGTH} characters: break it into several"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "macros", "where", "why"), BAD_MACROS)
def test_what_is_wrong_in_a_macro_is_said_where_it_is_used(latex: str, macros: dict[str, Macro], where: str, why: str) -> None:
    with pytest.raises(FormulaError) as error:
        read(latex, macros)
    assert str(error.value) == why
    assert latex[slice(*error.value.at)] == where


DOUBLING = {f"\\{a}": Macro(0, f"\\{b}\\{b}") for a, b in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)} | {r"\p": Macro(0, "")}
HEAVY = [
    ("x + " * (1 << 18), {}), ("{" * (1 << 20), {}), ("|" * LENGTH, {}), ("x|" * (LENGTH // 2), {}), (r"\text{$" * (LENGTH // 7), {}),
    (r"\\-x" * (LENGTH // 4), {}), ("x^" * (LENGTH // 2), {}), (r"\overset{" * (LENGTH // 9), {}), ("(a|b" * (LENGTH // 4), {}),
    ("1" * LENGTH, {}), ("1,000" + ",000" * (LENGTH // 5), {}), (r"\frac1" * (LENGTH // 6), {}), ("x_i+" * (LENGTH // 4 - 1) + "x", {}), (r"\a", DOUBLING),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "macros"), HEAVY)
def test_work_is_bounded(latex: str, macros: dict[str, Macro]) -> None:
    results: list[Any] = []
    assert calls(lambda: results.append(attempt(latex, macros))) < 500 * LENGTH
    assert isinstance(results[0], Formula) or len(str(results[0])) < 200


def inner(tree: Any) -> Iterator[Tree]:
    """What a tree has in it, one level down."""
    if isinstance(tree, tuple):
        for part in tree:
            yield from (part,) if isinstance(part, Tree) else inner(part)
    elif isinstance(tree, Tree):
        yield from inner(tuple(vars(tree).values()))


def check_spans(tree: Tree, start: int, end: int) -> None:
    a, b = tree.span
    assert start <= a <= b <= end
    for part in inner(tree):
        check_spans(part, a, b)


@pytest.mark.parametrize(("latex", "macros"), [(latex, macros) for latex, _, macros in ROWS])
def test_a_part_stands_within_the_whole(latex: str, macros: dict[str, Macro]) -> None:
    check_spans(read(latex, macros), 0, len(latex))


PLACES = [
    # formula, macros, its first chain's members as written
    (r"\Rightarrow \boxed{y_i = \frac{a}{b} + 1}", {}, ["y_i", r"\frac{a}{b} + 1"]),
    (r"e. Y = \text{ReLU}(x)", {}, ["Y", r"\text{ReLU}(x)"]),
    (r"\begin{align} a^2 &= \mathbf{x} \cdot 2,800 \end{align}", {}, ["a^2", r"\mathbf{x} \cdot 2,800"]),
    (r"\g{x} = \g{y} + 1", {r"\g": Macro(1, r"\gamma #1 + 2")}, [r"\g{x}", r"\g{y} + 1"]),
    (r"\t x = \t", {r"\t": Macro(0, "z")}, [r"\t x", r"\t"]),
]


@pytest.mark.parametrize(("latex", "macros", "members"), PLACES)
def test_members_know_where_they_stand(latex: str, macros: dict[str, Macro], members: list[str]) -> None:
    chain = read(latex, macros).chains[0]
    assert [latex[slice(*member.span)] for _, member in chain.members if member is not None] == members


def test_an_argument_of_a_macro_has_its_own_place() -> None:
    latex = r"\p{f + g}{x}"
    (chain,) = read(latex, {r"\p": Macro(2, r"\frac{#1}{\partial #2}")}).chains
    fraction = chain.members[0][1]
    assert isinstance(fraction, Fraction)
    assert latex[slice(*fraction.span)] == latex
    assert latex[slice(*fraction.above.span)] == "f + g"


BY_HAND = [
    # trees that no formula is read as, as an edit of one may make them
    (Multiplied((("", Added(((1, Name("a")), (-1, Name("b"))))), ("", Name("c")))), "(a - b) c"),
    (Multiplied((("", Name("a")), ("/", Multiplied((("", Name("b")), ("", Name("c"))))))), "a / (b c)"),
    (Added(((1, Name("a")), (-1, Added(((1, Name("b")), (1, Name("c"))))))), "a - (b + c)"),
    (Multiplied((("", Big("sum", Name("x"), Name("i"))), ("", Name("y")))), r"\left( \sum_i x \right) y"),
    (Big("sum", Added(((1, Name("a")), (1, Name("b")))), Name("i")), r"\sum_i (a + b)"),
    (Scripted(Added(((1, Name("a")), (1, Name("b")))), sup=Number("2")), "(a + b)^2"),
    (Scripted(Scripted(Name("x"), sup=Number("2")), sup=Number("3")), "(x^2)^3"),
    (Fraction(Differential("∂", Name("f")), Differential("∂", Scripted(Name("x"), Name("i")))), r"\frac{\partial f}{\partial x_i}"),
]


@pytest.mark.parametrize(("tree", "latex"), BY_HAND)
def test_edited_trees_get_the_parentheses_that_they_need(tree: Tree, latex: str) -> None:
    assert written(tree) == latex
    assert written(read(latex)) == latex


# random trees, of the kinds that formulas are read as

NAMES = [r"\alpha", r"\hat{x}", r"\mathcal{L}", r"\ell", "loss", *"abdefgixyABT"]
RELATIONS = ["=", ":=", "<", "≥", "∈", "≠", "∼", "→", "⇒"]
LEAVES = ["name", "name", "number", "scripted"]


def some(r: Random, kinds: list[str], deep: int, more: str) -> str:
    return r.choice(kinds if deep <= 0 else [*kinds, *more.split()])


def name(r: Random) -> Tree:
    return Name(r.choice(NAMES))


def number(r: Random) -> Tree:
    return Number(r.choice(["0", "2", "10", "0.5"]))


def side(r: Random, deep: int) -> Tree:
    """What may stand beside other factors without ado."""
    match some(r, LEAVES, deep, "fraction root fence noted binomial matrix cases"):
        case "name":
            return name(r)
        case "number":
            return number(r)
        case "scripted":
            base = fence(r, deep - 1) if deep > 0 and r.random() < 0.4 else name(r)
            sub, sup = (body(r, deep - 1) if r.random() < 0.5 else None for _ in range(2))
            primes = r.choice([0, 0, 1, 2])
            return Scripted(base, sub, sup, primes) if sub is not None or sup is not None or primes else base
        case "fraction":
            return fraction(r, deep - 1)
        case "root":
            return Root(total(r, deep - 1), r.choice([None, number(r)]))
        case "fence":
            return fence(r, deep - 1)
        case "noted":
            return Noted(total(r, deep - 1), r.choice([None, Text("kernel size"), Text("if so "), body(r, deep - 1)]))
        case "binomial":
            return Applied("binom", Listed((total(r, deep - 1), total(r, deep - 1))))
        case "matrix":
            return Matrix(tuple((total(r, deep - 1), total(r, deep - 1)) for _ in range(r.choice([1, 2]))))
    conditions = [Chain((("", total(r, deep - 1)), (r.choice(RELATIONS), total(r, deep - 1)))) for _ in range(r.choice([1, 2]))]
    return Cases((*((total(r, deep - 1), c) for c in conditions), (total(r, deep - 1), None)))


def fence(r: Random, deep: int) -> Tree:
    return Fenced(r.choice(["(", "(", "[", "{", "|", "‖", "⌊", "⟨", "(]"]), body(r, deep))


def fraction(r: Random, deep: int) -> Tree:
    if r.random() < 0.5:
        return Fraction(total(r, deep, differentials=False), total(r, deep, differentials=False))
    sign, order = r.choice("∂d"), r.choice([1, 1, 2])
    below = tuple(("", Differential(sign, side(r, deep))) for _ in range(order))
    of = r.choice([None, side(r, deep), Multiplied((("", name(r)), ("", side(r, deep))))])
    return Fraction(Differential(sign, of, order), Multiplied(below) if order > 1 else below[0][1])


def function(r: Random, deep: int) -> Tree:
    """A function or a differential."""
    head = r.choice(["exp", "log", "tr", "ReLU", "max", "∂", "d", "∇"])
    of = fence(r, deep) if head == "max" or r.random() < 0.5 else total(r, deep)
    if head in "∂d∇":
        return Differential(head, r.choice([None, of, of]), r.choice([1, 1, 2]), body(r, deep) if head in "∂∇" else None)
    return Applied(head, of, number(r) if head != "max" and r.random() < 0.3 else None)


def total(r: Random, deep: int, differentials: bool = True) -> Tree:
    """A sum of products, or a product."""
    terms = tuple((r.choice([1, 1, -1]), product(r, deep, differentials)) for _ in range(r.choice([1, 1, 1, 2])))
    return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Added(terms)


def product(r: Random, deep: int, differentials: bool = True) -> Tree:
    """Factors, the last maybe a Σ."""
    factors: list[tuple[str, Tree]] = []
    for k in range(r.choice([1, 1, 2, 3])):
        sign = r.choice(["", "", "", "·", "×", "/", "⊙"]) if k else ""
        factor = function(r, deep - 1) if deep > 0 and r.random() < 0.3 else side(r, deep)
        factor = name(r) if isinstance(factor, Differential) and not differentials else factor
        factors.append((sign, Added(((-1, factor),)) if sign and r.random() < 0.2 else factor))
    if deep > 0 and r.random() < 0.3:
        of = product(r, deep - 1)
        big = Big(r.choice(["sum", "prod", "max"]), r.choice([of, Added(((-1, of),))]), body(r, deep - 1), r.choice([None, name(r)]))
        factors.append((r.choice(["", "·"]), big))
    return factors[0][1] if len(factors) == 1 else Multiplied(tuple(factors))


def body(r: Random, deep: int) -> Tree:
    """What stands in parentheses, below and above: a sum, relations, a list."""
    match some(r, ["sum"], deep, "sum chain list through given"):
        case "chain":
            return Chain((("", total(r, deep - 1)), (r.choice(RELATIONS), total(r, deep - 1))))
        case "list":
            return Listed(tuple(total(r, deep - 1) for _ in range(r.choice([2, 3]))))
        case "through":
            return Listed((total(r, deep - 1), Dots(), total(r, deep - 1)))
        case "given":
            return Chain((("", total(r, deep - 1)), ("|", total(r, deep - 1))))
    return total(r, deep)


def formula(r: Random) -> Formula:
    """Rows as they follow each other: the first or the last relation may stand alone."""
    chains = []
    for _ in range(r.choice([1, 1, 2])):
        members: list[tuple[str, Tree | None]] = [(r.choice(["", r.choice(RELATIONS)]), total(r, 2))]
        members += [(r.choice(RELATIONS), total(r, 2))] * r.choice([0, 1]) + [("=", None)] * r.choice([0, 0, 1])
        chains.append(Chain(tuple(members)))
    return Formula(r.choice(["", "3a"]), tuple(chains))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 40))
def test_random_trees_are_read_as_they_are_written(seed: int) -> None:
    tree = formula(Random(seed))
    again = attempt(written(tree))
    assert again == tree or str(again).startswith(("nested", "a formula of"))


PIECES = [
    *"abdxyW0125,;.:()[]{}|+-*/=<>^_&'~!$%#\"@ \n", *"σ∂²Ŷ", "_{", "^{", "}{", r"\frac{", r"\frac", r"\sum_{i=1}^m", r"\log", r"\max", r"\partial", "dx",
    r"\mathrm{d}", r"\hat{", r"\hat", r"\text{if }", r"\text{$", r"\mathrm{softmax}", r"\left(", r"\right)", r"\left|", r"\right|", r"\|", r"\cdot",
    r"\begin{cases}", r"\end{cases}", r"\begin{pmatrix}", r"\end{pmatrix}", r"\begin{align}", r"\end{align}", r"\\", r"\quad", r"\dots", r", \dots ,",
    r"\sqrt[", r"\underbrace{", r"\boxed{", r"\in", r"\leq", r"\mathbf{x}", r"\mathcal{L}", r"{\bf x}", r"^\top", r"\mid", r"\operatorname{tr}", r"\prime",
    r"\overset{a}{", r"\stackrel{def}{=}", r"\choose", r"\over", r"{\color{red}", r"\tag{1}", "1,000", r"\substack{", r"\not", r"\arg\max", "(1) ", "\\",
    r"\g", r"\h{", r"\k", r"\input", r"\foo", r"\middle", r"\rm", r"\binom", r"\underset{i}{\max}", r"\nabla",
]  # fmt: skip
MIXED = {r"\g": Macro(0, r"\gamma"), r"\h": Macro(1, r"\hat{#1}_{"), r"\k": Macro(2, r"#2^#1")}


@settings(max_examples=300, deadline=None)
@example(r"\k0a\prime")
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_whatever_is_given_is_read_or_refused(latex: str) -> None:
    result = attempt(latex, MIXED)
    if isinstance(result, Formula):
        check_spans(result, 0, len(latex))
        written(result)
    else:
        assert 0 <= result.at[0] <= result.at[1] <= len(latex)


TOKENS = [
    r"\frac{\partial f}{\partial x_i}", r"\sum_{i=1}^m", "x_i", r"\hat{x}_i", r"\cdot", "+", "-", "=", "(", ")", r"\left(", r"\right)", "2", r"\gamma", "^2", "/",
    r"\log", r"\sqrt{a}", "_{ij}", r"\sigma^2", "^T", r"\partial", "{", "}", ",", "|", r"\underbrace{a}_{b}", "dx", "d", r"\text{if }", r"\quad", r"\max",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join))
def test_what_can_be_read_can_be_written_and_read_again(latex: str) -> None:
    result = attempt(latex)
    assert isinstance(result, FormulaError) or read(written(result)) == result


def test_a_formula_is_read_with_little_work() -> None:
    latex = EXERCISE[-2][0]
    read(latex)
    assert calls(lambda: read(latex)) < 100 * len(latex)  # two milliseconds or so
