"""How good answers are, how sure, and what they depend on."""
