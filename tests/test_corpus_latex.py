"""Claims of papers, course notes, issues and code, as their authors write them: judged from Markdown, right ones and wrong ones."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from pathlib import Path

import pytest

from symderiv.documents.marking.pages import judge, load
from symderiv.faces.judged import JudgedStep, Problem

PROVED = ("proved", "proved")
GRAPH = ("proved", "refuted")  # by the definitions of the page
REFUTED = ("refuted", "refuted")

BATCH_NORM = r"""
index i, k, n = 1..m
input x_i, \gamma, \beta
assume \varepsilon > 0
\mu = \frac{1}{m}\sum_{i=1}^m x_i
\sigma^2 = \frac{1}{m}\sum_{i=1}^m (x_i-\mu)^2
\hat{x}_i = \frac{x_i-\mu}{\sqrt{\sigma^2+\varepsilon}}
y_i = \gamma \hat{x}_i + \beta
objective f(y)
"""
NORMALIZED = r"""
index i, j = 1..m
input x_i
assume \epsilon > 0
\mu = \frac{1}{m}\sum_i x_i
v = \frac{1}{m}\sum_i (x_i-\mu)^2
Y_i = (x_i - \mu) / \sqrt{v + \epsilon}
objective E(Y)
"""
LAYER_NORM = r"""
index i, j, k = 1..d
input x_i, \gamma_i, \beta_i
assume \epsilon > 0
\mu = \frac{1}{d}\sum_{i=1}^d x_i
\sigma^2 = \frac{1}{d}\sum_{i=1}^d (x_i-\mu)^2
\hat{x}_i = \frac{x_i-\mu}{\sqrt{\sigma^2+\epsilon}}
y_i = \gamma_i\hat{x}_i+\beta_i
\text{rstd} = (\sigma^2 + \epsilon)^{-\frac{1}{2}}
objective L(y)
"""
RMS_NORM = r"""
index i, j = 1..d
input x_i, \gamma_i
assume \epsilon > 0
r = \sqrt{\frac{1}{d}\sum_j x_j^2+\epsilon}
y_i = \gamma_i \frac{x_i}{r}
objective \mathcal{L}(y)
"""
STRIDED = r"""
size N, C, F, S, A, B, H, W
index n, n' = 1..N
index c, c' = 1..C
index f, f' = 1..F
index k = 0..A-1
index l = 0..B-1
index p, i = 0..H
index q, j = 0..W
index r = 0..H+SA
index s = 0..W+SB
input x^{pad}_{n,c,r,s}, w_{f,c,p,q}, b_f
y_{n,f,k,l} = \sum_c\sum_{p=0}^{H}\sum_{q=0}^{W} x^{pad}_{n,c,p+kS,q+lS}w_{f,c,p,q}+b_f
objective \mathcal{L}(y)
"""
PADDED = r"""
size N, C, F, S, A, B, H, W, P, D, E
index n, n' = 1..N
index c, c' = 1..C
index f = 1..F
index k = 0..A-1
index l = 0..B-1
index p = 0..H
index q = 0..W
index i = 0..D
index j = 0..E
input x_{n,c,i,j}, w_{f,c,p,q}, b_f
y_{n,f,k,l} = \sum_{c,i,j} \sum_{p=0}^{H}\sum_{q=0}^{W} \delta_{p+kS,i+P} \delta_{q+lS,j+P} x_{n,c,i,j} w_{f,c,p,q}+b_f
objective \mathcal{L}(y)
"""
SOFTMAX = r"""
index i, j = 1..n
input x_i
y_i = \frac{e^{x_i}}{\sum_{j=1}^n e^{x_j}}
objective E(y)
"""
FOCAL = r"""
input t, \gamma
p = \sigma(t)
F = -(1-p)^\gamma \log(p)
C = -\log(p)
"""
WORDS = r"""
size V, d
label o = 1..V
index w = 1..V
input u: V \times d
input v_{c}: d
\hat y_{w} = \frac{e^{u_w^\top v_c}}{\sum_{j=1}^V e^{u_j^\top v_c}}
J = -u_{o}^\top v_{c}  + \log \sum_{w=1}^{V} e^{u_{w}^\top v_{c}}
objective J
"""
LOGISTIC = r"""
index i = 1..n
index j = 1..d
input x: n \times d
input y: n
input w: d
input b
z_i = x_i^\top w + b
a_i = \sigma(z_i)
J = -\frac{1}{n}\sum_i [y_i\ln a_i + (1-y_i)\ln{(1-a_i)}]
objective J
"""
NEURON = r"""
input w, b, x, y
z = w x + b
a = \sigma(z)
J = \frac{(y-a)^2}{2}
objective J
"""
SAMPLES = r"""
index j = 1..m
index i = 1..n
input x^{(j)}_i, y^{(j)}, \theta_i
h_j = \sum_i \theta_i x^{(j)}_i
J = \frac{1}{2m}\sum^{m}_{j=1}(h_j-y^{(j)})^2
objective J
"""
LEAST_SQUARES = r"""
size n, p
input X: n \times p
input \mathbf{y}: n
input \mathbf{w}: p
"""
SQUARE = r"""
size n
input X: n \times n
input y: n
input w: n
L = (y-Xw)^T(y-Xw)
"""
LINE = r"""
index i = 1..N
input x_i, y_i, m, b
f = \frac{1}{N} \sum_{i=1}^{N} (y_i - (mx_i + b))^2
objective f
"""
THREE = r"""
index i = 1..N
index k = 1..3
input x_{ik}, y_i, W_k
f = \frac{1}{2N} \sum_{i=1}^{N} (y_i - (W_1 x_{i1} + W_2 x_{i2} + W_3 x_{i3}))^2
objective f
"""
MATRICES = r"""
size m, n
input W: m \times n
input A: m \times m
input B: n \times n
"""
LAYERS = r"""
size d, m, q
input \mathbf{x}: d
input \mathbf{W}^{(1)}: m \times d
input \mathbf{W}^{(2)}: q \times m
function \phi
\mathbf{z} = \mathbf{W}^{(1)} \mathbf{x}
\mathbf{h} = \phi(\mathbf{z})
\mathbf{o} = \mathbf{W}^{(2)} \mathbf{h}
objective J(\mathbf{o})
"""
PENALTY = r"""
size d, h
input \lambda
input \mathbf{W}: h \times d
s = \frac{\lambda}{2} \|\mathbf{W}\|_\textrm{F}^2
"""
LAST_LAYER = r"""
size n, m
input W^o: n \times m
input A^h: m
input B^o: n
input Y: n
Z^o = W^oA^h+B^o
A^o = \sigma(Z^o)
C = \|Y-A^o\|^2
objective C
"""
HINGE = r"""
size C, d
index i = 1..N
index j = 1..C
input w: C \times d
input x: N \times d
label y_i = 1..C
input \Delta
L_i = \sum_{j\neq y_i} \left[ \max(0, w_j^Tx_i - w_{y_i}^Tx_i + \Delta) \right]
"""
RELU = r"""
size N, d
index i = 1..N
index k = 1..d
input \mathbf{w}: d
input b
input \mathbf{x}: N \times d
input y_i
v_i = y_i - \max(0, \mathbf{w} \cdot \mathbf{x}_i + b)
C = \frac{1}{N} \sum_{i=1}^N v_i^2
"""
ATTENTION = r"""
size N, M, c
input Q: N \times c
input K, V: M \times c
index i = 1..N
index j = 1..M
S = QK^\top / \sqrt{c}
L_i = \log\left(\sum_j \exp(S_{ij})\right)
P_{ij} = \exp(S_{ij} - L_i)
O = PV
objective \phi(O)
D_i = \sum_k O_{ik} dO_{ik}
"""
GELU = r"""
input x
\Phi = \frac{1}{2}(1 + \operatorname{erf}(\frac{x}{\sqrt{2}}))
G = x \cdot \Phi
"""
HUBER = r"""
input y, \hat{y}
assume \delta > 0
"""
DIVERGENCE = r"""
assume \sigma > 0
input \mu
D_{KL} = -\log(\sigma) + \frac{\sigma^2 + \mu^2}{2} - \frac{1}{2}
"""
POLICY = r"""
size d
input \vec{\theta}, \vec{x}: d
input a
assume \sigma > 0
\mu = \vec{\theta}^\top\vec{x}
l = - \log \sqrt{2 \pi} - \log \sigma - \frac{(a - \mu)^2}{2\sigma^2}
"""
DEVIATION = r"""
size d
input \vec{\theta}, \vec{x}: d
input a, \mu
\sigma = \exp(\vec{\theta}^\top\vec{x})
l = - \log \sqrt{2 \pi} - \log \sigma - \frac{(a - \mu)^2}{2\sigma^2}
"""
CHOICES = r"""
size A, d
label a = 1..A
input \vec{\theta}: d
input \vec{x}: A \times d
index b = 1..A
\pi_b = \frac{\exp(\vec{\theta}^\top \vec{x}_b)}{\sum_b \exp(\vec{\theta}^\top \vec{x}_b)}
"""
TWO_CHOICES = r"""
size d
label a = 0..1
input \vec{\theta}, \vec{x}: d
p = \sigma((-1)^a \vec{\theta}^\top\vec{x})
"""
NEIGHBOURS = r"""
index i, j, k, l = 1..n
input d_{ij}
input p_{ij} > 0
Z = \sum_{k, l : k \neq l} (1 + d_{kl}^2)^{-1}
q_{ij} = \frac{(1 + d_{ij}^2)^{-1}}{Z}
C = \sum_{k, l : k \neq l} p_{kl} \log \frac{p_{kl}}{q_{kl}}
objective C
"""

CLAIMS = {
    "batch norm, bias": (BATCH_NORM, r"\frac{\partial f}{\partial \beta}", r"\sum_{i=1}^m \frac{\partial f}{\partial y_i}", PROVED),
    "batch norm, y for gamma": (BATCH_NORM, r"\frac{\partial f}{\partial \hat{x}_i}", r"\frac{\partial f}{\partial y_i} \cdot y_i", REFUTED),
    "batch norm, variance": (BATCH_NORM, r"\frac{\partial f}{\partial \sigma^2}", r"-\frac{1}{2} \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{x_i - \mu}{(\sigma^2 + \varepsilon)^{3/2}}", PROVED),
    "batch norm, lost sum": (BATCH_NORM, r"\frac{\partial f}{\partial \mu}", r"-\frac{\partial f}{\partial \hat{x}_i} \cdot \frac{1}{\sqrt{\sigma^2 + \varepsilon}} + \frac{\partial f}{\partial \sigma^2} \cdot \frac{\partial \sigma^2}{\partial \mu}", REFUTED),
    "batch norm, hidden sign": (BATCH_NORM, r"\frac{\partial \sigma^2}{\partial \mu}", r"\frac{2}{m} \sum_{i=1}^m (x_i - \mu)", GRAPH),
    "batch norm, sum split": (BATCH_NORM, r"\frac{2}{m} \sum_{i=1}^m (x_i - \mu)", r"\frac{2}{m} \cdot \left( \sum_{i=1}^m x_i - m \cdot \mu \right)", PROVED),
    "batch norm, mean of the mean": (BATCH_NORM, r"\frac{2}{m} \cdot \left( \sum_{i=1}^m x_i - m \cdot \mu \right)", r"2 \cdot (\mu - \mu)", GRAPH),
    "batch norm, mean": (BATCH_NORM, r"\frac{\partial f}{\partial \mu}", r"\sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{-1}{\sqrt{\sigma^2 + \varepsilon}}", GRAPH),
    "batch norm, three paths": (BATCH_NORM, r"\frac{\partial f}{\partial x_i}", r"\left( \frac{\partial f}{\partial \hat{x}_i} \cdot \frac{\partial \hat{x}_i}{\partial x_i} \right) + \left( \frac{\partial f}{\partial \mu} \cdot \frac{\partial \mu}{\partial x_i} \right) + \left( \frac{\partial f}{\partial \sigma^2} \cdot \frac{\partial \sigma^2}{\partial x_i} \right)", PROVED),
    "batch norm, input": (BATCH_NORM, r"\frac{\partial f}{\partial x_i}", r"\frac{1}{m\sqrt{\sigma^2 + \varepsilon}} \left( m \cdot \frac{\partial f}{\partial \hat{x}_i} - \sum_{k=1}^m \frac{\partial f}{\partial \hat{x}_k} - \hat{x}_i \sum_{n=1}^m \frac{\partial f}{\partial \hat{x}_n} \cdot \hat{x}_n \right)", GRAPH),
    "normalization, input": (NORMALIZED, r"dE/dx_i", r"\left( dE/dY_i - \frac{1}{m} \sum_j dE/dY_j - \frac{1}{m} \sum_j dE/dY_j \cdot Y_j \cdot Y_i \right) / \sqrt{v + \epsilon}", GRAPH),
    "layer norm, products entry by entry": (LAYER_NORM, r"\frac{\partial L}{\partial x}", r"\frac{1}{d} \left( \frac{\partial L}{\partial \hat{x}} \cdot \frac{1}{\sqrt{\sigma^2 + \epsilon}} - \frac{\hat{x}}{\sigma^2 + \epsilon} \odot \frac{\partial L}{\partial \hat{x}} \odot \hat{x} \right)", REFUTED),
    "layer norm, other index": (LAYER_NORM, r"\frac{\partial(x_k - \mu)}{\partial x_j}", r"\delta_{ij} - \frac{1}{d}", REFUTED),
    "layer norm, centred": (LAYER_NORM, r"\frac{\partial(x_k - \mu)}{\partial x_j}", r"\delta_{kj} - \frac{1}{d}", PROVED),
    "layer norm, deviation": (LAYER_NORM, r"\frac{\partial \text{rstd}}{\partial x_j}", r"-\frac{1}{2} \text{rstd}^3 \frac{\partial \sigma^2}{\partial x_j}", GRAPH),
    "RMS norm, scale outside": (RMS_NORM, r"\frac{\partial \mathcal{L}}{\partial x_i}", r"\frac{\gamma_i}{r} \left[\frac{\partial \mathcal{L}}{\partial y_i} - \frac{x_i}{d \cdot r^2} \sum_{j=1}^{d} x_j \frac{\partial \mathcal{L}}{\partial y_j}\right]", REFUTED),
    "RMS norm": (RMS_NORM, r"\frac{\partial \mathcal{L}}{\partial x_i}", r"\frac{\partial \mathcal{L}}{\partial y_i}\frac{\gamma_i}{r}-\frac{x_i}{d r^3}\sum_j\frac{\partial \mathcal{L}}{\partial y_j}\gamma_j x_j", GRAPH),
    "convolution, weights": (STRIDED, r"\frac{d\mathcal{L}}{dw_{f',c',i,j}}", r"\sum_{n,k,l}\frac{d\mathcal{L}}{dy_{n,f',k,l}}x^{pad}_{n,c',i+Sk,j+Sl}", PROVED),
    "convolution, bias": (STRIDED, r"\frac{d\mathcal{L}}{db_{f'}}", r"\sum_{n,k,l}\frac{d\mathcal{L}}{dy_{n,f',k,l}}", PROVED),
    "convolution, input": (PADDED, r"\frac{d\mathcal{L}}{dx_{n',c',i,j}}", r"\sum_{f,k,l} \sum_{p=0}^{H}\sum_{q=0}^{W} \frac{d\mathcal{L}}{dy_{n',f,k,l}}\delta_{p+kS,i+P} \delta_{q+lS,j+P}w_{f,c',p,q}", PROVED),
    "softmax": (SOFTMAX, r"\frac{\partial E}{\partial x_i}", r"\sum_{j=1}^n \frac{\partial E}{\partial y_j} \cdot y_i \cdot (\mathbf{1}\{ i=j \} - y_j)", GRAPH),
    "focal loss": (FOCAL, r"\frac{dF}{dt}", r"(1-p)^\gamma \frac{dC}{dt} + \gamma \frac{dp}{dt} (1-p)^{\gamma -1} \log(p)", PROVED),
    "word vectors, centre": (WORDS, r"\frac {\partial{J}} {\partial{v_{c}}}", r"-u_{o} + \sum_{w=1}^{V} \hat y_{w} u_{w}", GRAPH),
    "word vectors, unbound index": (WORDS, r"\frac {\partial{J}} {\partial{u_{o}}}", r"(\hat y_{w} -1) v_{c}", REFUTED),
    "word vectors, outside": (WORDS, r"\frac {\partial{J}} {\partial{u_{o}}}", r"(\hat y_{o} -1) v_{c}", GRAPH),
    "word vectors, log-probability": (WORDS, r"\frac{\partial \log\, \hat y_o}{\partial v_c}", r"u_o - \sum_{j} \hat y_j u_j", GRAPH),
    "logistic, lost parenthesis": (LOGISTIC, r"\frac{\partial J}{\partial w_j}", r"\frac{1}{n}\sum_{i}(x_{ij}\sigma{(z_i)}-y_i)", REFUTED),
    "logistic, lost factor": (LOGISTIC, r"\frac{\partial J}{\partial w_j}", r"\frac{1}{n}\sum_{i}(\sigma{(a_i)}-y_i)", REFUTED),
    "logistic": (LOGISTIC, r"\frac{\partial J}{\partial w_j}", r"\frac{1}{n}\sum_{i}x_{ij}(\sigma{(z_i)}-y_i)", GRAPH),
    "logistic, Hessian": (LOGISTIC, r"\nabla^2_w J", r"\frac{1}{n} x^T \mathrm{diag}(a \odot (1-a)) x", GRAPH),
    "logistic, Hessian with the other sign": (LOGISTIC, r"\nabla^2_w J", r"-\frac{1}{n} x^T \mathrm{diag}(a \odot (1-a)) x", REFUTED),
    "neuron, sign": (NEURON, r"\frac{\partial J}{\partial w}", r"(y-a)\sigma'(z)x", REFUTED),
    "neuron": (NEURON, r"\frac{\partial J}{\partial w}", r"(a-y)\sigma'(z)x", PROVED),
    "linear regression, loss for gradient": (SAMPLES, r"\frac{\partial}{\partial \theta_i}J", r"\frac{1}{2m}\sum^{m}_{j=1}(h_j-y^{(j)})^2", REFUTED),
    "linear regression": (SAMPLES, r"\frac{\partial}{\partial \theta_i}J", r"\frac{1}{m}\sum^{m}_{j=1}(h_j-y^{(j)})x^{(j)}_i", PROVED),
    "least squares": (LEAST_SQUARES, r"\frac{\partial}{\partial \mathbf{w}} \|\mathbf{y} - X\mathbf{w}\|^2", r"-2X^T(\mathbf{y} - X\mathbf{w})", PROVED),
    "least squares, lost transpose": (SQUARE, r"\nabla_w L", r"-2X(y-Xw)", REFUTED),
    "least squares, row": (SQUARE, r"\nabla_w L", r"-2(y-Xw)^T X", PROVED),
    "line, slope": (LINE, r"\frac{df}{dm}", r"\frac{1}{N} \sum_i -2x_i(y_i - (mx_i + b))", PROVED),
    "three weights, one sample": (THREE, r"\frac{df}{dW_1}", r"-x_{i1}(y_i - (W_1 x_{i1} + W_2 x_{i2} + W_3 x_{i3}))", REFUTED),
    "trace": (MATRICES, r"\frac{\partial}{\partial W} \text{tr}(W^\top A W B)", r"AWB + A^\top W B^\top", PROVED),
    "quadratic form": ("input a, b, c, d, x, y", r"(ax+cy)x + (bx+dy)y", r"ax^2 + (c+d)xy + dy^2", REFUTED),
    "two weights": ("input w_1, w_2, x, y\nl = (y - w_1 w_2 x)^2\nobjective l", "∂𝑙/∂𝑤_1", "2 𝑤_2⋅𝑥⋅(𝑦−𝑤_1⋅𝑤_2⋅𝑥)", REFUTED),
    "layers, weights": (LAYERS, r"\frac{\partial J}{\partial \mathbf{W}^{(2)}}", r"\frac{\partial J}{\partial \mathbf{o}} \mathbf{h}^\top", PROVED),
    "layers, activation": (LAYERS, r"\frac{\partial J}{\partial \mathbf{z}}", r"\frac{\partial J}{\partial \mathbf{h}} \odot \phi'\left(\mathbf{z}\right)", PROVED),
    "layers, first weights": (LAYERS, r"\frac{\partial J}{\partial \mathbf{W}^{(1)}}", r"\frac{\partial J}{\partial \mathbf{z}} \mathbf{x}^\top", PROVED),
    "weight decay": (PENALTY, r"\frac{\partial s}{\partial \mathbf{W}}", r"\lambda \mathbf{W}", PROVED),
    "last layer": (LAST_LAYER, r"\frac{\partial C}{\partial W^o}", r"\frac{\partial C}{\partial Z^o}(A^h)^T", PROVED),
    "hinge, other class": (HINGE, r"\mathbb{1}(j \neq y_i) \nabla_{w_j} L_i", r"\mathbb{1}(j \neq y_i) \mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0) x_i", PROVED),
    "hinge, right class": (HINGE, r"\nabla_{w_{y_i}} L_i", r"-\left( \sum_{j\neq y_i} \mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0) \right) x_i", PROVED),
    "hinge, any class": (HINGE, r"\nabla_{w_j} L_i", r"\mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0) x_i", REFUTED),
    "ReLU neuron": (RELU, r"\frac{\partial C}{\partial \mathbf{w}_k}", r"\frac{1}{N} \sum_{i=1}^N \begin{cases} 0 & \mathbf{w} \cdot \mathbf{x}_i + b \leq 0 \\ -2v_i\mathbf{x}_{ik} & \mathbf{w} \cdot \mathbf{x}_i + b > 0 \end{cases}", PROVED),
    "attention, values": (ATTENTION, "dV", r"P^\top dO", PROVED),
    "attention, weights": (ATTENTION, "dP", r"dO V^\top", PROVED),
    "attention, scores": (ATTENTION, "dS_{ij}", r"P_{ij} (dP_{ij} - D_i)", GRAPH),
    "attention, queries": (ATTENTION, "dQ", r"dS K / \sqrt{c}", PROVED),
    "attention, keys without the scale": (ATTENTION, "dK", r"dS^\top Q", REFUTED),
    "GELU": (GELU, r"\frac{dG}{dx}", r"\Phi + x \cdot \frac{1}{\sqrt{2\pi}} e^{-x^2/2}", PROVED),
    "Huber loss, lost absolute value": (HUBER, r"\delta |y - \hat{y}| - \frac{1}{2}\delta^2", r"\delta (y - \hat{y}) - \frac1 2 \delta", REFUTED),
    "Huber loss": (HUBER, r"\delta |y - \hat{y}| - \frac{1}{2}\delta^2", r"\delta (|y - \hat{y}| - \frac1 2 \delta)", PROVED),
    "divergence, mean": (DIVERGENCE, r"\frac{\partial D_{KL}}{\partial \mu}", r"\mu - \frac{\sigma^2}{1 + \sigma^2}", REFUTED),
    "divergence, deviation": (DIVERGENCE, r"\frac{\partial D_{KL}}{\partial \sigma}", r"\frac{\mu \sigma}{1 + \sigma^2} - \frac{\sigma}{2}", REFUTED),
    "divergence, right": (DIVERGENCE, r"\frac{\partial D_{KL}}{\partial \sigma}", r"\sigma-\frac1\sigma", PROVED),
    "divergence, halves": (DIVERGENCE, r"D_{KL}", r"-\log \sigma + 1/2 \sigma^2 + \mu^2", REFUTED),
    "policy, mean": (POLICY, r"\nabla_{\vec{\theta}} l", r"\frac{a - \mu}{\sigma^2} \vec{x}", PROVED),
    "policy, power": (POLICY, r"\nabla_{\vec{\theta}} l", r"\frac{a - \mu}{\sigma^3} \vec{x}", REFUTED),
    "policy, deviation": (DEVIATION, r"\nabla_{\vec{\theta}} l", r"\left( \frac{(a - \mu)^2}{\sigma^2} - 1 \right)\vec{x}", GRAPH),
    "choices": (CHOICES, r"\nabla_{\vec{\theta}} \log \pi_a", r"\vec{x}_a - \sum_b \vec{x}_b \pi_b", GRAPH),
    "choices, index not in the sum": (CHOICES, r"\pi_a", r"\frac{\exp(\vec{\theta}^\top \vec{x}_a)}{\sum_b \exp(\vec{\theta}^\top \vec{x}_a)}", REFUTED),
    "logarithm of the sigmoid": ("input t\ng = 1 / (1 + e^{-t})", r"\frac{\mathrm{d}}{\mathrm{d} t} \log g", "1 - g", GRAPH),
    "two choices": (TWO_CHOICES, r"\nabla_{\vec{\theta}} \log p", r"(-1)^a \vec{x} (1 - p)", GRAPH),
    "two choices, lost logarithm": (TWO_CHOICES, r"\nabla_{\vec{\theta}} p", r"(-1)^a \vec{x} (1 - p)", REFUTED),
    "neighbours": (NEIGHBOURS, r"\mathbb{1}(i \neq j) \frac{\partial C}{\partial d_{ij}}", r"\mathbb{1}(i \neq j) \left( 2 \frac{p_{ij}}{q_{ij}Z} (1 + d_{ij}^2)^{-2}d_{ij} - 2 \sum_{k, l : k \neq l} p_{kl} \frac{(1 + d_{ij}^2)^{-2}d_{ij}}{Z} \right)", GRAPH),
    "arithmetic": ("", r"100 \cdot (3 \cdot 3 \cdot 3 + 1) + 200 \cdot (3 \cdot 3 \cdot 100 + 1) + 400 \cdot (3 \cdot 3 \cdot 200 + 1)", "903,400", PROVED),
}  # fmt: skip

SMALL = r"""
index i, k = 1..m
index j = 1..n
input x^{(i)}_j, y^{(i)}, s, t
input W: m \times n
input v: n
function \phi
"""
SQUARES = r"""
index i, j = 1..n
input x_i
l = \sum_i x_i^2
objective l
"""
FORMS = {
    "samples above, in parentheses": (SMALL, r"\sum_{i=1}^m y^{(i)} x^{(i)}_j", r"\sum_i x_{ij} y_i", PROVED),
    "samples above are no bystanders": (SMALL, r"\sum_i x^{(i)}_j", r"m x^{(i)}_j", REFUTED),
    "a row above": (SMALL, r"(x^{(i)})^\top v", r"\sum_j x_{ij} v_j", PROVED),
    "the norm of Frobenius": (SMALL, r"\| W \|_F^2", r"\sum_{i,j} W_{ij}^2", PROVED),
    "an entry of a product": (SMALL, r"(W v)_i", r"\sum_j W_{ij} v_j", PROVED),
    "softmax": (SMALL, r"\operatorname{softmax}(v)_j", r"\frac{e^{v_j}}{\sum_{k=1}^n e^{v_k}}", PROVED),
    "softmax of a matrix, row by row": (SMALL, r"\sum_{j=1}^n \operatorname{softmax}(W)_{ij}", "1", PROVED),
    "softmax sums to one": (SMALL, r"\sum_j \operatorname{softmax}(v)_j", "1", PROVED),
    "a diagonal": (SMALL, r"\operatorname{diag}(v) v", r"v \odot v", PROVED),
    "the largest, entry by entry": (SMALL, r"\max(0, v)", r"\text{ReLU}(v)", PROVED),
    "a power after the argument": (SMALL, r"\sigma(s)^2", r"\sigma(s)\sigma(s)", PROVED),
    "a smooth function in brackets": (SMALL, r"\phi'\left[s\right]^2", r"\phi'(s)\phi'(s)", PROVED),
    "a derivative of what follows": (SMALL, r"\frac{\partial}{\partial s} s^2 v_j", r"2 s v_j", PROVED),
    "a derivative with a slash": (SQUARES, r"\partial^2 l/\partial x_i \partial x_j", r"2 \delta_{ij}", PROVED),
    "second derivatives": (SQUARES, r"\nabla^2_x l", r"2 \operatorname{diag}(x / x)", PROVED),
    "an adjoint": (SQUARES, "dx_i", "2 x_i", PROVED),
    "indicators": (SMALL, r"\mathbb{1}(s > 0) + \mathbb{I}[s > 0] + 1\{s > 0\}", r"3 [s > 0]", PROVED),
    "an indicator below": (SMALL, r"\mathbf{1}_{s > 0}", r"1 - [s \leq 0]", PROVED),
    "two letters and a condition": (SMALL, r"\sum_{i, k : i \neq k} y_i y_k", r"(\sum_i y_i)^2 - \sum_i y_i^2", PROVED),
    "a range and a condition": (SMALL, r"y_k + \sum_{i=1, i \neq k}^m y_i", r"\sum_i y_i", PROVED),
    "the derivative of the sigmoid": (SMALL, r"\sigma'(s)", r"\sigma(s)(1 - \sigma(s))", PROVED),
    "the derivative is not the function": (SMALL, r"\tanh'(s)", r"\tanh(s)", REFUTED),
    "a declared t above is a power": (SMALL, "s^t", "s", REFUTED),
}  # fmt: skip

REFUSED = {
    "another base": (SMALL, r"\log_2 s", r"log with something below has no meaning here; to another base, write \frac{\log x}{\log b}"),
    "an inverse or one over": (SMALL, r"\sin^{-1} s", "sin with a negative power: the inverse function, or one over it? Write what is meant"),
    "a number above, in parentheses": (SMALL, "s^{(2)}", "s with (2) above: a name, an index or a power? Declare the name, or the index; write a power without parentheses"),
    "a function of nothing": (SMALL, r"\phi s", r"\phi is a function: of what? Write \phi(z)"),
    "the trace of a number": (SMALL, r"\operatorname{tr}(s)", "tr is of an array, and this is one number"),
    "the spectral norm": (SMALL, r"\|W\|_2", "the norm with 2 below is not known: only that of Frobenius, F, and 2 of a vector"),
    "a derivative of which factors": (SMALL, r"\frac{\partial}{\partial s} (s v_j)(s v_j)", r"a derivative of the parenthesis, or of the whole product? Write \frac{\partial v}{\partial u}"),
    "an objective of something else": (BATCH_NORM, r"\frac{\partial f(2 y)}{\partial \beta}", "an objective is of its nodes as they are, not of other values of them"),
}  # fmt: skip

MISPRINTS = {
    "y for gamma below": (BATCH_NORM, r"\frac{\partial f}{\partial y}", r"\sum_{i=1}^m \frac{\partial f}{\partial y_i} \cdot \hat{x}_i", "y read as γ"),
}  # fmt: skip


def judged(block: str, left: str, right: str, folder: Path) -> tuple[JudgedStep | None, tuple[Problem, ...]]:
    """The last step of a page with one claim below its block, and what could not be read."""
    path = folder / "page.md"
    path.write_text(f"```symderiv\n{block}\n```\n\n$$ {left} = {right} $$\n", encoding="utf-8")
    page = load(str(path))
    steps = len(page.steps)
    return (judge(page, steps - 1) if steps else None), page.draft.problems


@pytest.mark.parametrize("name", [*CLAIMS, *FORMS])
def test_claims_as_they_are_written(name, tmp_path):
    block, left, right, expected = (CLAIMS | FORMS)[name]
    step, problems = judged(block, left, right, tmp_path)
    assert problems == ()
    assert step is not None
    assert (step.verdict, step.formal, step.misprint) == (*expected, "")


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_mean_two_things_is_refused(name, tmp_path):
    block, left, message = REFUSED[name]
    step, problems = judged(block, left, "0", tmp_path)
    assert step is None
    assert [problem.message for problem in problems] == [message]


@pytest.mark.parametrize("name", MISPRINTS)
def test_a_name_that_does_not_fit_is_a_misprint(name, tmp_path):
    block, left, right, note = MISPRINTS[name]
    step, problems = judged(block, left, right, tmp_path)
    assert problems == ()
    assert step is not None
    assert (step.verdict, step.misprint) == ("proved", note)
