# Runs inside FineTuneStep.java: encoder and head learn together from labels (arXiv:2404.08471, appendix on fine-tuning).
# p encoder, q head; of each of p + q the moments m and v and the step count st. keep [depth, 2, B]: what each branch of
# each block counts for each sample, 0 where it is dropped. drop [B, D]: the same for what the head's last layer reads.
# targets [B, C]: share of each class in a clip. group [n] says which of rules [G, 2] a tensor learns by: factor of the
# learning rate, and 1 where weights decay. hy: learning rate, weight decay, label smoothing.

def tuned_block(self, x: Tensor, p: List[Tensor], at: int, keep: Tensor, angles: List[Tensor]) -> Tensor:
  mixed = (self).mix((self).norm(x, p[at], p[at + 1], self.eps), p, at + 2, self.heads, angles)
  x = torch.add(x, torch.mul(mixed, torch.reshape(torch.select(keep, 0, 0), [-1, 1, 1])))
  fed = (self).feed((self).norm(x, p[at + 6], p[at + 7], self.eps), p, at + 8, self.gated)
  return torch.add(x, torch.mul(fed, torch.reshape(torch.select(keep, 0, 1), [-1, 1, 1])))

def tuned_logits(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, keep: Tensor, drop: Tensor, p: List[Tensor], q: List[Tensor]) -> Tensor:
  x = (self).embed(clip, stats, pos, p)
  angles = (self).angles(clip, (self).every(x), omega)
  for i in range(self.depth):
    x = (self).tuned_block(x, p, 2 + i * self.stride, torch.select(keep, 0, i), angles)
  x = (self).norm(x, p[torch.len(p) - 2], p[torch.len(p) - 1], self.eps)
  # The pooled vector goes through the last layer again, without what is dropped of it.
  r = torch.mul(torch.select((self).classify(x, q)[1], 1, 0), drop)
  return torch.to((self).linear(r, q[torch.len(q) - 2], q[torch.len(q) - 1]), 6)

def scores(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor], q: List[Tensor]) -> Tensor:
  # Nothing is dropped: the encoder as it serves.
  return (self).classify((self).encode(clip, stats, pos, omega, p), q)[0]

def adamw(self, w: List[Tensor], g: List[Optional[Tensor]], group: Tensor, rules: Tensor, m: List[Tensor], v: List[Tensor], st: List[Tensor], lr: float, decay: float) -> None:
  # Group by group. What has no gradient stays as it is. The fused update needs its step count raised first.
  of = annotate(List[int], [])
  for i in range(torch.len(w)):
    of = torch.append(of, int(torch.select(group, 0, i)))
  for j in range(torch.size(rules, 0)):
    w1 = annotate(List[Tensor], [])
    g1 = annotate(List[Tensor], [])
    m1 = annotate(List[Tensor], [])
    v1 = annotate(List[Tensor], [])
    s1 = annotate(List[Tensor], [])
    for i in range(torch.len(w)):
      one = g[i]
      if torch.__isnot__(one, None):
        if torch.eq(of[i], j):
          w1 = torch.append(w1, w[i])
          g1 = torch.append(g1, unchecked_cast(Tensor, one))
          m1 = torch.append(m1, m[i])
          v1 = torch.append(v1, v[i])
          s1 = torch.append(s1, st[i])
    if torch.gt(torch.len(w1), 0):
      rule = torch.select(rules, 0, j)
      torch._foreach_add_(s1, 1.)
      torch._fused_adamw_(w1, g1, m1, v1, annotate(List[Tensor], []), s1, lr=lr * float(torch.select(rule, 0, 0)), beta1=0.9, beta2=0.999, weight_decay=decay * float(torch.select(rule, 0, 1)), eps=1e-8, amsgrad=False, maximize=False)

def step(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, keep: Tensor, drop: Tensor, targets: Tensor, group: Tensor, rules: Tensor, hy: Tensor, p: List[Tensor], q: List[Tensor], m: List[Tensor], v: List[Tensor], st: List[Tensor]) -> List[Tensor]:
  # Loss before the update, and for how many clips the largest share was found. A loss that is not finite moves nothing.
  torch.set_grad_enabled(True)
  logits = (self).tuned_logits(clip, stats, pos, omega, keep, drop, p, q)
  loss = torch.cross_entropy_loss(logits, targets, None, 1, -100, float(torch.select(hy, 0, 2)))
  every = torch.add(p, q)
  found = torch.grad([loss], every, None, None, False, True)
  torch.set_grad_enabled(False)
  if bool(torch.isfinite(loss)):
    (self).adamw(every, found, group, rules, m, v, st, float(torch.select(hy, 0, 0)), float(torch.select(hy, 0, 1)))
  right = torch.sum(torch.eq(torch.argmax(logits, 1), torch.argmax(targets, 1)))
  return [torch.detach(loss), torch.to(right, 6)]
