# Runs inside Collapse.java: how many directions features use, and how much they vary.

def richness(self, x: Tensor) -> Tensor:
  # x [B, N, D]: effective rank, mean and least deviation of a feature, and its mean deviation inside a clip: [4]. The rank
  # of features that are not finite is nan: an eigendecomposition would fail before the loss can tell.
  x = torch.to(x, 7)
  inside = torch.mean(torch.std(x, [1], False))
  x = torch.flatten(x, 0, 1)
  step = torch.floordiv(torch.size(x, 0) + 4095, 4096)
  x = torch.slice(x, 0, 0, torch.size(x, 0), step)
  x = torch.sub(x, torch.mean(x, [0], True))
  n = torch.size(x, 0)
  c = torch.div(torch.matmul(torch.transpose(x, 0, 1), x), float(n))
  if bool(torch.all(torch.isfinite(c))):
    e = torch.linalg_eigvalsh(c)
  else:
    e = torch.mul(torch.diagonal(c), float("nan"))
  s = torch.sqrt(torch.clamp(e, 0., None))
  total = torch.clamp(torch.sum(s), 1e-30, None)
  share = torch.div(s, total)
  entropy = torch.neg(torch.sum(torch.xlogy(share, share)))
  deviation = torch.sqrt(torch.diagonal(c))
  return torch.to(torch.stack([torch.exp(entropy), torch.mean(deviation), torch.amin(deviation), inside]), 6)
