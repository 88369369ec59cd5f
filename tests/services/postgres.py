"""A PostgreSQL server of its own: made, started and thrown away, with settings that nobody should count on."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.needed import missing

OWNER, PASSWORD = "owner", "s3cret-of-the-test"
_HOSTILE = ("timezone=America/New_York", "datestyle=German", "default_transaction_read_only=off",
            "extra_float_digits=0", "fsync=off")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int

    def url(self, user: str = OWNER, password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/postgres"

    def run(self, *statements: str) -> None:
        """Run statements as the owner."""
        import psycopg

        with psycopg.connect(self.url(), password=PASSWORD, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def load(self, table: str, columns: Sequence[str], csv: Path) -> None:
        """Make a table of a CSV file with a header; an unquoted empty field is null."""
        import psycopg

        with psycopg.connect(self.url(), password=PASSWORD, autocommit=True) as connection:
            connection.execute(f"SET timezone = 'UTC'; SET datestyle = 'ISO'; DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({', '.join(columns)})".encode())  # fmt: skip
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)".encode()) as copy:  # fmt: skip
                copy.write(csv.read_bytes())


def _programs() -> Path | None:
    """Return the folder of the server's programs."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    return None


@contextmanager
def postgres() -> Iterator[Server]:
    """Give a server that listens on loopback."""
    bin_folder, account = _programs(), _account()
    if bin_folder is None:
        missing("PostgreSQL is not installed; install it (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="hitl-postgres-") as name, socket.socket() as free:
        folder = Path(name)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [bin_folder / program, *arguments], cwd=folder, text=True, check=False, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, user=account and account.pw_uid,
                group=account and account.pw_gid, extra_groups=[] if account else None,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"{program}: {done.stderr}")

        secret = folder / "secret"
        secret.write_text(PASSWORD)
        if account:
            os.chown(secret, account.pw_uid, account.pw_gid)
        data = folder / "data"
        run("initdb", "-D", str(data), "-U", OWNER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
            "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync")  # fmt: skip
        options = " ".join(f"-c {setting}" for setting in _HOSTILE)
        run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "log"),
            "-o", f"-h 127.0.0.1 -p {port} -k {folder} {options}")  # fmt: skip
        try:
            yield Server(port)
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))


def _account() -> pwd.struct_passwd | None:
    """The server refuses to run as root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
