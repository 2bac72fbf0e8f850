"""How a model learns: optimizers, one loop, checkpoints that resume exactly, and the numerics they rest on."""
