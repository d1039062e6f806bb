"""What every function of CSV Analyzer shares: settings, errors, the catalog, storage, events."""

__version__ = "0.1.0"
