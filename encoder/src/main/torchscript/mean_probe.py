# Runs inside MeanProbe.java: average pooling and one linear layer. p: weight [C, D], bias [C].

def classify(self, x: Tensor, p: List[Tensor]) -> List[Tensor]:
  r = torch.mean(x, [1], True)
  return [torch.to((self).linear(torch.select(r, 1, 0), p[0], p[1]), 6), torch.to(r, 6)]
