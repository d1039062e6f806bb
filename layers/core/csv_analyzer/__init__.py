"""What every function of CSV Analyzer shares: settings, errors, the catalog, storage, events."""
