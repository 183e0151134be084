"""Backward passes with mistakes that were made in libraries and lecture notes, in our own code. Each goes with a forward pass of `layers`.

`WRONG`, at the end, says what is wrong with each.
"""

import layers
import numpy as np
from layers import sigmoid, softmax

# batchnorm


def batchnorm_constant_statistics(dout, cache):
    xhat, _, std, gamma = cache
    dx = dout * gamma / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_divided_twice(dout, cache):
    xhat, _, std, gamma = cache
    N = dout.shape[0]
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0) / N) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_gamma_late(dout, cache):
    xhat, _, std, gamma = cache
    dxhat = dout * gamma
    dx = (dxhat - dout.mean(axis=0) - xhat * (dout * xhat).mean(axis=0)) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_no_gamma(dout, cache):
    xhat, _, std, _ = cache
    dx = (dout - dout.mean(axis=0) - xhat * (dout * xhat).mean(axis=0)) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_mean_half(dout, cache):
    xhat, centred, std, gamma = cache
    N = len(xhat)
    dxhat = dout * gamma
    dvar = (dxhat * centred).sum(axis=0) * -0.5 / std**3
    dmu = dvar * (-2 * centred).mean(axis=0)
    dx = dxhat / std + dvar * 2 * centred / N + dmu / N
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_variance_for_std(dout, cache):
    xhat, _, std, gamma = cache
    N = dout.shape[0]
    var = std**2
    dx = gamma * var / N * (N * dout - dout.sum(axis=0) - xhat * (dout * xhat).sum(axis=0))
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_wrong_axis(dout, cache):
    xhat, _, std, gamma = cache
    N, D = dout.shape
    dxhat = dout * gamma
    mean = np.repeat(dxhat.sum(axis=1, keepdims=True) / N, D, axis=1)
    along = np.repeat((dxhat * xhat).sum(axis=1, keepdims=True) / N, D, axis=1)
    dx = (dxhat - mean - xhat * along) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def batchnorm_parameters_by_sample(dout, cache):
    dx, _, _ = layers.batchnorm_closed(dout, cache)
    dgamma, dbeta = dout * cache[0], dout
    return dx, dgamma, dbeta


def batchnorm_parameters_averaged(dout, cache):
    dx, _, _ = layers.batchnorm_closed(dout, cache)
    return dx, (dout * cache[0]).mean(axis=0), dout.mean(axis=0)


# other normalizations


def layernorm_jacobian_undivided(dout, cache):
    xhat, inv_std = cache["xhat"], cache["inv_std"]
    dxhat = dout * cache["gamma"]
    D = xhat.shape[1]
    jacobian = (np.eye(D) - 1 - xhat[:, :, None] * xhat[:, None, :]) * inv_std[:, :, None]
    dx = np.einsum("ni,nij->nj", dxhat, jacobian)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def layernorm_gamma_pulled_out(dout, cache):
    xhat, inv_std, gamma = cache["xhat"], cache["inv_std"], cache["gamma"]
    along = (dout * xhat).mean(axis=1, keepdims=True)
    dx = gamma * inv_std * (dout - dout.mean(axis=1, keepdims=True) - xhat * along)
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def layernorm_over_batch(dout, cache):
    xhat, inv_std = cache["xhat"], cache["inv_std"]
    dxhat = dout * cache["gamma"]
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) * inv_std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def rmsnorm_undivided(dout, cache):
    x, weight, rms = cache
    scaled = dout * weight
    dx = scaled / rms - x * (scaled * x).sum(axis=-1, keepdims=True) / rms**3
    return dx, (dout * x / rms).sum(axis=0)


def rmsnorm_constant_rms(dout, cache):
    x, weight, rms = cache
    return dout * weight / rms, (dout * x / rms).sum(axis=0)


def l2_normalize_no_projection(dy, y, length):
    return dy / length


def weightnorm_no_length(dw, cache):
    v, _, length = cache
    direction = v / length
    dg = (dw * direction).sum(axis=0)
    dv = (dw - direction * dg) / length
    return dv, dg


# layers


def affine_bias_by_sample(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout


def relu_of_gradient(dout, x):
    return dout * (dout > 0)


def relu_absolute(dout, x):
    return dout * np.sign(x)


def dropout_not_scaled(dout, mask, keep=0.8):
    dx = dout.copy()
    dx *= mask
    return dx


def gelu_no_inner(dout, x):
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2))


def silu_of_sigmoid(dout, x):
    s = sigmoid(x)
    return dout * (s + s * (1 - s))


def embedding_last_one_wins(dout, ids, table):
    dtable = np.zeros_like(table)
    dtable[ids] += dout
    return dtable


