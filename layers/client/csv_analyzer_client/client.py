"""The API as Python calls."""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import httpx

from csv_analyzer_client.cognito import AskUser, Cognito
from csv_analyzer_client.connection import Connection, FixedToken, StoredTokens, TokenSource
from csv_analyzer_client.dataset_calls import DatasetCalls
from csv_analyzer_client.model_calls import ModelCalls
from csv_analyzer_client.resources import Receipt, ServiceConfig
from csv_analyzer_client.settings import TOKEN_VARIABLE, Profiles, Service, service_of
from csv_analyzer_client.tokens import Tokens, TokenStore
from csv_analyzer_client.transfer import Transfer
from csv_analyzer_client.wire import Wire


class Client(DatasetCalls, ModelCalls):
    """A service, called as somebody who signed in.

    Parameters
    ----------
    url : str, optional
        Address of the API; that of the profile if absent.
    profile : str, optional
        Which profile of `csv-analyzer configure` is meant; the current one if absent.
    token : str, optional
        ID token; else `CSV_ANALYZER_TOKEN`, else what `csv-analyzer login` or :meth:`login` stored.
    service : Service, optional
        What else is known of the service and its sign-in.
    transport : httpx.BaseTransport, optional
        Takes the place of the network, in tests.
    wire : Wire, optional
        Sends the requests, if another one than the usual is to do it.

    Raises
    ------
    UsageError
        If it is not known where the service is.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        profile: str | None = None,
        token: str | None = None,
        service: Service | None = None,
        transport: httpx.BaseTransport | None = None,
        wire: Wire | None = None,
    ) -> None:
        given = Service(url=url or "").over(service or Service())
        self.profile, found = service_of(profile, given, Profiles.load())
        self.service = found.checked()
        self.wire = wire or Wire(transport)
        self.store = TokenStore.of_profile(self.profile)
        self.cognito = Cognito(self.wire, self.service)
        self.given_token = token or os.environ.get(TOKEN_VARIABLE)
        source: TokenSource = (
            FixedToken(self.given_token) if self.given_token else StoredTokens(self.store, self.cognito)
        )
        self._tokens = source
        super().__init__(Connection(self.service, source, self.wire), Transfer(self.wire))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.wire.close()

    def config(self) -> ServiceConfig:
        """What the service says of itself to everybody."""
        return ServiceConfig.from_json(self._connection.public_json("config"))

    def login(self, email: str, password: str, answer: AskUser) -> Tokens:
        """Sign in and keep the tokens for this profile; `answer` is told what else Cognito asks."""
        tokens = self.cognito.sign_in(email, password, answer)
        self.store.save(tokens)
        return tokens

    def id_token(self) -> str:
        """The ID token that calls are signed with; good for a while."""
        return self._tokens.id_token()

    def logout(self) -> bool:
        """Revoke and forget the tokens; whether there were any."""
        tokens = self.store.load()
        if tokens is None:
            return False
        self.store.delete()
        if tokens.refresh_token:
            service = Service(
                url=tokens.url,
                cognito_url=tokens.cognito_url,
                user_pool_client_id=tokens.user_pool_client_id,
            )
            Cognito(self.wire, service.checked()).revoke(tokens)
        return True

    def erasures(self) -> Iterator[Receipt]:
        """Receipts of all that was erased."""
        return self._pages(Receipt, "erasures")

    def erasure(self, receipt_id: str) -> Receipt:
        """One receipt."""
        return Receipt.from_json(self._connection.json("GET", "erasures", receipt_id))
