# Runs inside PretrainStep.java: the V-JEPA objective and its optimiser (arXiv:2404.08471, section 3; arXiv:2603.14482).
# p encoder, q predictor, tp target encoder, in the encoder's order. g gradients so far, m and v moments, st step counts,
# each of p + q. used [n] on the CPU: 1 where a gradient has come. omega and pos of the encoder, omega2 and pos2 of the
# predictor. L levels, each of width D; hy holds numbers on the CPU. With self.pixel_targets q ends with the weight and bias
# of one more layer, from features to pixels.

def features(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, wanted: Tensor, tp: List[Tensor]) -> Tensor:
  # What the target encoder says of the whole clip: [B, N, L D].
  return torch.to((self).encode_wide(clip, stats, pos, omega, wanted, tp), 6)

def cell_targets(self, clip: Tensor, stats: Tensor) -> Tensor:
  # The pixels of each cell to mean 0 and deviation 1, for comparison with features as targets: [B, N, cell].
  x = (self).cut(clip, stats)
  return torch.layer_norm(x, [torch.size(x, -1)], None, None, 9.9999999999999995e-07)

def targets(self, h: Tensor) -> Tensor:
  # Each token's features, level by level, to mean 0 and deviation 1; epsilon 1e-5, unlike the encoder's.
  b = torch.size(h, 0)
  n = torch.size(h, 1)
  x = torch.reshape(h, [b, n, self.target_levels, -1])
  x = torch.layer_norm(x, [torch.size(x, -1)], None, None, 1.0000000000000001e-05)
  return torch.reshape(x, [b, n, -1])

def cells(self, ids: Tensor) -> Tensor:
  # Time, row and column of ids [B, K] on the predictor's grid: [B, K, 3].
  t = torch.floor_divide(ids, self.grid * self.grid)
  r = torch.floor_divide(torch.remainder(ids, self.grid * self.grid), self.grid)
  c = torch.remainder(ids, self.grid)
  return torch.to(torch.stack([t, r, c], -1), 6)

def root_distance(self, ic: Tensor, it: Tensor) -> Tensor:
  # Square root of the distance from each context token to the nearest target, in tokens: [B, K, 1].
  d = torch.sub(torch.unsqueeze((self).cells(ic), 2), torch.unsqueeze((self).cells(it), 1))
  d = torch.sqrt(torch.amin(torch.sum(torch.mul(d, d), [-1]), [-1]))
  return torch.unsqueeze(torch.sqrt(d), -1)

def gap(self, z: Tensor, h: Tensor) -> Tensor:
  y = torch.abs(torch.sub(z, h))
  if self.power:
    y = torch.div(torch.pow(y, self.loss_exp), self.loss_exp)
  return y

def prediction_term(self, y: Tensor, h: Tensor, it: Tensor) -> Tensor:
  return torch.mean((self).gap(y, (self).pick(h, it)))

def context_term(self, y: Tensor, h: Tensor, ic: Tensor, it: Tensor) -> Tensor:
  # A plain mean: the weights do not sum to one.
  seen = (self).gap(y, (self).pick(h, ic))
  if self.weigh_distance:
    seen = torch.div(seen, (self).root_distance(ic, it))
  return torch.mean(seen)

def losses(self, z: Tensor, h: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos2: Tensor, omega2: Tensor, q: List[Tensor]) -> List[Tensor]:
  # Of one mask pair: prediction, context (0 without), and each feature's spread over the predictions [B, L D].
  if self.predict_context:
    both = (self).predict_both(z, ic, it, index, image, pos2, omega2, q)
    y = both[0]
    context = (self).context_term(both[1], h, ic, it)
  else:
    y = (self).predict(z, ic, it, index, image, pos2, omega2, q)
    context = torch.zeros_like(torch.sum(h))
    if self.pixel_targets:
      y = torch.to((self).linear(y, q[torch.len(q) - 2], q[torch.len(q) - 1]), 6)
  spread = torch.sqrt(torch.add(torch.var(y, [1], True), 0.0001))
  return [(self).prediction_term(y, h, it), context, spread]