def softmax_diagonal(dp, x):
    p = softmax(x)
    return dp * p * (1 - p)


def softmax_one_minus_other(dp, x):
    p = softmax(x)
    return np.einsum("ni,nij->nj", dp, p[:, :, None] * (1 - p[:, None, :]))


def normalized_exponentials(z):
    """The gradient of the logarithm of a sum, by z = exp(x).

    z: of shape (C,)
    """
    return z / z.sum()


def log_sum_exp_hessian(dout, z):
    """The Hessian as lecture notes have it, with the diagonal matrix inverted."""
    total = z.sum()
    hessian = np.diag(1 / z) / total - np.outer(z, z) / total**2
    return hessian @ dout


def log_sum_exp_of_scores(x):
    """The gradient of log-sum-exp.

    x: of shape (C,)
    """
    return softmax(x)


def log_sum_exp_of_scores_hessian(dout, x):
    z = np.exp(x)
    hessian = np.diag(1 / z) / z.sum() - np.outer(z, z) / z.sum() ** 2
    return hessian @ dout


def attention_not_scaled(dout, cache):
    q, k, v, p = cache
    dp = dout @ v.T
    ds = p * (dp - (dp * p).sum(axis=1, keepdims=True))
    return ds @ k, ds.T @ q, p.T @ dout


def attention_softmax_constant(dout, cache):
    q, k, v, p = cache
    ds = p * (dout @ v.T) / np.sqrt(q.shape[1])
    return ds @ k, ds.T @ q, p.T @ dout


def attention_sum_over_queries(dout, cache):
    q, k, v, p = cache
    dp = dout @ v.T
    ds = p * (dp - (dp * p).sum(axis=0)) / np.sqrt(q.shape[1])
    return ds @ k, ds.T @ q, p.T @ dout


def conv2d_not_turned(dout, x, w):
    dx, dw = layers.conv2d_windows_backward(dout, x, w[:, :, ::-1, ::-1])
    return dx, dw


def columns_set(dout, cache):
    shape, matrix, w = cache
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, w.shape[0])
    pieces = (rows @ w.reshape(w.shape[0], -1)).reshape(shape[0], dout.shape[2], dout.shape[3], shape[1], 3, 3).transpose(0, 3, 4, 5, 1, 2)
    dx = np.zeros(shape)
    for i in range(3):
        for j in range(3):
            dx[:, :, i : i + 2 * dout.shape[2] : 2, j : j + 2 * dout.shape[3] : 2] = pieces[:, :, i, j]
    return dx, (rows.T @ matrix).reshape(w.shape), rows.sum(axis=0)


def twice_not_masked(dout, cache):
    x, w, v, _, hidden = cache
    dbefore = np.convolve(dout, v)
    return np.convolve(dbefore, w), np.correlate(x, dbefore), np.correlate(hidden, dout)


def rotary_forth(dout, cos, sin):
    return {"dx": layers.rotary(dout, cos, sin)}


def jumps_one_way(x, weight):
    """
    x: of shape (N + 1,)
    weight: a number of shape ()
    """
    jumps = np.diff(x)
    dx = np.zeros_like(x)
    dx[1:] += weight * np.sign(jumps)
    return weight * np.abs(jumps).sum(), {"dx": dx}


def maxpool_to_all(dout, cache):
    return np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3)


def maxpool_time_first(dout, cache):
    x, _ = cache
    dx = np.zeros(x.shape)
    dx[:, 0] = dout
    return dx


def avgpool_not_divided(dout, x):
    return np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3)


def rnn_forgets(dout, caches):
    dxs, dWx, dWh, db = [], 0, 0, 0
    for t, cache in enumerate(caches):
        dx_t, dh0, dWx_t, dWh_t, db_t = layers.rnn_step_backward(dout[:, t], cache)
        dxs.append(dx_t)
        dWx, dWh, db = dWx + dWx_t, dWh + dWh_t, db + db_t
    dx = np.stack(dxs, axis=1)
    return dx, dh0, dWx, dWh, db


def lstm_step_forgets(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_h * o * (1 - t**2)
    da = np.hstack([dc * g * i * (1 - i), dc * prev_c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g**2)])
    dx, dprev_h, dprev_c = da @ Wx.T, da @ Wh.T, dc * f
    dWx, dWh, db = x.T @ da, prev_h.T @ da, da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def gru_step_gate_turned(dout, x, h, Wz, Wr, Wn, Uz, Ur, Un, cache):
    z, r, n = cache
    dan = dout * z * (1 - n**2)
    daz = dout * (h - n) * z * (1 - z)
    drh = dan @ Un.T
    dar = drh * h * r * (1 - r)
    dx = dan @ Wn.T + daz @ Wz.T + dar @ Wr.T
    dh = dout * (1 - z) + drh * r + daz @ Uz.T + dar @ Ur.T
    dWz, dWr, dWn = x.T @ daz, x.T @ dar, x.T @ dan
    dUz, dUr, dUn = h.T @ daz, h.T @ dar, (r * h).T @ dan
    return dx, dh, dWz, dWr, dWn, dUz, dUr, dUn


