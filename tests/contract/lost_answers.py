"""Clients to whom answers of DynamoDB get lost."""

from csv_analyzer.dynamo import Item, Table


class Repeating(Table):
    """A table each of whose single writes is sent twice, as by a client that did not hear the first answer.

    DynamoDB knows a transaction that comes again by its token.
    """

    def write(self, *operations: Item) -> None:
        super().write(*operations)
        if len(operations) == 1:
            super().write(*operations)
