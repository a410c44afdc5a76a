# Runs inside SupervisedStep.java: encoder and attentive probe trained together, one call per step.
# p encoder weights, q probe weights; per tensor of p + q: m, v moments, st step count, e running mean of the weights.
# hy, on the CPU: learning rate, weight decay, gradient norm limit, label smoothing, decay of the running mean.

def scores(self, clip: Tensor, stats: Tensor, omega: Tensor, ids: Tensor, p: List[Tensor], q: List[Tensor]) -> Tensor:
  # Only the tokens named by ids [B, K] are run.
  x = (self).pick((self).embed(clip, stats, torch.new_zeros(omega, [0]), p), ids)
  x = (self).trunk(x, (self).angles(clip, ids, omega), p)
  return (self).classify(x, q)[0]

def step(self, clip: Tensor, stats: Tensor, omega: Tensor, ids: Tensor, labels: Tensor, hy: Tensor, p: List[Tensor], q: List[Tensor], m: List[Tensor], v: List[Tensor], st: List[Tensor], e: List[Tensor]) -> List[Tensor]:
  torch.set_grad_enabled(True)
  logits = (self).scores(clip, stats, omega, ids, p, q)
  loss = torch.cross_entropy_loss(logits, labels, None, 1, -100, float(torch.select(hy, 0, 3)))
  every = torch.add(p, q)
  found = torch.grad([loss], every)
  torch.set_grad_enabled(False)
  g = annotate(List[Tensor], [])
  for i in range(torch.len(found)):
    g = torch.append(g, unchecked_cast(Tensor, found[i]))
  n = (self).clip_norm(g, float(torch.select(hy, 0, 2)))
  (self).adamw(every, g, m, v, st, float(torch.select(hy, 0, 0)), float(torch.select(hy, 0, 1)))
  torch._foreach_lerp_(e, every, 1. - float(torch.select(hy, 0, 4)))
  right = torch.sum(torch.eq(torch.argmax(logits, 1), labels))
  return [torch.detach(loss), n, torch.to(right, 6)]

def clip_norm(self, g: List[Tensor], limit: float) -> Tensor:
  n = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g)))
  torch._foreach_mul_(g, torch.clamp(torch.div(torch.mul(torch.ones_like(n), limit), torch.add(n, 1e-6)), None, 1.))
  return n

def adamw(self, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], st: List[Tensor], lr: float, decay: float) -> None:
  # Matrices decay; norms and biases do not. The fused update needs its step count raised first.
  torch._foreach_add_(st, 1.)
  for pass_over in range(2):
    w1 = annotate(List[Tensor], [])
    g1 = annotate(List[Tensor], [])
    m1 = annotate(List[Tensor], [])
    v1 = annotate(List[Tensor], [])
    s1 = annotate(List[Tensor], [])
    for i in range(torch.len(w)):
      if torch.eq(torch.gt(torch.dim(w[i]), 1), torch.eq(pass_over, 0)):
        w1 = torch.append(w1, w[i])
        g1 = torch.append(g1, g[i])
        m1 = torch.append(m1, m[i])
        v1 = torch.append(v1, v[i])
        s1 = torch.append(s1, st[i])
    wd = decay
    if torch.eq(pass_over, 1):
      wd = 0.
    torch._fused_adamw_(w1, g1, m1, v1, annotate(List[Tensor], []), s1, lr=lr, beta1=0.9, beta2=0.98, weight_decay=wd, eps=1e-8, amsgrad=False, maximize=False)
