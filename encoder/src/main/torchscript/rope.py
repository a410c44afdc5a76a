# Three-axis rotary positions. omega tells V-JEPA 2 from 2.1: the rotation pairs adjacent channels, and V-JEPA 2 tiles the
# frequency list over the slice, so that the two members of a pair turn by different angles, a quirk that its released
# weights depend on. V-JEPA 2.1 repeats each frequency in place: one angle per pair.

def places(self, ids: Tensor, rows: int, cols: int, span: int, omega: Tensor) -> List[Tensor]:
  # ids [B, N] of the (time, row, column) grid; omega [a], already repeated. Angles [B, 1, N, 3 a], float32; none without omega.
  out = annotate(List[Tensor], [])
  if torch.gt(torch.numel(omega), 0):
    t = torch.to(torch.floor_divide(ids, rows * cols), 6)
    r = (self).stretched(torch.floor_divide(torch.remainder(ids, rows * cols), cols), rows, span)
    c = (self).stretched(torch.remainder(ids, cols), cols, span)
    place = torch.stack([t, r, c], -1)                                          # [B, N, 3]
    angle = torch.mul(torch.unsqueeze(place, -1), omega)                        # [B, N, 3, a]
    out = torch.append(out, torch.unsqueeze(torch.flatten(angle, 2), 1))
  return out

def stretched(self, place: Tensor, count: int, span: int) -> Tensor:
  # Rows or columns 0..count-1 to 0..span, product first as in the reference; unchanged where span is 0.
  # A single row or column stays at 0, where the reference divides 0 by 0.
  y = torch.to(place, 6)
  if torch.gt(span, 0):
    if torch.gt(count, 1):
      y = torch.div(torch.mul(y, float(span)), float(count - 1))
  return y

def rotate(self, x: Tensor, angle: Tensor) -> Tensor:
  # x [B, h, N, d]; the first 3 a channels turn, the rest pass.
  a = torch.size(angle, -1)
  d = torch.size(x, -1)
  turned = torch.to(torch.slice(x, -1, 0, a), 6)
  pairs = torch.reshape(turned, [torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.floordiv(a, 2), 2])
  other = torch.flatten(torch.stack([torch.neg(torch.select(pairs, -1, 1)), torch.select(pairs, -1, 0)], -1), 3)
  turned = torch.add(torch.mul(turned, torch.cos(angle)), torch.mul(other, torch.sin(angle)))
  return torch.to(torch.cat([turned, torch.to(torch.slice(x, -1, a, d), 6)], -1), ops.prim.dtype(x))
