# Runs inside AttentiveProbe.java. p: query, norm1, q, kv, norm2, fc1, fc2 (13 tensors), the self-attention blocks
# (12 each), and the classifier's weight and bias.

def cross(self, x: Tensor, p: List[Tensor]) -> Tensor:
  # The raw query attends to the normed tokens x [B, N, D]; no output projection; [B, Q, D].
  b = torch.size(x, 0)
  n = torch.size(x, 1)
  r = torch.expand(p[0], [b, -1, -1])
  m = torch.size(r, 1)
  q = torch.transpose(torch.reshape((self).linear(r, p[3], p[4]), [b, m, self.probe_heads, -1]), 1, 2)
  y = (self).norm(x, p[1], p[2], self.probe_eps)
  kv = torch.permute(torch.reshape((self).linear(y, p[5], p[6]), [b, n, 2, self.probe_heads, -1]), [2, 0, 3, 1, 4])
  o = (self).attend(q, torch.select(kv, 0, 0), torch.select(kv, 0, 1))          # [B, h, Q, d]
  r = torch.add(r, torch.reshape(torch.transpose(o, 1, 2), [b, m, -1]))
  return torch.add(r, (self).feed((self).norm(r, p[7], p[8], self.probe_eps), p, 9, False))

def selves(self, x: Tensor, p: List[Tensor]) -> Tensor:
  for i in range(self.probe_blocks):
    x = (self).block(x, p, 13 + 12 * i, self.probe_heads, self.probe_eps, False, annotate(List[Tensor], []))
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
