"""A mail server, which can refuse, go away and come back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port


@dataclass
class Mailbox:
    """The messages that came; ``answers`` says what is answered to the n-th."""

    port: int = field(default_factory=free_port)
    answers: Callable[[int], str] = lambda number: "250 OK"
    asked: int = 0
    messages: list[EmailMessage] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Be there for a while."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield
        finally:
            controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - its name
        self.asked += 1
        answer = self.answers(self.asked)
        if answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=default))
        return answer
