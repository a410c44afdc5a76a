# Runs inside Predictor.java. p: embed weight and bias, the mask tokens, the blocks, norm, proj.
# Context tokens z [B, K, E] at ids ic [B, K]; targets wanted at ids it [B, M].

def sequence(self, z: Tensor, ic: Tensor, it: Tensor, index: int, pos: Tensor, p: List[Tensor]) -> Tensor:
  b = torch.size(z, 0)
  c = torch.to((self).linear(z, p[0], p[1]), 6)
  q = torch.expand(p[2 + torch.remainder(index, self.mask_tokens)], [b, torch.size(it, 1), -1])
  if torch.gt(torch.numel(pos), 0):                                             # V-JEPA 1: a table of its own
    table = torch.expand(pos, [b, -1, -1])
    c = torch.add(c, (self).pick(table, ic))
    q = torch.add(q, (self).pick(table, it))
  return torch.cat([c, q], 1)

def stages(self, s: Tensor, ids: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  angles = (self).places(ids, self.grid, self.grid, omega)
  out = annotate(List[Tensor], [])
  for i in range(self.depth):
    s = (self).block(s, p, 2 + self.mask_tokens + i * self.stride, self.heads, self.eps, self.gated, angles)
    out = torch.append(out, s)
  return out

def project(self, s: Tensor, p: List[Tensor]) -> Tensor:
  n = torch.len(p)
  return torch.to((self).linear((self).norm(s, p[n - 4], p[n - 3], self.eps), p[n - 2], p[n - 1]), 6)

def predict(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  s = (self).sequence(z, ic, it, int(index), pos, p)
  ids = torch.cat([ic, it], 1)
  order = torch.argsort(ids, 1)                                                 # V-JEPA 2 runs the tokens in grid order
  if self.sorted:
    s = (self).pick(s, order)
    ids = torch.gather(ids, 1, order)
  s = (self).last(s, ids, omega, p)
  if self.sorted:
    s = (self).pick(s, torch.argsort(order, 1))
  return (self).project(torch.slice(s, 1, torch.size(ic, 1), torch.size(s, 1)), p)

def last(self, s: Tensor, ids: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  angles = (self).places(ids, self.grid, self.grid, omega)
  for i in range(self.depth):
    s = (self).block(s, p, 2 + self.mask_tokens + i * self.stride, self.heads, self.eps, self.gated, angles)
  return s

def predict_all(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  # Context and targets alike, in grid order where the generation sorts.
  s = (self).sequence(z, ic, it, int(index), pos, p)
  ids = torch.cat([ic, it], 1)
  if self.sorted:
    order = torch.argsort(ids, 1)
    s = (self).pick(s, order)
    ids = torch.gather(ids, 1, order)
  return (self).project((self).last(s, ids, omega, p), p)

def trace(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  # For parity checks: the stream [context | targets] after every block.
  return (self).stages((self).sequence(z, ic, it, int(index), pos, p), torch.cat([ic, it], 1), omega, p)
