"""Focal loss of a binary classifier: its gradients in the probability and in the logit."""

from sympy import log

from symderiv import Derivation, Sum, sigmoid

derivation = d = Derivation("Focal loss", source="Lin, Goyal, Girshick, He and Dollár 2017, section 3.2 and appendix B")

m = d.size("m")
i = d.index("i", m)
x, y = d.inputs("x y", i)
alpha = d.input("alpha", i)
gamma = d.input("gamma")

p = d.let("p", i, sigmoid(y[i] * x[i]))
J = d.objective("J", -Sum(alpha[i] * (1 - p[i]) ** gamma * log(p[i]), i))

d.claim(
    "probability",
    J.wrt(p[i]),
    alpha[i] * (gamma * (1 - p[i]) ** (gamma - 1) * log(p[i]) - (1 - p[i]) ** gamma / p[i]),
    alpha[i] * (1 - p[i]) ** gamma * (gamma * log(p[i]) / (1 - p[i]) - 1 / p[i]),
)
d.claim("logit to probability", d.partial(p[i], x[i]), y[i] * p[i] * (1 - p[i]))
d.claim(
    "logit",
    J.wrt(x[i]),
    J.wrt(p[i]) * y[i] * p[i] * (1 - p[i]),
    alpha[i] * y[i] * (1 - p[i]) ** gamma * (gamma * p[i] * log(p[i]) + p[i] - 1),
)

d.kernel("logit")
