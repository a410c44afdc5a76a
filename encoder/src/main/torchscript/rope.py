# V-JEPA 2's three-axis rotary positions, with the quirk that released weights depend on: the frequency list is
# tiled over the slice while the rotation pairs adjacent channels, so the two members of a pair turn by different angles.

def places(self, ids: Tensor, rows: int, cols: int, omega: Tensor) -> List[Tensor]:
  # ids [B, N] of the (time, row, column) grid; omega [a], already tiled. Angles [B, 1, N, 3 a], float32; none without omega.
  out = annotate(List[Tensor], [])
  if torch.gt(torch.numel(omega), 0):
    t = torch.floor_divide(ids, rows * cols)
    r = torch.floor_divide(torch.remainder(ids, rows * cols), cols)
    c = torch.remainder(ids, cols)
    place = torch.to(torch.stack([t, r, c], -1), 6)                             # [B, N, 3]
    angle = torch.mul(torch.unsqueeze(place, -1), omega)                        # [B, N, 3, a]
    out = torch.append(out, torch.unsqueeze(torch.flatten(angle, 2), 1))
  return out

def rotate(self, x: Tensor, angle: Tensor) -> Tensor:
  # x [B, h, N, d]; the first 3 a channels turn, the rest pass.
  a = torch.size(angle, -1)
  d = torch.size(x, -1)
  turned = torch.to(torch.slice(x, -1, 0, a), 6)
  pairs = torch.reshape(turned, [torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.floordiv(a, 2), 2])
  other = torch.flatten(torch.stack([torch.neg(torch.select(pairs, -1, 1)), torch.select(pairs, -1, 0)], -1), 3)
  turned = torch.add(torch.mul(turned, torch.cos(angle)), torch.mul(other, torch.sin(angle)))
  return torch.to(torch.cat([turned, torch.to(torch.slice(x, -1, a, d), 6)], -1), ops.prim.dtype(x))
