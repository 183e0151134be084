"""KL divergence of diagonal Gaussians, and the gradient of the evidence lower bound through z = mu + sigma * epsilon."""

from sympy import Rational, exp, log

from symderiv import Derivation, Sum

derivation = d = Derivation(
    "KL of diagonal Gaussians and the reparameterised lower bound", source="Kingma and Welling 2014, sections 2.4 and 3, appendix B"
)

B, n = d.sizes("B n")
b = d.index("b", B)
i = d.index("i", n)
mu, l = d.inputs(r"\mu \ell", b, i)
m, s = d.input("m", i), d.input("s", i, positive=True)
noise = d.input("epsilon", b, i)

sigma = d.let(r"\sigma", b, i, exp(l[b, i] / 2))
K = d.let("K", b, Sum(log(s[i] / sigma[b, i]) + (sigma[b, i] ** 2 + (mu[b, i] - m[i]) ** 2) / (2 * s[i] ** 2) - Rational(1, 2), i))
z = d.let("z", b, i, mu[b, i] + sigma[b, i] * noise[b, i])
f = d.objective("f", z, K)

d.claim("variance", log(sigma[b, i] ** 2), l[b, i])
d.claim("divergence", K[b], -Sum(1 + l[b, i] - log(s[i] ** 2) - ((mu[b, i] - m[i]) ** 2 + exp(l[b, i])) / s[i] ** 2, i) / 2)
d.claim("divergence, mean", d.total(K[b], mu[b, i]), (mu[b, i] - m[i]) / s[i] ** 2)
d.claim("divergence, deviation", d.total(K[b], sigma[b, i]), sigma[b, i] / s[i] ** 2 - 1 / sigma[b, i])
d.claim("deviation", d.total(sigma[b, i], l[b, i]), exp(l[b, i] / 2) / 2, sigma[b, i] / 2)
d.claim(
    "divergence, log-variance",
    d.total(K[b], l[b, i]),
    d.total(K[b], sigma[b, i]) * sigma[b, i] / 2,
    (sigma[b, i] ** 2 / s[i] ** 2 - 1) / 2,
    (exp(l[b, i]) / s[i] ** 2 - 1) / 2,
)
d.claim("divergence, prior mean", d.total(K[b], m[i]), (m[i] - mu[b, i]) / s[i] ** 2)
d.claim("divergence, prior deviation", d.total(K[b], s[i]), 1 / s[i] - (sigma[b, i] ** 2 + (mu[b, i] - m[i]) ** 2) / s[i] ** 3)
d.claim("sample", f.wrt(sigma[b, i]), f.wrt(z[b, i]) * noise[b, i] + f.wrt(K[b]) * d.total(K[b], sigma[b, i]))
d.claim(
    "mean",
    f.wrt(mu[b, i]),
    f.wrt(z[b, i]) + f.wrt(K[b]) * d.total(K[b], mu[b, i]),
    f.wrt(z[b, i]) + f.wrt(K[b]) * (mu[b, i] - m[i]) / s[i] ** 2,
)
d.claim(
    "log-variance",
    f.wrt(l[b, i]),
    f.wrt(sigma[b, i]) * sigma[b, i] / 2,
    (f.wrt(z[b, i]) * noise[b, i] * sigma[b, i] + f.wrt(K[b]) * (sigma[b, i] ** 2 / s[i] ** 2 - 1)) / 2,
)

d.kernel("mean", "log-variance")
