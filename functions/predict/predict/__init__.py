"""Online inference with the portable model; numpy is the heaviest thing it imports."""
