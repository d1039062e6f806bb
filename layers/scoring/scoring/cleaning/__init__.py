"""The replay of a cleaning recipe: what a client sends to what the model was trained on."""
