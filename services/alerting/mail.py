"""E-mail: a notice as a plain message in Chinese, handed to the office's own mail server."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import aiosmtplib

from events.values import SHANGHAI
from services.alerting.attempt import Attempt, Outcome
from services.alerting.notice import Content, lines_of
from services.alerting.settings import AlertingSettings
from services.alerting.words import words


def message_of(notice: UUID, content: Content, made_at: datetime, sender: str, to: str) -> EmailMessage:
    """Return a notice as a message. Its Message-ID is that of the notice, at every attempt the same."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = content["title"]
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(made_at.astimezone(SHANGHAI))
    message["Message-ID"] = f"<{notice}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [content["title"], "", *lines_of(content), "", words()["mail"]["foot"]]
    message.set_content("\n".join(lines) + "\n", charset="utf-8", cte="base64")
    return message


async def send(settings: AlertingSettings, message: EmailMessage) -> Attempt:
    """Hand a message to the mail server; return what became of it."""
    try:
        password = _password(settings)
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=password,
            cert_bundle=str(settings.smtp_ca_file) if settings.smtp_ca_file is not None else None,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            timeout=settings.timeout_seconds,
        )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return _refused(max(one.code for one in refused.recipients), refused)
    except aiosmtplib.SMTPResponseException as error:
        return _refused(error.code, error)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return Attempt(Outcome.AWAY, None, type(error).__name__)
    return Attempt(Outcome.DELIVERED, 250, None)


def _password(settings: AlertingSettings) -> str | None:
    # Read at every message: whoever changes it need not start anything anew.
    if not settings.smtp_user or settings.smtp_password_file is None:
        return None
    return settings.smtp_password_file.read_text(encoding="utf-8").strip()


def _refused(code: int, error: Exception) -> Attempt:
    """A server that says 4xx asks for another attempt later; one that lets nobody in is as if away."""
    login = isinstance(error, aiosmtplib.SMTPAuthenticationError)
    return Attempt(Outcome.AWAY if code < 500 or login else Outcome.REFUSED, code, type(error).__name__)