# losses


def softmax_loss_summed(x, y):
    """The loss is a mean, its gradient that of a sum.

    x: scores of shape (N, C)
    y: labels of shape (N,), 0 <= y[i] < C
    """
    rows = np.arange(x.shape[0])
    p = softmax(x)
    loss = -np.log(p[rows, y]).mean()
    dx = p.copy()
    dx[rows, y] -= 1
    return loss, dx


def svm_loss_counted_once(x, y):
    """The right class is lowered once, however many others are too near.

    x: scores of shape (N, C)
    y: labels of shape (N,), 0 <= y[i] < C
    """
    rows = np.arange(x.shape[0])
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() / x.shape[0]
    dx = (margins > 0) / x.shape[0]
    dx[rows, y] = -1 / x.shape[0]
    return loss, dx


def bce_summed(dloss, p, t):
    dp = dloss * (p - t)
    dp /= p * (1 - p)
    return dp


def bce_of_scores(dloss, p, t):
    dp = dloss * (p - t)
    dp /= p.size
    return dp


def mse_over_rows(y, t):
    """The loss is a mean over all entries, its gradient one over rows.

    y, t: of shape (N, D)
    """
    error = y - t
    dy = 2 * error / error.shape[0]
    return (error**2).mean(), dy


def cosine_no_projection(dcos, a, b, cos, cache):
    na, nb = cache
    scale = (dcos / (na * nb))[:, None]
    return scale * b, scale * a


def two_layer_net_regularization(X, y, W1, b1, W2, b2, reg=1e-3):
    """Squares of weights are added without a half; their gradient is taken as if with one.

    X: data of shape (N, D)
    y: labels of shape (N,), 0 <= y[i] < C
    W1: of shape (D, H)
    b1: of shape (H,)
    W2: of shape (H, C)
    b2: of shape (C,)
    """
    N = X.shape[0]
    hidden = np.maximum(0, X @ W1 + b1)
    p = softmax(hidden @ W2 + b2)
    loss = -np.log(p[np.arange(N), y]).mean() + reg * ((W1 * W1).sum() + (W2 * W2).sum())
    dscores = (p - (y[:, None] == np.arange(p.shape[1]))) / N
    dhidden = dscores @ W2.T * (hidden > 0)
    grads = {"W2": hidden.T @ dscores + reg * W2, "b2": dscores.sum(axis=0)}
    grads |= {"W1": X.T @ dhidden + reg * W1, "b1": dhidden.sum(axis=0)}
    return loss, grads