def whitened(self, x: Tensor) -> Tensor:
  # All directions alike: features [B, N, D] without their mean, times the inverse root of their covariance, both over all
  # tokens. Directions of less than a hundredth of the mean variance stay small. Where the covariance is not finite all is
  # nan: an eigendecomposition would fail before the loss can tell.
  b = torch.size(x, 0)
  n = torch.size(x, 1)
  y = torch.reshape(torch.sub(x, torch.mean(x, [0, 1], True)), [b * n, -1])
  c = torch.div(torch.matmul(torch.t(y), y), float(b * n))
  if bool(torch.all(torch.isfinite(c))):
    e, v = torch.linalg_eigh(c, "L")
    e = torch.clamp(e, 0., None)
    e = torch.rsqrt(torch.add(e, torch.add(torch.mul(torch.mean(e), 0.01), 1e-6)))
    w = torch.matmul(torch.mul(v, torch.unsqueeze(e, 0)), torch.t(v))
  else:
    w = torch.mul(torch.zeros_like(c), float("nan"))
  return torch.reshape(torch.matmul(y, w), [b, n, -1])

def whitened_levels(self, h: Tensor) -> Tensor:
  x = torch.reshape(h, [torch.size(h, 0), torch.size(h, 1), self.target_levels, -1])
  levels = annotate(List[Tensor], [])
  for i in range(self.target_levels):
    levels = torch.append(levels, (self).whitened(torch.select(x, 2, i)))
  return torch.reshape(torch.stack(levels, 2), torch.size(h))

def gradients(self, clip: Tensor, stats: Tensor, pos: Tensor, pos2: Tensor, omega: Tensor, omega2: Tensor, wanted: Tensor, ic: List[Tensor], it: List[Tensor], index: Tensor, image: Tensor, hy: Tensor, p: List[Tensor], q: List[Tensor], tp: List[Tensor], g: List[Tensor], used: Tensor) -> List[Tensor]:
  # Adds the gradients of clips of one length. hy: share of the step, weight of the context loss, of the spread.
  # index: which mask token each pair takes. Gives total, prediction, context and spread loss.
  torch.set_grad_enabled(False)
  if self.pixel_targets:
    h = (self).cell_targets(clip, stats)
  else:
    h = (self).targets((self).features(clip, stats, pos, omega, wanted, tp))
    if self.whiten_targets:
      h = (self).whitened_levels(h)
  torch.set_grad_enabled(True)
  z = (self).encode_wide_masked(clip, stats, pos, omega, ic, wanted, p)
  each = 1. / float(torch.len(ic))
  predicted = torch.zeros_like(torch.sum(h))
  context = torch.zeros_like(predicted)
  spread = torch.zeros_like(predicted)
  for i in range(torch.len(ic)):
    parts = (self).losses(z[i], h, ic[i], it[i], torch.select(index, 0, i), image, pos2, omega2, q)
    predicted = torch.add(predicted, torch.mul(parts[0], each))
    context = torch.add(context, torch.mul(parts[1], each))
    spread = torch.add(spread, torch.mul(parts[2], each))
  narrow = torch.mean(torch.relu(torch.rsub(spread, 1.)))
  loss = torch.add(predicted, torch.mul(context, float(torch.select(hy, 0, 1))))
  loss = torch.add(loss, torch.mul(narrow, float(torch.select(hy, 0, 2))))
  share = float(torch.select(hy, 0, 0))
  found = torch.grad([torch.mul(loss, share)], torch.add(p, q), None, None, False, True)
  torch.set_grad_enabled(False)
  for i in range(torch.len(found)):
    one = found[i]
    if torch.__isnot__(one, None):
      torch.add_(g[i], unchecked_cast(Tensor, one))
      torch.fill_(torch.select(used, 0, i), 1.)
  return [torch.detach(loss), torch.detach(predicted), torch.detach(context), torch.detach(narrow)]

def norm_of(self, g: List[Tensor]) -> Tensor:
  return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g)))

