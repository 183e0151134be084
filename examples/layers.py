"""Layers and losses with the backward passes that go with them, as one writes them in NumPy. All of them are right.

`RIGHT`, at the end, names each pair. The shapes that a proof is for are those of the docstrings.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# normalization


def batchnorm(x, gamma, beta, eps=1e-5):
    """Every feature to mean 0 and deviation 1 over the batch, then scaled and shifted.

    x: data of shape (N, D)
    gamma, beta: scale and shift of shape (D,)
    """
    mu = x.mean(axis=0)
    centred = x - mu
    var = (centred**2).mean(axis=0)
    std = np.sqrt(var + eps)
    xhat = centred / std
    out = gamma * xhat + beta
    return out, (xhat, centred, std, gamma)


def batchnorm_steps(dout, cache):
    """Back through the steps of `batchnorm`, one by one."""
    xhat, centred, std, gamma = cache
    N, D = dout.shape
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    dstd = -(dxhat * centred).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dxhat / std
    dcentred += 2 * centred * np.ones((N, D)) / N * dvar
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + np.ones((N, D)) / N * dmu
    return dx, dgamma, dbeta


def batchnorm_closed(dout, cache):
    """The same in one formula."""
    xhat, _, std, gamma = cache
    N = dout.shape[0]
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


def batchnorm_paper(dout, cache):
    """The same by way of the gradients of variance and mean, as the paper has it."""
    xhat, centred, std, gamma = cache
    N = len(xhat)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * centred, axis=0) * -0.5 * std**-3.0
    dmu = np.sum(-dxhat / std, axis=0) + dvar * np.mean(-2.0 * centred, axis=0)
    dx = dxhat / std + dvar * 2.0 * centred / N + dmu / N
    return {"dx": dx, "dgamma": np.sum(dout * xhat, axis=0), "dbeta": np.sum(dout, axis=0)}


def batchnorm_images(x, gamma, beta, eps=1e-5):
    """`batchnorm` of every channel, over images and places.

    x: images of shape (N, C, H, W)
    gamma, beta: of shape (C,)
    """
    N, C, H, W = x.shape
    flat, cache = batchnorm(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, eps)
    return flat.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def batchnorm_images_backward(dout, cache):
    N, C, H, W = dout.shape
    dflat, dgamma, dbeta = batchnorm_closed(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    dx = dflat.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return dx, dgamma, dbeta


def layernorm(x, gamma, beta, eps=1e-5):
    """Every row to mean 0 and deviation 1, then scaled and shifted.

    x: data of shape (N, D)
    gamma, beta: of shape (D,)
    """
    mean = np.mean(x, axis=-1, keepdims=True)
    inv_std = 1.0 / np.sqrt(np.var(x, axis=-1, keepdims=True) + eps)
    xhat = (x - mean) * inv_std
    cache = {"xhat": xhat, "inv_std": inv_std, "gamma": gamma}
    return gamma * xhat + beta, cache


def layernorm_backward(dout, cache):
    xhat, inv_std = cache["xhat"], cache["inv_std"]
    dxhat = dout * cache["gamma"]
    along = (dxhat * xhat).mean(axis=-1, keepdims=True)
    dx = (dxhat - dxhat.mean(axis=-1, keepdims=True) - xhat * along) * inv_std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def layernorm_tokens(x, gamma, beta, eps=1e-5):
    """`layernorm` of every token.

    x: tokens of shape (B, T, D)
    gamma, beta: of shape (D,)
    """
    return layernorm(x, gamma, beta, eps)


def layernorm_tokens_backward(dout, cache):
    dx, _, _ = layernorm_backward(dout, cache)
    dgamma = np.einsum("btd,btd->d", dout, cache["xhat"])
    dbeta = dout.sum(axis=(0, 1))
    return dx, dgamma, dbeta


def groupnorm(x, gamma, beta, groups=2, eps=1e-5):
    """Every group of channels of an image to mean 0 and deviation 1, then scaled and shifted by channel.

    x: images of shape (N, 2*K, H, W)
    gamma, beta: of shape (2*K,)
    """
    N, C, H, W = x.shape
    grouped = x.reshape(N, groups, C // groups, H, W)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    std = np.sqrt(grouped.var(axis=(2, 3, 4), keepdims=True) + eps)
    xhat = ((grouped - mean) / std).reshape(x.shape)
    out = gamma[:, None, None] * xhat + beta[:, None, None]
    return out, (xhat, std, gamma, groups)


def groupnorm_backward(dout, cache):
    xhat, std, gamma, groups = cache
    N, C, H, W = dout.shape
    within = (N, groups, C // groups, H, W)
    dxhat = (dout * gamma.reshape(1, C, 1, 1)).reshape(within)
    mean = dxhat.mean(axis=(2, 3, 4), keepdims=True)
    grouped = xhat.reshape(within)
    along = (dxhat * grouped).mean(axis=(2, 3, 4), keepdims=True)
    dx = ((dxhat - mean - grouped * along) / std).reshape(dout.shape)
    dgamma = (dout * xhat).sum(axis=(0, 2, 3))
    dbeta = dout.sum(axis=(0, 2, 3))
    return dx, dgamma, dbeta


def instancenorm(x, eps=1e-5):
    """Every channel of every image to mean 0 and deviation 1.

    x: images of shape (N, C, H, W)
    """
    mean = x.mean(axis=(2, 3), keepdims=True)
    std = np.sqrt(x.var(axis=(2, 3), keepdims=True) + eps)
    y = (x - mean) / std
    return y, std


def instancenorm_backward(dy, y, std):
    mean = dy.mean(axis=(2, 3), keepdims=True)
    return (dy - mean - y * (dy * y).mean(axis=(2, 3), keepdims=True)) / std


def rmsnorm(x, weight, eps=1e-6):
    """Every row divided by the root of its mean square, then scaled.

    x: data of shape (N, D)
    weight: of shape (D,)
    """
    rms = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps)
    return x / rms * weight, (x, weight, rms)


def rmsnorm_backward(dout, cache):
    x, weight, rms = cache
    D = x.shape[-1]
    scaled = dout * weight
    dx = scaled / rms - x * (scaled * x).sum(axis=-1, keepdims=True) / (D * rms**3)
    dweight = (dout * x / rms).sum(axis=0)
    return dx, dweight


def l2_normalize(x):
    """Every row divided by its length.

    x: rows of shape (N, D)
    """
    length = np.linalg.norm(x, axis=1, keepdims=True)
    y = x / length
    return y, length


def l2_normalize_backward(dy, y, length):
    return (dy - y * np.sum(y * dy, axis=1, keepdims=True)) / length


def weightnorm(v, g):
    """Every column of a weight as a length times a direction.

    v: directions of shape (D, M)
    g: lengths of shape (M,)
    """
    length = np.sqrt((v**2).sum(axis=0))
    w = g * v / length
    return w, (v, g, length)


def weightnorm_backward(dw, cache):
    v, g, length = cache
    direction = v / length
    dg = (dw * direction).sum(axis=0)
    dv = g / length * (dw - direction * dg)
    return dv, dg


# layers


def affine(x, w, b):
    """Whatever the shape of each input: flat, times a matrix, plus a vector.

    x: images of shape (N, C, H, W)
    w: weights of shape (C*H*W, M)
    b: of shape (M,)
    """
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu(x):
    """Negative entries to 0.

    x: data of shape (N, D)
    """
    return np.maximum(0, x), x


def relu_backward(dout, x):
    dx = np.array(dout, copy=True)
    dx[x <= 0] = 0
    return dx


def leaky_relu(x, slope=0.01):
    """Negative entries made small.

    x: data of shape (N, D)
    """
    return np.where(x > 0, x, slope * x)


def leaky_relu_backward(dout, x, slope=0.01):
    return dout * np.where(x > 0, 1.0, slope)


def dropout(x, mask, keep=0.8):
    """Entries where the mask is 0 left out, the others made larger to make up for it.

    x, mask: of shape (N, D)
    """
    return x * mask / keep


def dropout_backward(dout, mask, keep=0.8):
    dx = dout * mask
    dx /= keep
    return dx


def gelu(x):
    """GELU with tanh in place of the error function.

    x: data of shape (N, D)
    """
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_backward(dout, x):
    a = np.sqrt(2 / np.pi)
    t = np.tanh(a * (x + 0.044715 * x**3))
    inner = a * (1 + 3 * 0.044715 * x**2)
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * inner)


def silu(x):
    """x times its sigmoid.

    x: data of shape (N, D)
    """
    return x * sigmoid(x)


def silu_backward(dout, x):
    s = sigmoid(x)
    return dout * s * (1 + x * (1 - s))


def swiglu(x, W, V):
    """One linear map gated by another.

    x: data of shape (N, D)
    W, V: weights of shape (D, M)
    """
    gate, value = x @ W, x @ V
    s = sigmoid(gate)
    return gate * s * value, (x, W, V, gate, value, s)


def swiglu_backward(dout, cache):
    x, W, V, gate, value, s = cache
    dgate = dout * value * (s + gate * s * (1 - s))
    dvalue = dout * gate * s
    dx = dgate @ W.T + dvalue @ V.T
    return dx, x.T @ dgate, x.T @ dvalue


def embedding(ids, table):
    """A row of a table for every token.

    ids: labels of shape (B, T), 0 <= ids[i] < V
    table: of shape (V, D)
    """
    return table[ids]


def embedding_backward(dout, ids, table):
    dtable = np.zeros_like(table)
    np.add.at(dtable, ids, dout)
    return dtable


def softmax_rows(x):
    """The softmax of every row.

    x: scores of shape (N, C)
    """
    return softmax(x)


def softmax_rows_backward(dp, x):
    p = softmax(x)
    return p * (dp - (dp * p).sum(axis=1, keepdims=True))


def softmax_rows_jacobian(dp, x):
    """The same with the whole Jacobian of each row."""
    p = softmax(x)
    jacobian = p[:, :, None] * (np.eye(p.shape[1]) - p[:, None, :])
    return np.einsum("ni,nij->nj", dp, jacobian)


# attention


def attention(q, k, v):
    """Scaled dot products, weighted by softmax.

    q: queries of shape (N, d)
    k: keys of shape (M, d)
    v: values of shape (M, e)
    """
    p = softmax(q @ k.T / np.sqrt(q.shape[1]))
    return p @ v, (q, k, v, p)


def attention_backward(dout, cache):
    q, k, v, p = cache
    dv = p.T @ dout
    dp = dout @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    ds /= np.sqrt(q.shape[1])
    dq = ds @ k
    dk = ds.T @ q
    return dq, dk, dv


def heads_attention(q, k, v):
    """`attention` for a batch of several heads.

    q, k, v: of shape (B, H, T, E)
    """
    scores = np.einsum("bhte,bhse->bhts", q, k) / np.sqrt(q.shape[-1])
    p = softmax(scores)
    return np.einsum("bhts,bhse->bhte", p, v), (q, k, v, p)


def heads_attention_backward(dout, cache):
    q, k, v, p = cache
    dv = p.swapaxes(-1, -2) @ dout
    dp = dout @ v.swapaxes(-1, -2)
    ds = p * (dp - (dp * p).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, dv


def causal_attention(q, k, v):
    """`attention` that looks only back.

    q, k, v: of shape (T, d)
    """
    T, d = q.shape
    scores = q @ k.T / np.sqrt(d)
    seen = np.tril(np.ones((T, T), dtype=bool))
    p = softmax(np.where(seen, scores, -np.inf))
    return p @ v, (q, k, v, p)


def causal_attention_masked(q, k, v):
    """The same with scores overwritten where nothing may be seen.

    q, k, v: of shape (T, d)
    """
    T, d = q.shape
    scores = q @ k.T / np.sqrt(d)
    scores[np.triu(np.ones((T, T), dtype=bool), k=1)] = -np.inf
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p @ v, (q, k, v, p)


def self_attention(x, Wq, Wk, Wv):
    """`attention` of a sequence to itself.

    x: tokens of shape (T, D)
    Wq, Wk, Wv: of shape (D, d)
    """
    out, cache = attention(x @ Wq, x @ Wk, x @ Wv)
    return out, (x, Wq, Wk, Wv, cache)


def self_attention_backward(dout, cache):
    x, Wq, Wk, Wv, inner = cache
    dq, dk, dv = attention_backward(dout, inner)
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, x.T @ dq, x.T @ dk, x.T @ dv


# convolution and pooling


def conv1d(x, w, b):
    """Sequences with a kernel of three steps, by windows.

    x: of shape (N, C, L + 2)
    w: kernel of shape (F, C, 3)
    b: of shape (F,)
    """
    windows = sliding_window_view(x, 3, axis=2)
    out = np.einsum("nclk,fck->nfl", windows, w) + b[:, None]
    return out, (x, w, windows)


def conv1d_backward(dout, cache):
    x, w, windows = cache
    L = dout.shape[2]
    dx = np.zeros_like(x)
    for k in range(3):
        dx[:, :, k : k + L] += np.einsum("nfl,fc->ncl", dout, w[:, :, k])
    dw = np.einsum("nfl,nclk->fck", dout, windows)
    return dx, dw, dout.sum(axis=(0, 2))


def conv2d(x, w, b):
    """Images with a kernel of 3 x 3 and a border of zeros, place by place of the kernel.

    x: images of shape (N, C, H, W)
    w: kernel of shape (F, C, 3, 3)
    b: of shape (F,)
    """
    H, W = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.zeros((x.shape[0], w.shape[0], H, W))
    for i in range(3):
        for j in range(3):
            out += np.einsum("nchw,fc->nfhw", padded[:, :, i : i + H, j : j + W], w[:, :, i, j])
    return out + b[None, :, None, None], (padded, w)


def conv2d_backward(dout, cache):
    padded, w = cache
    H, W = dout.shape[2:]
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(3):
        for j in range(3):
            here = padded[:, :, i : i + H, j : j + W]
            dw[:, :, i, j] = np.einsum("nfhw,nchw->fc", dout, here)
            dpadded[:, :, i : i + H, j : j + W] += np.einsum("nfhw,fc->nchw", dout, w[:, :, i, j])
    dx = dpadded[:, :, 1:-1, 1:-1]
    return dx, dw, dout.sum(axis=(0, 2, 3))


def conv2d_windows(x, w):
    """Images with a kernel of any size, by windows.

    x: images of shape (N, C, H + P - 1, W + Q - 1)
    w: kernel of shape (F, C, P, Q)
    """
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("nchwpq,fcpq->nfhw", windows, w)


def conv2d_windows_backward(dout, x, w):
    P, Q = w.shape[2:]
    dw = np.einsum("nfhw,nchwpq->fcpq", dout, sliding_window_view(x, (P, Q), axis=(2, 3)))
    around = np.pad(dout, ((0, 0), (0, 0), (P - 1, P - 1), (Q - 1, Q - 1)))
    dx = np.einsum("nfhwpq,fcpq->nchw", sliding_window_view(around, (P, Q), axis=(2, 3)), w[:, :, ::-1, ::-1])
    return dx, dw


def conv1d_twice(x, w, v):
    """Two kernels of any size, one after the other, with a relu between.

    x: of shape (P + U + V - 2,)
    w: of shape (U,)
    v: of shape (V,)
    """
    before = np.correlate(x, w)
    hidden = np.maximum(before, 0)
    return np.correlate(hidden, v), (x, w, v, before, hidden)


def conv1d_twice_backward(dout, cache):
    x, w, v, before, hidden = cache
    dv = np.correlate(hidden, dout)
    dbefore = np.convolve(dout, v) * (before > 0)
    return np.convolve(dbefore, w), np.correlate(x, dbefore), dv


def columns(x, size, stride):
    """The places under a square kernel as the columns of a matrix, a row for each output."""
    N, C, H, W = x.shape
    rows, cols = (H - size) // stride + 1, (W - size) // stride + 1
    found = np.zeros((N, C, size, size, rows, cols))
    for i in range(size):
        for j in range(size):
            found[:, :, i, j] = x[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride]
    return found.transpose(0, 4, 5, 1, 2, 3).reshape(N * rows * cols, -1)


def columns_backward(dcolumns, shape, size, stride):
    N, C, H, W = shape
    rows, cols = (H - size) // stride + 1, (W - size) // stride + 1
    dcolumns = dcolumns.reshape(N, rows, cols, C, size, size).transpose(0, 3, 4, 5, 1, 2)
    dx = np.zeros(shape)
    for i in range(size):
        for j in range(size):
            dx[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride] += dcolumns[:, :, i, j]
    return dx


def conv2d_columns(x, w, b):
    """Images with a kernel of 3 x 3 at every second place, as one matrix product.

    x: images of shape (N, C, 2*H + 1, 2*W + 1)
    w: kernel of shape (F, C, 3, 3)
    b: of shape (F,)
    """
    N, F = x.shape[0], w.shape[0]
    matrix = columns(x, 3, 2)
    out = matrix @ w.reshape(F, -1).T + b
    out = out.reshape(N, (x.shape[2] - 1) // 2, (x.shape[3] - 1) // 2, F).transpose(0, 3, 1, 2)
    return out, (x.shape, matrix, w)


def conv2d_columns_backward(dout, cache):
    shape, matrix, w = cache
    F = w.shape[0]
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    dw = (rows.T @ matrix).reshape(w.shape)
    dx = columns_backward(rows @ w.reshape(F, -1), shape, 3, 2)
    return dx, dw, rows.sum(axis=0)


def rotary(x, cos, sin):
    """Pairs of features turned by angles.

    x: of shape (T, 2*D)
    cos, sin: of shape (T, D)
    """
    even, odd = x[:, 0::2], x[:, 1::2]
    out = np.zeros_like(x)
    out[:, 0::2] = even * cos - odd * sin
    out[:, 1::2] = even * sin + odd * cos
    return out


def rotary_backward(dout, cos, sin):
    deven, dodd = dout[:, 0::2], dout[:, 1::2]
    dx = np.zeros_like(dout)
    dx[:, 0::2] = deven * cos + dodd * sin
    dx[:, 1::2] = dodd * cos - deven * sin
    return {"dx": dx}


def total_variation(x, weight):
    """How much neighbours differ.

    x: of shape (N + 1,)
    weight: a number of shape ()
    """
    jumps = np.diff(x)
    signs = weight * np.sign(jumps)
    dx = np.zeros_like(x)
    dx[1:] += signs
    dx[:-1] -= signs
    return weight * np.abs(jumps).sum(), {"dx": dx}


def maxpool(x):
    """The largest of every 2 x 2 places.

    x: images of shape (N, C, H*2, W*2)
    """
    N, C, H, W = x.shape
    blocks = x.reshape(N, C, H // 2, 2, W // 2, 2)
    out = blocks.max(axis=(3, 5))
    return out, (x, blocks, out)


def maxpool_backward(dout, cache):
    x, blocks, out = cache
    largest = blocks == out[:, :, :, None, :, None]
    return (largest * dout[:, :, :, None, :, None]).reshape(x.shape)


def maxpool_argmax(x):
    """The largest of every 2 x 2 places, and which of the four it is.

    x: images of shape (N, C, H*2, W*2)
    """
    N, C, H, W = x.shape
    four = x.reshape(N, C, H // 2, 2, W // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, C, H // 2, W // 2, 4)
    out = four.max(axis=-1)
    return out, (x, four.argmax(axis=-1))


def maxpool_argmax_backward(dout, cache):
    x, which = cache
    N, C, H, W = x.shape
    four = dout[..., None] * (np.arange(4) == which[..., None])
    return four.reshape(N, C, H // 2, W // 2, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(x.shape)


def maxpool_time(x):
    """The largest over a sequence, for each feature.

    x: sequences of shape (N, T, D)
    """
    return x.max(axis=1), (x, x.argmax(axis=1))


def maxpool_time_backward(dout, cache):
    x, when = cache
    N, _, D = x.shape
    dx = np.zeros(x.shape)
    dx[np.arange(N)[:, None], when, np.arange(D)] = dout
    return dx


def avgpool(x):
    """The mean of every 2 x 2 places.

    x: images of shape (N, C, H*2, W*2)
    """
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))


def avgpool_backward(dout, x):
    return np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3) / 4


# recurrent steps


def rnn_step(x, prev_h, Wx, Wh, b):
    """One step of a network with memory.

    x: of shape (N, D)
    prev_h: of shape (N, H)
    Wx: of shape (D, H)
    Wh: of shape (H, H)
    b: of shape (H,)
    """
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h**2)
    dx, dprev_h = da @ Wx.T, da @ Wh.T
    dWx, dWh, db = x.T @ da, prev_h.T @ da, da.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def rnn(x, h0, Wx, Wh, b):
    """Three steps, one after the other.

    x: of shape (N, 3, D)
    h0: of shape (N, H)
    Wx: of shape (D, H)
    Wh: of shape (H, H)
    b: of shape (H,)
    """
    h, states, caches = h0, [], []
    for t in range(x.shape[1]):
        h, cache = rnn_step(x[:, t], h, Wx, Wh, b)
        states.append(h)
        caches.append(cache)
    return np.stack(states, axis=1), caches


def rnn_backward(dout, caches):
    steps = len(caches)
    dxs, dh, dWx, dWh, db = [None] * steps, 0, 0, 0, 0
    for t in reversed(range(steps)):
        dxs[t], dh, dWx_t, dWh_t, db_t = rnn_step_backward(dout[:, t] + dh, caches[t])
        dWx, dWh, db = dWx + dWx_t, dWh + dWh_t, db + db_t
    dx, dh0 = np.stack(dxs, axis=1), dh
    return dx, dh0, dWx, dWh, db


def lstm_step(x, prev_h, prev_c, Wx, Wh, b):
    """One step of an LSTM; the four gates side by side.

    x: of shape (N, D)
    prev_h, prev_c: of shape (N, H)
    Wx: of shape (D, 4*H)
    Wh: of shape (H, 4*H)
    b: of shape (4*H,)
    """
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H :])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    da = np.hstack([dc * g * i * (1 - i), dc * prev_c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g**2)])
    dx, dprev_h, dprev_c = da @ Wx.T, da @ Wh.T, dc * f
    dWx, dWh, db = x.T @ da, prev_h.T @ da, da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db


def gru_step(x, h, Wz, Wr, Wn, Uz, Ur, Un):
    """One step of a GRU.

    x: of shape (N, D)
    h: of shape (N, H)
    Wz, Wr, Wn: of shape (D, H)
    Uz, Ur, Un: of shape (H, H)
    """
    z = sigmoid(x @ Wz + h @ Uz)
    r = sigmoid(x @ Wr + h @ Ur)
    n = np.tanh(x @ Wn + (r * h) @ Un)
    out = (1 - z) * n + z * h
    return out, (z, r, n)


def gru_step_backward(dout, x, h, Wz, Wr, Wn, Uz, Ur, Un, cache):
    z, r, n = cache
    dan = dout * (1 - z) * (1 - n**2)
    daz = dout * (h - n) * z * (1 - z)
    drh = dan @ Un.T
    dar = drh * h * r * (1 - r)
    dx = dan @ Wn.T + daz @ Wz.T + dar @ Wr.T
    dh = dout * z + drh * r + daz @ Uz.T + dar @ Ur.T
    dWz, dWr, dWn = x.T @ daz, x.T @ dar, x.T @ dan
    dUz, dUr, dUn = h.T @ daz, h.T @ dar, (r * h).T @ dan
    return dx, dh, dWz, dWr, dWn, dUz, dUr, dUn


# losses


def softmax_loss(x, y):
    """The mean cross-entropy of the softmax of scores, and its gradient.

    x: scores of shape (N, C)
    y: labels of shape (N,), 0 <= y[i] < C
    """
    N = x.shape[0]
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(N), y].mean()
    dx = np.exp(log_p)
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def softmax_loss_targets(x, t):
    """The same for targets that are probabilities, of which each row sums to any number.

    x, t: of shape (N, C)
    """
    p = softmax(x)
    loss = -np.mean(np.sum(t * np.log(p), axis=1))
    dx = (p * t.sum(axis=1, keepdims=True) - t) / len(x)
    return loss, dx


def svm_loss(x, y):
    """The mean hinge loss of scores that are to be 1 apart, and its gradient.

    x: scores of shape (N, C)
    y: labels of shape (N,), 0 <= y[i] < C
    """
    N = x.shape[0]
    right = x[np.arange(N), y]
    margins = np.maximum(0, x - right[:, None] + 1.0)
    margins[np.arange(N), y] = 0
    loss = margins.sum() / N
    dx = np.where(margins > 0, 1.0, 0.0)
    dx[np.arange(N), y] -= dx.sum(axis=1)
    dx /= N
    return loss, dx


def logistic_loss(x, w, t):
    """The mean cross-entropy of the sigmoid of a linear score, and its gradient.

    x: data of shape (N, D)
    w: of shape (D,)
    t: targets of shape (N,)
    """
    p = sigmoid(x @ w)
    loss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    dw = x.T @ (p - t) / x.shape[0]
    return loss, dw


def logistic_loss_stable(z, t):
    """The same of a score, without overflow.

    z, t: of shape (N,)
    """
    loss = np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))))
    dz = (sigmoid(z) - t) / z.shape[0]
    return loss, dz


def bce(p, t):
    """The mean cross-entropy of probabilities.

    p, t: of shape (N,)
    """
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def bce_backward(dloss, p, t):
    dp = dloss * (p - t) / (p * (1 - p))
    dp /= p.size
    return dp


def mse(y, t):
    """The mean of squared differences, and its gradient.

    y, t: of shape (N, D)
    """
    error = y - t
    dy = 2 * error / error.size
    return np.mean(error**2), dy


def huber(y, t, delta=1.0):
    """Squares of small differences, sizes of large ones.

    y, t: of shape (N,)
    """
    error = y - t
    small = np.abs(error) <= delta
    loss = np.where(small, 0.5 * error**2, delta * (np.abs(error) - 0.5 * delta)).mean()
    dy = np.clip(error, -delta, delta) / len(y)
    return loss, dy


def cosine_similarity(a, b):
    """The cosine of the angle between rows.

    a, b: of shape (N, D)
    """
    na, nb = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    cos = np.sum(a * b, axis=1) / (na * nb)
    return cos, (na, nb)


def cosine_similarity_backward(dcos, a, b, cos, cache):
    na, nb = cache
    da = dcos[:, None] * (b / (na * nb)[:, None] - a * (cos / na**2)[:, None])
    db = dcos[:, None] * (a / (na * nb)[:, None] - b * (cos / nb**2)[:, None])
    return da, db


def contrastive_loss(a, b, tau=0.1):
    """Pairs of rows that are to be near each other and far from the others, both ways, and the gradients.

    a, b: of shape (N, D)
    """
    N = a.shape[0]
    scores = a @ b.T / tau
    rows, columns = softmax(scores, axis=1), softmax(scores, axis=0)
    loss = -(np.log(np.diag(rows)) + np.log(np.diag(columns))).sum() / (2 * N)
    dscores = (rows + columns - 2 * np.eye(N)) / (2 * N)
    da, db = dscores @ b / tau, dscores.T @ a / tau
    return loss, da, db


def two_layer_net(X, y, W1, b1, W2, b2, reg=1e-3):
    """The loss of a network with one hidden layer, and its gradients.

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
    loss = -np.log(p[np.arange(N), y]).sum() / N + reg * ((W1 * W1).sum() + (W2 * W2).sum())
    dscores = p.copy()
    dscores[range(N), y] -= 1
    dscores /= N
    dhidden = dscores @ W2.T
    dhidden[hidden <= 0] = 0
    grads = {"W2": hidden.T @ dscores + 2 * reg * W2, "b2": dscores.sum(axis=0)}
    grads["W1"], grads["b1"] = X.T @ dhidden + 2 * reg * W1, dhidden.sum(axis=0)
    return loss, grads


