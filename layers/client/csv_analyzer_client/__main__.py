"""`python -m csv_analyzer_client` is `csv-analyzer`."""

from csv_analyzer_client.cli import main

if __name__ == "__main__":
    main()
