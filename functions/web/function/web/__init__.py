"""Serves the page: what `npm run build` made, from the place where the API is mounted."""
