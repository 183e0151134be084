"""Forward passes of the pages on distributions, policies and processes."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np

from forwards import Forward


def log_softmax(z: Any) -> Any:
    z = z - np.max(z, axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


def gaussian_kl(mu: Any, ell: Any, m: Any, s: Any, eps: Any) -> Any:
    sigma = np.exp(ell / 2)
    divergence = np.sum(np.log(s / sigma) + (sigma**2 + (mu - m) ** 2) / (2 * s**2) - 0.5, axis=1)
    return divergence, mu + sigma * eps


def entropy_of_softmax(z: Any, q: Any) -> Any:
    log_p = log_softmax(z)
    p = np.exp(log_p)
    return -np.sum(p * log_p, axis=1), np.sum(p * (log_p - np.log(q)), axis=1)


def policy_gradient(x: Any, theta: Any, G: Any, t: Any) -> Any:
    return np.mean(G * log_softmax(x @ theta)[np.arange(len(t)), t])


def gaussian_likelihood(x: Any, mu: Any, Sigma: Any) -> Any:
    r = x - mu
    quadratic = np.sum(r * np.linalg.solve(Sigma, r.T).T)
    return -(len(x) * (len(mu) * np.log(2 * np.pi) + np.linalg.slogdet(Sigma)[1]) + quadratic) / 2


def gaussian_process(z: Any, y: Any, v: Any, ell: Any, s: Any) -> Any:
    K = v * np.exp(-((z[:, None] - z) ** 2) / (2 * ell**2)) + s * np.eye(len(z))
    return -(np.dot(y, np.linalg.solve(K, y)) + np.linalg.slogdet(K)[1] + len(z) * np.log(2 * np.pi)) / 2


FORWARDS = {
    "gaussian_likelihood": Forward(
        gaussian_likelihood,
        {"x": "m n", "mu": "n", "Sigma": "n n"},
        ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 2, "n": 4}),
        prepared={"Sigma": lambda a: a @ a.T + np.eye(len(a))},
    ),
    "gaussian_process": Forward(
        gaussian_process,
        {"z": "n", "y": "n", "v": "", "ell": "", "s": ""},
        ({"n": 1}, {"n": 2}, {"n": 6}),
        positive=("v", "ell", "s"),
    ),
    "gaussian_kl": Forward(
        gaussian_kl,
        {"mu": "B n", "ell": "B n", "m": "n", "s": "n", "eps": "B n"},
        ({"B": 1, "n": 1}, {"B": 4, "n": 3}, {"B": 1, "n": 5}, {"B": 6, "n": 1}),
        positive=("s",),
    ),
    "entropy_of_softmax": Forward(
        entropy_of_softmax,
        {"z": "B n", "q": "B n"},
        ({"B": 1, "n": 1}, {"B": 4, "n": 3}, {"B": 1, "n": 6}, {"B": 5, "n": 2}),
        positive=("q",),
    ),
    "policy_gradient": Forward(
        policy_gradient,
        {"x": "m A K", "theta": "K", "G": "m", "t": "m"},
        ({"m": 1, "A": 1, "K": 1}, {"m": 6, "A": 4, "K": 3}, {"m": 2, "A": 5, "K": 1}),
        labels={"t": "A"},
    ),
}
