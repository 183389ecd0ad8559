"""Tensors as fixtures hold them; Tests/TestSupport/FixtureValues.swift reads them."""

import base64


def encoded(tensor):
    """The shape, and all elements as little-endian float32 in base64."""
    values = tensor.detach().float().contiguous()
    data = base64.b64encode(values.numpy().astype("<f4").tobytes()).decode()
    return {"shape": list(values.shape), "data": data}
