# CUDA, and float32 on CPU with long sequences.

def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:                    # [B, h, N, d] each
  return torch.scaled_dot_product_attention(q, k, v)
