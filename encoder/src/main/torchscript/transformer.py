# The pre-norm transformer block that encoder, predictor and probes share.
# B clips, N tokens, D width, h heads, d = D / h; self.bf16 is baked in by Java.

def linear(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
  if self.bf16:
    y = torch.linear(torch.to(x, 15), torch.to(w, 15), torch.to(b, 15))
  else:
    y = torch.linear(x, w, b)
  return y

def norm(self, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
  return torch.layer_norm(torch.to(x, 6), [torch.size(x, -1)], w, b, eps)

def mix(self, x: Tensor, p: List[Tensor], at: int, heads: int, angles: List[Tensor]) -> Tensor:
  b = torch.size(x, 0)
  n = torch.size(x, 1)
  qkv = torch.reshape((self).linear(x, p[at], p[at + 1]), [b, n, 3, heads, -1])
  qkv = torch.permute(qkv, [2, 0, 3, 1, 4])                                     # [3, B, h, N, d]
  q = torch.select(qkv, 0, 0)
  k = torch.select(qkv, 0, 1)
  if torch.gt(torch.len(angles), 0):
    q = (self).rotate(q, angles[0])
    k = (self).rotate(k, angles[0])
  o = (self).attend(q, k, torch.select(qkv, 0, 2))                              # [B, h, N, d]
  o = torch.reshape(torch.transpose(o, 1, 2), [b, n, -1])
  return (self).linear(o, p[at + 2], p[at + 3])

def feed(self, x: Tensor, p: List[Tensor], at: int, gated: bool) -> Tensor:
  y = (self).linear(x, p[at], p[at + 1])
  if gated:
    y = torch.mul(torch.silu(y), (self).linear(x, p[at + 2], p[at + 3]))
    y = (self).linear(y, p[at + 4], p[at + 5])
  else:
    y = (self).linear(torch.gelu(y), p[at + 2], p[at + 3])                      # erf form
  return y

def block(self, x: Tensor, p: List[Tensor], at: int, heads: int, eps: float, gated: bool, angles: List[Tensor]) -> Tensor:
  x = torch.add(x, (self).mix((self).norm(x, p[at], p[at + 1], eps), p, at + 2, heads, angles))
  x = torch.add(x, (self).feed((self).norm(x, p[at + 6], p[at + 7], eps), p, at + 8, gated))
  return x

def pick(self, x: Tensor, ids: Tensor) -> Tensor:
  # Rows of x [B, N, D] named by ids [B, K], per sample: [B, K, D].
  index = torch.expand(torch.unsqueeze(ids, -1), [-1, -1, torch.size(x, -1)])
  return torch.gather(x, 1, index)
