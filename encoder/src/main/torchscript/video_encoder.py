# Runs inside VideoEncoder.java. p: patch weight and bias, the blocks (self.stride tensors each), for V-JEPA 2.1 the image
# patches' weight and bias and with self.modality the vectors of video and image, then the norms, the final one last.

def pixels(self, clip: Tensor, stats: Tensor) -> Tensor:
  # Bytes [B, 3, T, H, W] to normalised float32; floats are taken as normalised already.
  x = clip
  if torch.eq(ops.prim.dtype(clip), 0):
    x = torch.div(torch.to(clip, 6), 255.)
    x = torch.div(torch.sub(x, torch.select(stats, 0, 0)), torch.select(stats, 0, 1))
  return x

def still(self, clip: Tensor) -> bool:
  # V-JEPA 2.1 knows an image by its one frame.
  out = False
  if self.dense:
    out = torch.eq(torch.size(clip, 2), 1)
  return out

def cut(self, clip: Tensor, stats: Tensor) -> Tensor:
  # Cuts the clip into tubelets of frames x self.patch x self.patch, in (channel, time, y, x) order: [B, N, cell].
  # What fills no tubelet or patch at the end is dropped, as a strided convolution does.
  frames = self.tubelet
  if (self).still(clip):
    frames = 1
  t = torch.floordiv(torch.size(clip, 2), frames)
  h = torch.floordiv(torch.size(clip, 3), self.patch)
  w = torch.floordiv(torch.size(clip, 4), self.patch)
  x = torch.slice(torch.slice(torch.slice(clip, 2, 0, t * frames), 3, 0, h * self.patch), 4, 0, w * self.patch)
  x = (self).pixels(x, stats)
  b = torch.size(x, 0)
  c = torch.size(x, 1)
  x = torch.reshape(x, [b, c, t, frames, h, self.patch, w, self.patch])
  return torch.reshape(torch.permute(x, [0, 2, 4, 6, 1, 3, 5, 7]), [b, t * h * w, -1])

def patches(self, clip: Tensor, stats: Tensor, p: List[Tensor]) -> Tensor:
  # One embedding per cell: [B, N, D].
  at = 0
  if (self).still(clip):
    at = 2 + self.depth * self.stride
  return torch.to((self).linear((self).cut(clip, stats), torch.flatten(p[at], 1), p[at + 1]), 6)

def embed(self, clip: Tensor, stats: Tensor, pos: Tensor, p: List[Tensor]) -> Tensor:
  # What the first block sees: [B, N, D].
  x = (self).patches(clip, stats, p)
  if torch.gt(torch.numel(pos), 0):
    x = torch.add(x, pos)
  if self.modality:
    at = 4 + self.depth * self.stride
    if (self).still(clip):
      at = at + 1
    x = torch.add(x, p[at])
  return x

def trunk(self, x: Tensor, angles: List[Tensor], p: List[Tensor]) -> Tensor:
  for i in range(self.depth):
    x = (self).block(x, p, 2 + i * self.stride, self.heads, self.eps, self.gated, angles)
  return (self).norm(x, p[torch.len(p) - 2], p[torch.len(p) - 1], self.eps)

def levels(self, x: Tensor, angles: List[Tensor], wanted: Tensor, p: List[Tensor]) -> List[Tensor]:
  # wanted [L, 2]: a block, and where its norm lies, counted from the end of p. The stream itself is never normalised.
  blocks = annotate(List[int], [])
  norms = annotate(List[int], [])
  for j in range(torch.size(wanted, 0)):
    level = torch.select(wanted, 0, j)
    blocks = torch.append(blocks, int(torch.select(level, 0, 0)))
    norms = torch.append(norms, torch.len(p) - int(torch.select(level, 0, 1)))
  out = annotate(List[Tensor], [])
  for i in range(self.depth):
    x = (self).block(x, p, 2 + i * self.stride, self.heads, self.eps, self.gated, angles)
    for j in range(torch.len(blocks)):
      if torch.eq(blocks[j], i):
        out = torch.append(out, (self).norm(x, p[norms[j]], p[norms[j] + 1], self.eps))
  return out

def angles(self, clip: Tensor, ids: Tensor, omega: Tensor) -> List[Tensor]:
  # Of the tokens ids [B, K] on the grid of this very clip.
  rows = torch.floordiv(torch.size(clip, 3), self.patch)
  cols = torch.floordiv(torch.size(clip, 4), self.patch)
  return (self).places(ids, rows, cols, self.span, omega)

def every(self, x: Tensor) -> Tensor:
  return torch.unsqueeze(torch.arange(torch.size(x, 1), dtype=4, layout=None, device=ops.prim.device(x)), 0)

def encode(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> Tensor:
  x = (self).embed(clip, stats, pos, p)
  return (self).trunk(x, (self).angles(clip, (self).every(x), omega), p)

def encode_masked(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, masks: List[Tensor], p: List[Tensor]) -> List[Tensor]:
  # Tokens not named by a mask are dropped before the first block; a kept token keeps its place.
  x = (self).embed(clip, stats, pos, p)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(masks)):
    out = torch.append(out, (self).trunk((self).pick(x, masks[i]), (self).angles(clip, masks[i], omega), p))
  return out

def encode_levels(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, wanted: Tensor, p: List[Tensor]) -> List[Tensor]:
  x = (self).embed(clip, stats, pos, p)
  return (self).levels(x, (self).angles(clip, (self).every(x), omega), wanted, p)

def encode_wide(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, wanted: Tensor, p: List[Tensor]) -> Tensor:
  # The levels side by side, shallow first: [B, N, L D].
  return torch.cat((self).encode_levels(clip, stats, pos, omega, wanted, p), -1)

def encode_wide_masked(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, masks: List[Tensor], wanted: Tensor, p: List[Tensor]) -> List[Tensor]:
  x = (self).embed(clip, stats, pos, p)
  out = annotate(List[Tensor], [])
  for i in range(torch.len(masks)):
    kept = (self).pick(x, masks[i])
    out = torch.append(out, torch.cat((self).levels(kept, (self).angles(clip, masks[i], omega), wanted, p), -1))
  return out

def trace(self, clip: Tensor, stats: Tensor, pos: Tensor, omega: Tensor, p: List[Tensor]) -> List[Tensor]:
  # For parity checks: patch tokens, what the first block sees, every block's output, the final tokens.
  x = (self).embed(clip, stats, pos, p)
  out = [(self).patches(clip, stats, p), x]
  angles = (self).angles(clip, (self).every(x), omega)
  for i in range(self.depth):
    x = (self).block(x, p, 2 + i * self.stride, self.heads, self.eps, self.gated, angles)
    out = torch.append(out, x)
  return torch.append(out, (self).norm(x, p[torch.len(p) - 2], p[torch.len(p) - 1], self.eps))

def to_bf16(self, p: List[Tensor]) -> List[Tensor]:
  # Matrices once in bfloat16, so that a call need not cast them; norms, biases and the vectors [1, 1, D] of the
  # modalities, which are added to float32 tokens, stay as they are.
  out = annotate(List[Tensor], [])
  for i in range(torch.len(p)):
    if torch.gt(torch.numel(p[i]), torch.size(p[i], -1)):
      out = torch.append(out, torch.to(p[i], 15))
    else:
      out = torch.append(out, p[i])
  return out
