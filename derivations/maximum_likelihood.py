"""Maximum likelihood: the log of a product of densities, its score and its curvature; Gaussian and Bernoulli samples."""

from sympy import Rational, exp, log, pi, sqrt

from symderiv import Derivation, Product, Sum

gaussian = d = Derivation("Likelihood of a Gaussian sample", source="Bishop 2006, section 1.2.4, equations 1.53 to 1.56")

m = d.size("m")
i = d.index("i", m)
x = d.input("x", i)
mu, sigma = d.input("mu"), d.input("sigma", positive=True)

density = exp(-((x[i] - mu) ** 2) / (2 * sigma**2)) / sqrt(2 * pi * sigma**2)
likelihood = d.let("p", Product(density, i))
J = d.objective("J", log(likelihood))
mean = d.let(r"\bar{x}", Sum(x[i], i) / m)

d.claim(
    "log-likelihood",
    log(likelihood),
    Sum(log(density), i),
    -Sum((x[i] - mu) ** 2, i) / (2 * sigma**2) - m * log(sigma**2) / 2 - m * log(2 * pi) / 2,
)
d.claim("mean", J.wrt(mu), Sum(x[i] - mu, i) / sigma**2, m * (mean - mu) / sigma**2)
d.claim("deviation", J.wrt(sigma), Sum((x[i] - mu) ** 2, i) / sigma**3 - m / sigma)
d.claim("slope of the likelihood", d.total(likelihood, mu), likelihood * J.wrt(mu))
d.claim("curvature", d.total(J.wrt(mu), mu), -m / sigma**2)
d.claim("spread", Sum((x[i] - mu) ** 2, i), Sum((x[i] - mean) ** 2, i) + m * (mean - mu) ** 2)

d.kernel("mean", "deviation")

bernoulli = d = Derivation("Likelihood of a Bernoulli sample", source="Bishop 2006, section 2.1, equations 2.5 to 2.8")

m = d.size("m")
i = d.index("i", m)
x = d.input("x", i)
theta = d.input("theta", positive=True)

likelihood = d.let("p", Product(theta ** x[i] * (1 - theta) ** (1 - x[i]), i))
J = d.objective("J", log(likelihood))
mean = d.let(r"\bar{x}", Sum(x[i], i) / m)

d.claim(
    "Bernoulli log-likelihood",
    log(likelihood),
    Sum(x[i] * log(theta) + (1 - x[i]) * log(1 - theta), i),
    m * (mean * log(theta) + (1 - mean) * log(1 - theta)),
)
d.claim(
    "probability",
    J.wrt(theta),
    Sum(x[i] / theta - (1 - x[i]) / (1 - theta), i),
    Sum(x[i] - theta, i) / (theta * (1 - theta)),
    m * (mean - theta) / (theta * (1 - theta)),
)
d.claim(
    "Bernoulli curvature", d.total(J.wrt(theta), theta), -m * (mean / theta**2 + (1 - mean) / (1 - theta) ** 2)
)
