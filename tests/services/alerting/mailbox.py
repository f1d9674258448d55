"""A mail server, which can refuse, go away and come back."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.ports import free_port


@dataclass
class Mailbox:
    """The messages that came; ``answers`` says what is answered to the n-th.

    ``tls``: how the server wants to be spoken to; its ``context`` has its certificate. ``users``: who may
    log in, each with a password.
    """

    tls: Literal["starttls", "tls", "none"] = "none"
    context: ssl.SSLContext | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    logged_in: list[str] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    answers: Callable[[int], str] = lambda number: "250 OK"
    asked: int = 0
    messages: list[EmailMessage] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Be there for a while."""
        within = self.context if self.tls == "tls" else None
        controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=within,
            tls_context=self.context if self.tls == "starttls" else None,
            require_starttls=self.tls == "starttls",
            authenticator=self._authenticate if self.users else None,
            # Of a line that is TLS from the start aiosmtpd does not know it, and would offer no login.
            auth_required=bool(self.users) and within is None,
            auth_require_tls=within is None,
        )
        controller.start()
        try:
            yield
        finally:
            controller.stop()

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        name = data.login.decode()
        good = self.users.get(name) == data.password.decode()
        if good:
            self.logged_in.append(name)
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - its name
        self.asked += 1
        answer = self.answers(self.asked)
        if answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=default))
        return answer
