"""Runs a PostgreSQL and a Valkey below one directory for as long as they are needed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from service.embedded.account import servers_account
from service.embedded.failure import EmbeddedServerFailed
from service.embedded.home import create_data_dir, prepare_home, socket_directory
from service.embedded.ownership import Addresses, published, shared_addresses
from service.embedded.postgres import postgres_server, postgres_url
from service.embedded.programs import find_programs
from service.embedded.supervisor import Supervisor
from service.embedded.valkey import valkey_server, valkey_url

__all__ = ["Addresses", "EmbeddedServerFailed", "running_servers"]

_log = structlog.get_logger()


@contextmanager
def running_servers(data_dir: Path, *, share: bool = True) -> Iterator[Addresses]:
    """Run both servers on the directory's data, or share those that another process runs there.

    Without `share` this process runs them itself, or fails. The data stays between runs. A server
    that dies is restarted at the same address.
    """
    with ExitStack() as stack:
        yield _addresses(data_dir.resolve(), stack, share=share)


def _addresses(data_dir: Path, stack: ExitStack, *, share: bool) -> Addresses:
    try:
        create_data_dir(data_dir)
        return shared_addresses(data_dir, stack, share=share) or _start(data_dir, stack)
    except OSError as error:
        raise EmbeddedServerFailed(
            f"the servers cannot be run in {data_dir}: {error}",
            "start as the user who owns that directory, use another one",
        ) from error


def _start(data_dir: Path, stack: ExitStack) -> Addresses:
    account = servers_account()
    home = prepare_home(data_dir, account)
    programs = find_programs(account)
    sockets = stack.enter_context(socket_directory(home, account))
    _run(
        Supervisor(postgres_server(account, home, programs, sockets)),
        Supervisor(valkey_server(account, home, programs, sockets)),
        stack=stack,
    )
    addresses = Addresses(postgres_url(sockets), valkey_url(sockets))
    stack.enter_context(published(data_dir, addresses))
    _log.info("embedded.started", data=str(home.path), sockets=str(sockets))
    return addresses


def _run(*supervisors: Supervisor, stack: ExitStack) -> None:
    """Start all together, and stop all together when the stack is closed."""
    for supervisor in supervisors:
        stack.callback(supervisor.wait_until_stopped)
    for supervisor in supervisors:
        stack.callback(supervisor.ask_to_stop)
    for supervisor in supervisors:
        supervisor.start()
    for supervisor in supervisors:
        supervisor.wait_until_ready()
