"""The local stack: Apache Kafka, PostgreSQL and our own services as processes of this machine."""

from deploy.local.errors import StackError
from deploy.local.processes import ProcessStatus
from deploy.local.settings import StackSettings
from deploy.local.stack import Stack, attach, down, status
from deploy.local.starting import up

__all__ = ["ProcessStatus", "Stack", "StackError", "StackSettings", "attach", "down", "status", "up"]
