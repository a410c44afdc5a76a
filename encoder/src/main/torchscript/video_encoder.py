# Runs inside VideoEncoder.java. p: patch weight and bias, the blocks (self.stride tensors each), the final norm.

def pixels(self, clip: Tensor, stats: Tensor) -> Tensor:
  # Bytes [B, 3, T, H, W] to normalised float32; floats are taken as normalised already.
  x = clip
  if torch.eq(ops.prim.dtype(clip), 0):
    x = torch.div(torch.to(clip, 6), 255.)
    x = torch.div(torch.sub(x, torch.select(stats, 0, 0)), torch.select(stats, 0, 1))
  return x

def embed(self, clip: Tensor, stats: Tensor, pos: Tensor, p: List[Tensor]) -> Tensor:
  # Cuts the clip into tubelets of self.tubelet x self.patch x self.patch, in (channel, time, y, x) order: [B, N, D].
  x = (self).pixels(clip, stats)
  b = torch.size(x, 0)
  c = torch.size(x, 1)
  t = torch.floordiv(torch.size(x, 2), self.tubelet)
  h = torch.floordiv(torch.size(x, 3), self.patch)
  w = torch.floordiv(torch.size(x, 4), self.patch)
  x = torch.reshape(x, [b, c, t, self.tubelet, h, self.patch, w, self.patch])
  x = torch.reshape(torch.permute(x, [0, 2, 4, 6, 1, 3, 5, 7]), [b, t * h * w, -1])
  x = torch.to((self).linear(x, torch.flatten(p[0], 1), p[1]), 6)
  if torch.gt(torch.numel(pos), 0):
    x = torch.add(x, pos)
  return x

def trunk(self, x: Tensor, angles: List[Tensor], p: List[Tensor]) -> Tensor:
  for i in range(self.depth):
    x = (self).block(x, p, 2 + i * self.stride, self.heads, self.eps, self.gated, angles)
  return (self).norm(x, p[torch.len(p) - 2], p[torch.len(p) - 1], self.eps)

def grid(self, clip: Tensor) -> Tuple[int, int]:
  return (torch.floordiv(torch.size(clip, 3), self.patch), torch.floordiv(torch.size(clip, 4), self.patch))

def every(self, x: Tensor) -> Tensor:
  return torch.unsqueeze(torch.arange(torch.size(x, 1), dtype=4, layout=None, device=ops.prim.device(x)), 0)

def encode(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  x = (self).embed(clip, stats, pos, p)
  rows, cols = (self).grid(clip)
  return (self).trunk(x, (self).places((self).every(x), rows, cols, omega), p)

def encode_masked(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, masks: List[Tensor], p: List[Tensor]) -> List[Tensor]:
  # Tokens not named by a mask are dropped before the first block; a kept token keeps its place.
  x = (self).embed(clip, stats, pos, p)
  rows, cols = (self).grid(clip)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(masks)):
    kept = (self).pick(x, masks[i])
    out = torch.append(out, (self).trunk(kept, (self).places(masks[i], rows, cols, omega), p))
  return out

def encode_levels(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, levels: Tensor, p: List[Tensor]) -> List[Tensor]:
  # The outputs of the named blocks, each through the one final norm.
  x = (self).embed(clip, stats, pos, p)
  rows, cols = (self).grid(clip)
  angles = (self).places((self).every(x), rows, cols, omega)
  out = annotate(List[Tensor], [])
  for i in range(self.depth):
    x = (self).block(x, p, 2 + i * self.stride, self.heads, self.eps, self.gated, angles)
    for j in range(torch.size(levels, 0)):
      if torch.eq(int(torch.select(levels, 0, j)), i):
        out = torch.append(out, (self).norm(x, p[torch.len(p) - 2], p[torch.len(p) - 1], self.eps))
  return out

def trace(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  # For parity checks: patch tokens before positions, every block's output, the final tokens.
  out = [(self).embed(clip, stats, omega.new_zeros([0]), p)]
  x = (self).embed(clip, stats, pos, p)
  rows, cols = (self).grid(clip)
  angles = (self).places((self).every(x), rows, cols, omega)
  for i in range(self.depth):
    x = (self).block(x, p, 2 + i * self.stride, self.heads, self.eps, self.gated, angles)
    out = torch.append(out, x)
  return torch.append(out, (self).norm(x, p[torch.len(p) - 2], p[torch.len(p) - 1], self.eps))

def to_bf16(self, p: List[Tensor]) -> List[Tensor]:
  # Matrices once in bfloat16, so that a call need not cast them; norms and biases stay as they are.
  out = annotate(List[Tensor], [])
  for i in range(torch.len(p)):
    if torch.gt(torch.dim(p[i]), 1):
      out = torch.append(out, torch.to(p[i], 15))
    else:
      out = torch.append(out, p[i])
  return out