# name: (forward pass, backward pass or None where one function returns a loss and its gradients, which are wrong, what is wrong)
WRONG = {
    "batchnorm with constant statistics": (layers.batchnorm, batchnorm_constant_statistics, "dx", "mean and variance held constant"),
    "batchnorm divided twice": (layers.batchnorm, batchnorm_divided_twice, "dx", "a mean divided by N once more"),
    "batchnorm with gamma late": (layers.batchnorm, batchnorm_gamma_late, "dx", "dout used where it is not yet multiplied by gamma"),
    "batchnorm without gamma": (layers.batchnorm, batchnorm_no_gamma, "dx", "right where gamma is 1"),
    "batchnorm with half the mean": (layers.batchnorm, batchnorm_mean_half, "dx", "one term of dmu is missing, the one that is not 0"),
    "batchnorm with variance for 1/std": (layers.batchnorm, batchnorm_variance_for_std, "dx", "the variance in place of one by its root"),
    "batchnorm over the wrong axis": (layers.batchnorm, batchnorm_wrong_axis, "dx", "sums over features repeated, not over the batch"),
    "batchnorm parameters by sample": (layers.batchnorm, batchnorm_parameters_by_sample, "dgamma dbeta", "not summed over the batch"),
    "batchnorm parameters averaged": (layers.batchnorm, batchnorm_parameters_averaged, "dgamma dbeta", "means in place of sums"),
    "layernorm with an undivided Jacobian": (layers.layernorm, layernorm_jacobian_undivided, "dx", "1/D is missing in the Jacobian"),
    "layernorm with gamma pulled out": (layers.layernorm, layernorm_gamma_pulled_out, "dx", "a vector pulled out of a sum over it"),
    "layernorm over the batch": (layers.layernorm, layernorm_over_batch, "dx", "means over the batch, as in batchnorm"),
    "rmsnorm undivided": (layers.rmsnorm, rmsnorm_undivided, "dx", "1/D is missing"),
    "rmsnorm with a constant root": (layers.rmsnorm, rmsnorm_constant_rms, "dx", "the root of the mean square held constant"),
    "l2 normalization without projection": (layers.l2_normalize, l2_normalize_no_projection, "dx", "the length held constant"),
    "weightnorm without length": (layers.weightnorm, weightnorm_no_length, "dv", "right where g is 1"),
    "affine bias by sample": (layers.affine, affine_bias_by_sample, "db", "not summed over the batch"),
    "relu of the gradient": (layers.relu, relu_of_gradient, "dx", "the sign of dout asked, not that of x"),
    "relu as an absolute value": (layers.relu, relu_absolute, "dx", "-1 where 0 is right"),
    "dropout not scaled": (layers.dropout, dropout_not_scaled, "dx", "1/keep is missing"),
    "gelu without inner derivative": (layers.gelu, gelu_no_inner, "dx", "the derivative of what tanh is taken of is missing"),
    "silu with a factor missing": (layers.silu, silu_of_sigmoid, "dx", "x is missing in the second term"),
    "embedding where the last one wins": (layers.embedding, embedding_last_one_wins, "dtable", "tokens that repeat count once"),
    "softmax by its diagonal": (layers.softmax_rows, softmax_diagonal, "dx", "the derivatives by other scores are missing"),
    "softmax with 1 - p_j": (layers.softmax_rows, softmax_one_minus_other, "dx", "p_i (1 - p_j) for all i and j"),
    "normalized exponentials": (normalized_exponentials, log_sum_exp_hessian, "dz", "diag(1/z) for the derivative by z"),
    "log-sum-exp with 1/z": (log_sum_exp_of_scores, log_sum_exp_of_scores_hessian, "dx", "diag(1/z) where diag(z) is right"),
    "attention not scaled": (layers.attention, attention_not_scaled, "dq dk", "1/sqrt(d) is missing"),
    "attention with half of softmax": (layers.attention, attention_softmax_constant, "dq dk", "the sum in softmax held constant"),
    "attention with the wrong sum": (layers.attention, attention_sum_over_queries, "dq dk", "summed over queries, not over keys"),
    "convolution not turned": (layers.conv2d_windows, conv2d_not_turned, "dx", "the kernel is not turned around"),
    "columns set, not added": (layers.conv2d_columns, columns_set, "dx", "= where places overlap, for +="),
    "two convolutions without the mask": (layers.conv1d_twice, twice_not_masked, "dx dw", "the slope of relu is missing"),
    "rotary embedding turned on": (layers.rotary, rotary_forth, "dx", "turned by the angle, not back"),
    "total variation one way": (jumps_one_way, None, "dx", "each entry is in two jumps"),
    "max pooling to all": (layers.maxpool, maxpool_to_all, "dx", "every entry is taken to be the largest"),
    "max pooling to the first": (layers.maxpool_time, maxpool_time_first, "dx", "the first entry is taken to be the largest"),
    "average pooling not divided": (layers.avgpool, avgpool_not_divided, "dx", "1/4 is missing"),
    "rnn that forgets": (layers.rnn, rnn_forgets, "dx dh0 dWx dWh db", "nothing goes back from one step to the one before"),
    "lstm step that forgets": (layers.lstm_step, lstm_step_forgets, "dx dprev_h dprev_c dWx dWh db", "dnext_c is left out"),
    "gru step with a gate turned": (layers.gru_step, gru_step_gate_turned, "dx dh dWr dWn dUr dUn", "z and 1 - z exchanged"),
    "softmax loss summed": (softmax_loss_summed, None, "dx", "1/N is missing"),
    "svm loss counted once": (svm_loss_counted_once, None, "dx", "right for two classes that are too near each other"),
    "binary cross-entropy summed": (layers.bce, bce_summed, "dp", "1/N is missing"),
    "binary cross-entropy of scores": (layers.bce, bce_of_scores, "dp", "the gradient by scores, not by probabilities"),
    "mean squared error over rows": (mse_over_rows, None, "dy", "1/D is missing; right for one column"),
    "cosine similarity without projection": (layers.cosine_similarity, cosine_no_projection, "da db", "lengths held constant"),
    "two-layer network with half the penalty": (two_layer_net_regularization, None, "W1 W2", "2 is missing before weights"),
}
