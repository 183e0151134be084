"""Maximum likelihood: the log of a product of densities, its score and its curvature; Gaussian and Bernoulli samples."""

from sympy import exp, log, pi, sqrt

from symderiv import Derivation, Product, Sum, sigmoid

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

bernoulli = d = Derivation(
    "Likelihood of a Bernoulli sample", source="Bishop 2006, section 2.1, equations 2.5 to 2.8, and section 2.4, equation 2.199"
)

m = d.size("m")
i = d.index("i", m)
x, a = d.input("x", i), d.input("a")

theta, phi = d.let("theta", sigmoid(a)), d.let("phi", sigmoid(-a))
mean = d.let(r"\bar{x}", Sum(x[i], i) / m)
likelihood = d.let("p", Product(theta ** x[i] * phi ** (1 - x[i]), i))
J = d.objective("J", log(likelihood))

d.claim("complement", phi, 1 - theta)
d.claim(
    "Bernoulli log-likelihood",
    log(likelihood),
    Sum(x[i] * log(theta) + (1 - x[i]) * log(phi), i),
    Sum(x[i] * log(theta) + (1 - x[i]) * log(1 - theta), i),
    m * (mean * log(theta) + (1 - mean) * log(1 - theta)),
)
d.claim("success", d.total(log(theta), a), 1 - theta)
d.claim("failure", d.total(log(phi), a), -theta)
d.claim(
    "logit",
    J.wrt(a),
    Sum(x[i] * d.total(log(theta), a) + (1 - x[i]) * d.total(log(phi), a), i),
    Sum(x[i] * (1 - theta) - (1 - x[i]) * theta, i),
    Sum(x[i] - theta, i),
    m * (mean - theta),
)
d.claim("Bernoulli curvature", d.total(J.wrt(a), a), -m * theta * (1 - theta))
