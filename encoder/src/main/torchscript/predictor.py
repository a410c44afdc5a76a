# Runs inside Predictor.java and, beside the encoder, in PretrainStep.java. p: one embedding layer, or two where self.deep,
# then the mask tokens from self.masks_at on, the blocks, with self.pred_modality the vectors of video and image, and from
# self.tail on norm, proj and V-JEPA 2.1's proj of context tokens. Context tokens z [B, K, L E] at ids ic [B, K]; targets
# wanted at ids it [B, M]; image is 1 or 0.

def context(self, z: Tensor, p: List[Tensor]) -> Tensor:
  y = (self).linear(z, p[0], p[1])
  if self.deep:
    y = (self).linear(torch.gelu(y), p[2], p[3])                                # erf form
  return torch.to(y, 6)

def sequence(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos: Tensor, p: List[Tensor]) -> Tensor:
  b = torch.size(z, 0)
  c = (self).context(z, p)
  q = torch.expand(p[self.masks_at + torch.remainder(int(index), self.mask_tokens)], [b, torch.size(it, 1), -1])
  if torch.gt(torch.numel(pos), 0):                                             # V-JEPA 1: a table of its own
    table = torch.expand(pos, [b, -1, -1])
    c = torch.add(c, (self).pick(table, ic))
    q = torch.add(q, (self).pick(table, it))
  s = torch.cat([c, q], 1)
  if self.pred_modality:                                                             # one for all, so before sorting is as after
    s = torch.add(s, p[self.tail - 2 + int(image)])
  return s

def stages(self, s: Tensor, ids: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  angles = (self).places(ids, self.grid, self.grid, self.pred_span, omega)
  out = annotate(List[Tensor], [])
  for i in range(self.pred_depth):
    s = (self).block(s, p, self.masks_at + self.mask_tokens + i * self.pred_stride, self.pred_heads, self.pred_eps, self.pred_gated, angles)
    out = torch.append(out, s)
  return out

def project(self, s: Tensor, at: int, p: List[Tensor]) -> Tensor:
  y = (self).norm(s, p[self.tail], p[self.tail + 1], self.pred_eps)
  return torch.to((self).linear(y, p[at], p[at + 1]), 6)

def last(self, s: Tensor, ids: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  angles = (self).places(ids, self.grid, self.grid, self.pred_span, omega)
  for i in range(self.pred_depth):
    s = (self).block(s, p, self.masks_at + self.mask_tokens + i * self.pred_stride, self.pred_heads, self.pred_eps, self.pred_gated, angles)
  return s

def stream(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  # [context | targets] after the last block, in the order given.
  s = (self).sequence(z, ic, it, index, image, pos, p)
  ids = torch.cat([ic, it], 1)
  order = torch.argsort(ids, 1)                                                 # V-JEPA 2 runs the tokens in grid order
  if self.sorted:
    s = (self).pick(s, order)
    ids = torch.gather(ids, 1, order)
  s = (self).last(s, ids, omega, p)
  if self.sorted:
    s = (self).pick(s, torch.argsort(order, 1))
  return s

def predict(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  s = (self).stream(z, ic, it, index, image, pos, omega, p)
  return (self).project(torch.slice(s, 1, torch.size(ic, 1), torch.size(s, 1)), self.tail + 2, p)

def predict_both(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  # Targets, then context tokens through their own projection.
  s = (self).stream(z, ic, it, index, image, pos, omega, p)
  k = torch.size(ic, 1)
  targets = (self).project(torch.slice(s, 1, k, torch.size(s, 1)), self.tail + 2, p)
  return [targets, (self).project(torch.slice(s, 1, 0, k), self.tail + 4, p)]

def predict_all(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  # Context and targets alike, in grid order where the generation sorts.
  s = (self).sequence(z, ic, it, index, image, pos, p)
  ids = torch.cat([ic, it], 1)
  if self.sorted:
    order = torch.argsort(ids, 1)
    s = (self).pick(s, order)
    ids = torch.gather(ids, 1, order)
  return (self).project((self).last(s, ids, omega, p), self.tail + 2, p)

def trace_predictor(self, z: Tensor, ic: Tensor, it: Tensor, index: Tensor, image: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  # For parity checks: the stream [context | targets] after every block.
  return (self).stages((self).sequence(z, ic, it, index, image, pos, p), torch.cat([ic, it], 1), omega, p)
