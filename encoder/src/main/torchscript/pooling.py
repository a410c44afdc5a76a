# Runs inside JepaModel.java: tokens [B, N, D] to vectors [B, R, D].

def mean(self, x: Tensor) -> Tensor:
  return torch.mean(x, [1], True)

def time(self, x: Tensor, steps: Tensor) -> Tensor:
  return torch.mean(torch.reshape(x, [torch.size(x, 0), int(steps), -1, torch.size(x, 2)]), [2])