def limit(self, g: List[Tensor], n: Tensor, most: float) -> None:
  if torch.gt(most, 0.):
    torch._foreach_mul_(g, torch.clamp(torch.div(torch.mul(torch.ones_like(n), most), torch.add(n, 1e-6)), None, 1.))

def adamw(self, w: List[Tensor], g: List[Tensor], used: Tensor, m: List[Tensor], v: List[Tensor], st: List[Tensor], lr: float, decay: float) -> None:
  # Decoupled decay of everything but biases and norms, so of mask tokens too. What has no gradient stays as it is.
  # The fused update needs its step count raised first.
  for decayed in range(2):
    w1 = annotate(List[Tensor], [])
    g1 = annotate(List[Tensor], [])
    m1 = annotate(List[Tensor], [])
    v1 = annotate(List[Tensor], [])
    s1 = annotate(List[Tensor], [])
    for i in range(torch.len(w)):
      if torch.gt(float(torch.select(used, 0, i)), 0.):
        if torch.eq(torch.gt(torch.dim(w[i]), 1), torch.eq(decayed, 1)):
          w1 = torch.append(w1, w[i])
          g1 = torch.append(g1, g[i])
          m1 = torch.append(m1, m[i])
          v1 = torch.append(v1, v[i])
          s1 = torch.append(s1, st[i])
    if torch.gt(torch.len(w1), 0):
      torch._foreach_add_(s1, 1.)
      torch._fused_adamw_(w1, g1, m1, v1, annotate(List[Tensor], []), s1, lr=lr, beta1=0.9, beta2=0.999, weight_decay=decay * float(decayed), eps=1e-8, amsgrad=False, maximize=False)

def update(self, hy: Tensor, p: List[Tensor], q: List[Tensor], tp: List[Tensor], g: List[Tensor], used: Tensor, m: List[Tensor], v: List[Tensor], st: List[Tensor]) -> List[Tensor]:
  # hy: learning rate, weight decay, gradient norm limit (0 for none), momentum of the target encoder.
  # Gradients that are not finite change nothing and stay for the caller to see. Gives both norms before limiting.
  torch.set_grad_enabled(False)
  n = torch.len(p)
  ge = torch.slice(g, 0, n, 1)
  gp = torch.slice(g, n, torch.len(g), 1)
  ne = (self).norm_of(ge)
  np = (self).norm_of(gp)
  if bool(torch.isfinite(torch.add(ne, np))):
    most = float(torch.select(hy, 0, 2))
    (self).limit(ge, ne, most)
    (self).limit(gp, np, most)
    (self).adamw(torch.add(p, q), g, used, m, v, st, float(torch.select(hy, 0, 0)), float(torch.select(hy, 0, 1)))
    torch._foreach_lerp_(tp, p, 1. - float(torch.select(hy, 0, 3)))
    torch._foreach_zero_(g)
    torch.zero_(used)
  return [ne, np]

def take_gradients(self, g: List[Tensor], used: Tensor, og: List[Tensor], oused: Tensor) -> Tensor:
  # Adds the gradients of a replica, which may be on another device, and forgets them there.
  torch.set_grad_enabled(False)
  for i in range(torch.len(g)):
    torch.add_(g[i], torch.to(og[i], ops.prim.device(g[i]), 6))
  torch.copy_(used, torch.maximum(used, torch.to(oused, ops.prim.device(used), 6)))
  torch._foreach_zero_(og)
  torch.zero_(oused)
  return torch.sum(used)

def give_weights(self, p: List[Tensor], q: List[Tensor], tp: List[Tensor], rp: List[Tensor], rq: List[Tensor], rtp: List[Tensor]) -> Tensor:
  # Makes a replica's weights these.
  torch.set_grad_enabled(False)
  for i in range(torch.len(p)):
    torch.copy_(rp[i], p[i])
    torch.copy_(rtp[i], tp[i])
  for i in range(torch.len(q)):
    torch.copy_(rq[i], q[i])
  return torch.zeros_like(torch.sum(rp[0]))
