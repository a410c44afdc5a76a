# Runs inside ProbeStep.java: one head learns from frozen tokens x [B, N, D] of any floating type.
# p, in the kernel's order: weights; of each m and v moments, st step count. cw [C] weights of the classes.
# hy, on the CPU: learning rate, weight decay, gradient norm limit (0 for none), label smoothing.

def objective(self, x: Tensor, labels: Tensor, cw: Tensor, hy: Tensor, p: List[Tensor]) -> Tuple[Tensor, Tensor]:
  # Loss, the mean over rows weighted by their class, and logits [B, C].
  logits = (self).classify(torch.to(x, 6), p)[0]
  return (torch.cross_entropy_loss(logits, labels, cw, 1, -100, float(torch.select(hy, 0, 3))), logits)

def gradients(self, x: Tensor, labels: Tensor, cw: Tensor, hy: Tensor, p: List[Tensor]) -> List[Tensor]:
  # Loss, logits, then one gradient for each of p.
  torch.set_grad_enabled(True)
  loss, logits = (self).objective(x, labels, cw, hy, p)
  found = torch.grad([loss], p)
  torch.set_grad_enabled(False)
  out = [torch.detach(loss), torch.detach(logits)]
  for i in range(torch.len(found)):
    out = torch.append(out, unchecked_cast(Tensor, found[i]))
  return out

def adamw(self, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], st: List[Tensor], lr: float, decay: float) -> None:
  # V-JEPA 2 decays everything, V-JEPA 1 neither biases nor norms. The fused update needs its step count raised first.
  for decayed in range(2):
    w1 = annotate(List[Tensor], [])
    g1 = annotate(List[Tensor], [])
    m1 = annotate(List[Tensor], [])
    v1 = annotate(List[Tensor], [])
    s1 = annotate(List[Tensor], [])
    for i in range(torch.len(w)):
      decays = self.decay_all
      if torch.gt(torch.dim(w[i]), 1):
        decays = True
      if torch.eq(int(decays), decayed):
        w1 = torch.append(w1, w[i])
        g1 = torch.append(g1, g[i])
        m1 = torch.append(m1, m[i])
        v1 = torch.append(v1, v[i])
        s1 = torch.append(s1, st[i])
    if torch.gt(torch.len(w1), 0):
      torch._foreach_add_(s1, 1.)
      torch._fused_adamw_(w1, g1, m1, v1, annotate(List[Tensor], []), s1, lr=lr, beta1=0.9, beta2=0.999, weight_decay=decay * float(decayed), eps=1e-8, amsgrad=False, maximize=False)

def step(self, x: Tensor, labels: Tensor, cw: Tensor, hy: Tensor, p: List[Tensor], m: List[Tensor], v: List[Tensor], st: List[Tensor]) -> List[Tensor]:
  # Loss and logits before the update, and the gradient's norm before it is limited. One that is not finite moves nothing.
  out = (self).gradients(x, labels, cw, hy, p)
  g = torch.slice(out, 2, torch.len(out), 1)
  n = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g)))
  if bool(torch.isfinite(n)):
    most = float(torch.select(hy, 0, 2))
    if torch.gt(most, 0.):
      torch._foreach_mul_(g, torch.clamp(torch.div(torch.mul(torch.ones_like(n), most), torch.add(n, 1e-6)), None, 1.))
    (self).adamw(p, g, m, v, st, float(torch.select(hy, 0, 0)), float(torch.select(hy, 0, 1)))
  return [out[0], out[1], n]

def scores(self, x: Tensor, p: List[Tensor]) -> Tensor:
  return (self).classify(torch.to(x, 6), p)[0]
