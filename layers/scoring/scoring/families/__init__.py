"""The families of models: arrays to scores, and the weighted mean of their answers."""
