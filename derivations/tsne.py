"""t-SNE: the gradient of the divergence between similarities of the data and of the map."""

from sympy import Ne, log

from symderiv import Derivation, Sum, Where

derivation = d = Derivation("t-SNE", source="van der Maaten and Hinton 2008, sections 3.1 and 3.3, appendix A")

n, A = d.sizes("n A")
i, j, k, l = d.indices("i j k l", n)
a = d.index("a", A)
r = d.input("r", i, j, positive=True)
y = d.input("y", i, a)

R = d.let("R", Sum(r[k, l], k, l, Ne(k, l)))
p = d.let("p", i, j, (r[i, j] + r[j, i]) / (2 * R))
D = d.let("D", i, j, Sum((y[i, a] - y[j, a]) ** 2, a))
w = d.let("w", i, j, 1 / (1 + D[i, j]))
Z = d.let("Z", Sum(w[k, l], k, l, Ne(k, l)))
q = d.let("q", i, j, w[i, j] / Z)
C = d.objective("C", Sum(p[i, j] * log(p[i, j] / q[i, j]), i, j, Ne(i, j)))

d.claim("they sum to one", Sum(p[i, j], i, j, Ne(i, j)), 1)
d.claim("normalizer", C.wrt(Z), Sum(p[i, j], i, j, Ne(i, j)) / Z, 1 / Z)
d.claim("weights", C.wrt(w[i, j]), Where(Ne(i, j), 1 / Z - p[i, j] / w[i, j], 0))
d.claim("distances", C.wrt(D[i, j]), -C.wrt(w[i, j]) * w[i, j] ** 2, Where(Ne(i, j), (p[i, j] - q[i, j]) * w[i, j], 0))
d.claim(
    "points",
    C.wrt(y[i, a]),
    2 * Sum((C.wrt(D[i, j]) + C.wrt(D[j, i])) * (y[i, a] - y[j, a]), j),
    4 * Sum(C.wrt(D[i, j]) * (y[i, a] - y[j, a]), j),
    4 * Sum((p[i, j] - q[i, j]) * (y[i, a] - y[j, a]) * w[i, j], j),
)
d.claim(
    "written out",
    4 * Sum((p[i, j] - q[i, j]) * (y[i, a] - y[j, a]) * w[i, j], j),
    4 * Sum((p[i, j] - q[i, j]) * (y[i, a] - y[j, a]) / (1 + Sum((y[i, a] - y[j, a]) ** 2, a)), j),
)

d.kernel("points")
