#!/bin/sh
# RabbitMQ loses durable AMQP 1.0 messages that it has accepted, unless the sender asks for a durable terminus as well.
#
# Versions:  rabbitmq-server 3.10.8 with its plugin rabbitmq_amqp1_0 (Debian 12), python-qpid-proton 0.40.0.
# Guess:     a message with durable=true, sent to /queue/NAME and settled as accepted, is there after the broker was killed
#            and started again: by AMQP 0.9.1 a client says how durable a queue is when it declares it, and here nobody
#            declares it but the broker itself.
# Behaviour: that depends on the link, not on the message alone. With the durability that proton's senders have by default
#            (none) the queue, made by the broker for the link, and all in it are gone with the broker's process. With
#            target.durability = 2 (unsettled state) the same message is still there.
# Seen:      a sender as it comes:      accepted; after kill -9 and a start: 0 messages
#            target.durability = 2:     accepted; after kill -9 and a start: 1 message
# Needs Debian's rabbitmq-server (apt-get install rabbitmq-server; nothing of it runs but what is started here), and a C
# compiler with libssl-dev for proton. Fails if they behave otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install python-qpid-proton==0.40.0
dpkg-query -W -f '${Package} ${Version}\n' rabbitmq-server
"$folder/venv/bin/python" - "$folder" <<'END'
import os
import signal
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from proton import Message, Timeout
from proton.reactor import LinkOption
from proton.utils import BlockingConnection

HOME = Path(sys.argv[1])
print("python-qpid-proton", version("python-qpid-proton"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


PORT, NAMES = free_port(), str(free_port())
(HOME / "rabbitmq.conf").write_text(f"listeners.tcp.default = 127.0.0.1:{PORT}\n")
(HOME / "plugins").write_text("[rabbitmq_amqp1_0].\n")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": str(HOME),
    "LANG": "C.UTF-8",
    "RABBITMQ_NODENAME": f"finding{PORT}@localhost",
    "RABBITMQ_CONFIG_FILE": str(HOME / "rabbitmq"),
    "RABBITMQ_ENABLED_PLUGINS_FILE": str(HOME / "plugins"),
    "RABBITMQ_MNESIA_BASE": str(HOME / "mnesia"),
    "RABBITMQ_LOG_BASE": str(HOME),
    "RABBITMQ_DIST_PORT": str(free_port()),
    "ERL_EPMD_PORT": NAMES,
    "ERL_EPMD_ADDRESS": "127.0.0.1",
}


def answers():
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=1) as one:
            one.settimeout(1)
            one.sendall(b"AMQP\x03\x01\x00\x00")
            return one.recv(8)[:4] == b"AMQP"
    except OSError:
        return False


def start():
    log = (HOME / "log").open("ab")
    server = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
    process = subprocess.Popen(server, env=ENVIRONMENT, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + 180
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit((HOME / "log").read_text())
        time.sleep(0.2)
    return process


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def connected():
    return BlockingConnection(f"amqp://guest:guest@127.0.0.1:{PORT}", allowed_mechs="PLAIN", timeout=30)


class Lasting(LinkOption):
    def apply(self, link):
        (link.target if link.is_sender else link.source).durability = 2


def send(queue, options):
    connection = connected()
    # Without an error the delivery was settled as accepted.
    connection.create_sender(f"/queue/{queue}", options=options).send(Message(body="one", durable=True))
    connection.close()


def left(queue, options):
    connection, found = connected(), 0
    try:
        receiver = connection.create_receiver(f"/queue/{queue}", options=options)
        while True:
            receiver.receive(timeout=5)
            receiver.accept()
            found += 1
    except Timeout:
        return found
    finally:
        connection.close()


process = start()
try:
    send("plain", None)
    send("lasting", Lasting())
    kill(process)
    process = start()
    seen = {"plain": left("plain", None), "lasting": left("lasting", Lasting())}
finally:
    kill(process)
    subprocess.run(["epmd", "-port", NAMES, "-kill"], env=ENVIRONMENT, capture_output=True)
print(f"a sender as it comes: accepted; after kill -9 and a start: {seen['plain']} messages")
print(f"target.durability = 2: accepted; after kill -9 and a start: {seen['lasting']} messages")
assert seen == {"plain": 0, "lasting": 1}, "it behaves otherwise"
print("as found")
END