# name: (forward pass, backward pass or None where one function returns a loss and its gradients, shapes that no docstring tells)
RIGHT = {
    "batchnorm step by step": (batchnorm, batchnorm_steps, {}),
    "batchnorm in one formula": (batchnorm, batchnorm_closed, {}),
    "batchnorm as in the paper": (batchnorm, batchnorm_paper, {}),
    "batchnorm of images": (batchnorm_images, batchnorm_images_backward, {}),
    "layernorm": (layernorm, layernorm_backward, {}),
    "layernorm of tokens": (layernorm_tokens, layernorm_tokens_backward, {}),
    "groupnorm": (groupnorm, groupnorm_backward, {}),
    "instancenorm": (instancenorm, instancenorm_backward, {}),
    "rmsnorm": (rmsnorm, rmsnorm_backward, {}),
    "l2 normalization": (l2_normalize, l2_normalize_backward, {}),
    "weightnorm": (weightnorm, weightnorm_backward, {}),
    "affine": (affine, affine_backward, {}),
    "affine of rows": (affine, affine_backward, {"x": "N, D", "w": "D, M", "b": "M"}),
    "relu": (relu, relu_backward, {}),
    "leaky relu": (leaky_relu, leaky_relu_backward, {}),
    "dropout": (dropout, dropout_backward, {}),
    "gelu": (gelu, gelu_backward, {}),
    "silu": (silu, silu_backward, {}),
    "swiglu": (swiglu, swiglu_backward, {}),
    "embedding": (embedding, embedding_backward, {}),
    "softmax": (softmax_rows, softmax_rows_backward, {}),
    "softmax by its Jacobian": (softmax_rows, softmax_rows_jacobian, {}),
    "attention": (attention, attention_backward, {}),
    "causal attention": (causal_attention, attention_backward, {}),
    "causal attention by a mask": (causal_attention_masked, attention_backward, {}),
    "attention with heads": (heads_attention, heads_attention_backward, {}),
    "self-attention": (self_attention, self_attention_backward, {}),
    "conv1d by windows": (conv1d, conv1d_backward, {}),
    "conv2d by places of the kernel": (conv2d, conv2d_backward, {}),
    "conv2d by windows": (conv2d_windows, conv2d_windows_backward, {}),
    "two convolutions": (conv1d_twice, conv1d_twice_backward, {}),
    "conv2d by columns with a stride": (conv2d_columns, conv2d_columns_backward, {}),
    "rotary embedding": (rotary, rotary_backward, {}),
    "total variation": (total_variation, None, {}),
    "max pooling": (maxpool, maxpool_backward, {}),
    "max pooling by argmax": (maxpool_argmax, maxpool_argmax_backward, {}),
    "max pooling over time": (maxpool_time, maxpool_time_backward, {}),
    "average pooling": (avgpool, avgpool_backward, {}),
    "rnn step": (rnn_step, rnn_step_backward, {}),
    "rnn of three steps": (rnn, rnn_backward, {}),
    "lstm step": (lstm_step, lstm_step_backward, {}),
    "gru step": (gru_step, gru_step_backward, {}),
    "softmax loss": (softmax_loss, None, {}),
    "softmax loss of targets": (softmax_loss_targets, None, {}),
    "svm loss": (svm_loss, None, {}),
    "logistic loss": (logistic_loss, None, {}),
    "logistic loss without overflow": (logistic_loss_stable, None, {}),
    "binary cross-entropy": (bce, bce_backward, {}),
    "mean squared error": (mse, None, {}),
    "huber loss": (huber, None, {}),
    "cosine similarity": (cosine_similarity, cosine_similarity_backward, {}),
    "contrastive loss": (contrastive_loss, None, {}),
    "two-layer network": (two_layer_net, None, {}),
}
