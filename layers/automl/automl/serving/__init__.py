"""From fitted models to what is stored and served."""
