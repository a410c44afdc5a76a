# Runs inside Probe.java. p: query, norm1, q, kv, norm2, fc1, fc2 (13 tensors; query, q, kv where the block is not
# complete), the self-attention blocks (12 each), and the classifier's weight and bias.

def ask(self, r: Tensor, x: Tensor, p: List[Tensor], i: int) -> Tensor:
  # Queries r [B, Q, D] read tokens x [B, N, D]; no output projection follows, though V-JEPA 1 stores one; [B, Q, D].
  b = torch.size(x, 0)
  m = torch.size(r, 1)
  q = torch.transpose(torch.reshape((self).linear(r, p[i], p[i + 1]), [b, m, self.probe_heads, -1]), 1, 2)
  kv = torch.reshape((self).linear(x, p[i + 2], p[i + 3]), [b, torch.size(x, 1), 2, self.probe_heads, -1])
  kv = torch.permute(kv, [2, 0, 3, 1, 4])
  o = (self).attend(q, torch.select(kv, 0, 0), torch.select(kv, 0, 1))          # [B, h, Q, d]
  return torch.reshape(torch.transpose(o, 1, 2), [b, m, -1])

def cross(self, x: Tensor, p: List[Tensor]) -> Tensor:
  # The raw query, not normed, attends to the normed tokens and is the residual; [B, Q, D].
  r = torch.expand(p[0], [torch.size(x, 0), -1, -1])
  if self.complete:
    r = torch.add(r, (self).ask(r, (self).norm(x, p[1], p[2], self.probe_eps), p, 3))
    r = torch.add(r, (self).feed((self).norm(r, p[7], p[8], self.probe_eps), p, 9, False))
  else:
    r = (self).ask(r, x, p, 1)
  return r

def selves(self, x: Tensor, p: List[Tensor]) -> Tensor:
  first = 5
  if self.complete:
    first = 13
  for i in range(self.probe_blocks):
    x = (self).block(x, p, first + 12 * i, self.probe_heads, self.probe_eps, False, annotate(List[Tensor], []))
  return x

def pool(self, x: Tensor, p: List[Tensor]) -> Tensor:
  # V-JEPA 1 runs the extra blocks on the pooled query, V-JEPA 2 on the tokens.
  if self.blocks_first:
    r = (self).cross((self).selves(x, p), p)
  else:
    r = (self).selves((self).cross(x, p), p)
  return r

def classify(self, x: Tensor, p: List[Tensor]) -> List[Tensor]:
  # Logits [B, C] and the pooled queries [B, Q, D].
  r = (self).pool(x, p)
  n = torch.len(p)
  return [torch.to((self).linear(torch.select(r, 1, 0), p[n - 2], p[n - 1]), 6), torch.to(r, 6)]
