# Runs inside MatrixProducts.java: what the device's library makes of plain products.

def products(self, x: Tensor, w: Tensor, b: Tensor, times: Tensor) -> Tensor:     # x [n, k], w [m, k], b [m]
  if self.bf16:
    x = torch.to(x, 15)
    w = torch.to(w, 15)
    b = torch.to(b, 15)
  y = torch.linear(x, w, b)
  for i in range(int(times)):
    y = torch.linear(x, w, b)
  return torch.to(torch.sum(torch.select(y, 0, 0)), 6)
