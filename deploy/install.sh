#!/bin/sh
# Installs the product on this machine (Debian 12 or newer), or a newer version over an older one. It may be run again at
# any time: settings, secrets and users that are there stay. docs/installing.md shows it at work.
#
# It is run from its tree in /opt/smmeplus; or, with --wheel, from anywhere, with the folders deploy and requirements of
# the same version around it.
set -eu
umask 022

usage() {
    cat <<'END'
usage: deploy/install.sh [options], as root

  --local-database      make the database and its roles in the PostgreSQL of this machine
  --site NAME           the name under which browsers reach the web, such as smmeplus.example
  --administrator NAME  who signs in first, if nobody can yet; the password is asked for, or read from NEW_USER_PASSWORD
  --services "A B"      what runs on this machine; without it: web listener watcher writer notifications and the timers
  --wheel FILE          install this wheel and not the tree around deploy/
  --dry-run             say what would be done, and do nothing
  --root DIR            lay out only users, folders, settings, units and the command smmeplus, below DIR
END
}

SERVICES="web listener watcher writer notifications prune.timer access.timer months.timer"
TREE=$(cd "$(dirname "$0")/.." && pwd)
SECRET="SECRET_KEY|SECRET_KEY_FALLBACKS|DATABASE_URL|CONFIGURATION_KEYS|EMAIL_URL|OIDC_CLIENT_SECRET"
PYTHON=/usr/bin/python3 # never one of root's own, which nobody else may read
ENV_OF_OWNER=/etc/smmeplus/owner.env:/etc/smmeplus/common.env

root='' site='' administrator='' services='' wheel='' dry_run=false local_database=false

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

say() { printf '%s\n' "$*"; }

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --help | -h) usage && exit ;;
            --dry-run) dry_run=true ;;
            --local-database) local_database=true ;;
            --site | --administrator | --services | --wheel | --root)
                [ $# -gt 1 ] && [ -n "$2" ] || fail "$1 needs a value."
                keep_option "$1" "$2"
                shift
                ;;
            *) usage >&2 && fail "There is no option $1." ;;
        esac
        shift
    done
    services=${services:-$SERVICES}
}

keep_option() {
    case $1 in
        --site) site=$2 ;;
        --administrator) administrator=$2 ;;
        --services) services=$2 ;;
        --wheel) wheel=$(realpath -m "$2") ;;
        --root) root=${2%/} ;;
    esac
}

look_around() {
    case $site in *[!A-Za-z0-9.-]*) fail "--site is a name alone, without https:// and without a path: $site" ;; esac
    for service in $services; do
        [ -e "$(source_of "$service")" ] || fail "There is no service $service. There are:" $(names_of_services)
    done
    if [ -n "$wheel" ] && [ ! -f "$wheel" ]; then fail "There is no such wheel: $wheel."; fi
    [ -z "$root" ] || return 0
    [ "$(id -u)" = 0 ] || fail "It makes users and services: run it as root."
    [ -n "$wheel" ] || [ "$TREE" = /opt/smmeplus ] ||
        fail "The services expect the tree in /opt/smmeplus, and this one is in $TREE: move it there, or give --wheel FILE."
    "$PYTHON" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "Python 3.11 or newer with venv is needed: apt-get install python3-venv"
    command -v systemd-sysusers >/dev/null || fail "systemd is needed: apt-get install systemd"
    $local_database || return 0
    as_postgres -c 'SELECT 1' >/dev/null 2>&1 ||
        fail "No PostgreSQL answers here: apt-get install postgresql, and see that it runs (pg_lsclusters)."
}

# The unit file of a service as --services names it: web, prune.timer, listener@9594.
source_of() {
    case $1 in
        *.timer) name=smmeplus-$1 ;;
        *@*) name=smmeplus-${1%%@*}@.service ;;
        *) name=smmeplus-$1.service ;;
    esac
    say "$TREE/deploy/systemd/$name"
}

names_of_services() {
    (cd "$TREE/deploy/systemd" && ls) | sed -n 's/^smmeplus-\(.*\)\.service$/\1/p; s/^smmeplus-\(.*\.timer\)$/\1/p'
}

# step WHAT COMMAND…: says what is done, and does it unless nothing is to be done.
step() {
    say "$1"
    shift
    if ! $dry_run; then "$@"; fi
}

# put MODE GROUP TARGET: the file from standard input, if it is not there just so.
put() {
    target=$root$3
    new=$(mktemp)
    cat >"$new"
    if ! cmp -s "$new" "$target"; then
        step "write $target ($1 root:$2)" place "$1" "$2" "$new" "$target"
    fi
    rm -f "$new"
}

place() {
    mkdir -p "$(dirname "$4")"
    if [ "$(id -u)" = 0 ]; then
        install -m "$1" -o 0 -g "$(number_of group "$2")" "$3" "$4"
    else
        install -m "$1" "$3" "$4" # only below --root
    fi
}

# The number of a user or group of the system that is installed, which is not this one below --root.
number_of() {
    number=$(awk -F: -v name="$2" '$1 == name { print $3 }' "$root/etc/$1" 2>/dev/null) || true
    say "${number:-0}"
}

make_users() {
    put 0644 root /etc/sysusers.d/smmeplus.conf <"$TREE/deploy/sysusers.d/smmeplus.conf"
    [ "$(id -u)" = 0 ] || return 0
    for kind in web listener jobs; do
        [ "$(number_of passwd "smmeplus-$kind")" != 0 ] || missing=true
    done
    if ${missing:-false}; then
        step "make the users smmeplus-web, smmeplus-listener and smmeplus-jobs" \
            systemd-sysusers ${root:+"--root=$root"} "$root/etc/sysusers.d/smmeplus.conf"
    fi
}

make_folders() {
    for folder in /opt/smmeplus /etc/smmeplus; do
        [ -d "$root$folder" ] || step "make $root$folder" install -d -m 0755 "$root$folder"
    done
    spool=/var/spool/smmeplus/meters
    [ -d "$root$spool" ] || step "make $root$spool, where lists of meters are put" make_spool
}

make_spool() {
    install -d -m 0755 "$root/var/spool/smmeplus"
    install -d -m 0770 "$root$spool"
    [ "$(id -u)" != 0 ] || chown "$(number_of passwd smmeplus-jobs):$(number_of group smmeplus-jobs)" "$root$spool"
}

make_packages() {
    [ -x .venv/bin/python ] || step "make /opt/smmeplus/.venv" "$PYTHON" -m venv .venv
    if ! cmp -s "$TREE/requirements/base.txt" .venv/installed; then
        step "install the packages of requirements/base.txt, each by its hash" install_locked
    fi
    if [ -n "$wheel" ]; then
        step "install $wheel" .venv/bin/pip install -q --disable-pip-version-check --no-deps --force-reinstall "$wheel"
    else
        # A clone under a strict umask would be for root alone.
        step "let the services read /opt/smmeplus" chmod -R a+rX smmeplus profiles concentrators wakeup reports templates \
            static locale manage.py
        step "compile it" .venv/bin/python -m compileall -q smmeplus profiles concentrators wakeup reports
    fi
}

install_locked() {
    .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r "$TREE/requirements/base.txt"
    cp "$TREE/requirements/base.txt" .venv/installed
}

random() { "$PYTHON" -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom('"$1"')).decode().rstrip("="))'; }

# value_of NAME FILE: what stands there; nothing if it does not.
value_of() { sed -n "s/^$1=//p" "$root/etc/smmeplus/$2" 2>/dev/null | head -n 1; }

make_settings() {
    if [ ! -e "$root/etc/smmeplus/common.env" ]; then
        lines_for_all | put 0644 root /etc/smmeplus/common.env
    elif [ -n "$site" ]; then
        say "/etc/smmeplus/common.env is there, so --site changes nothing in it."
    fi
    keys=
    for kind in web jobs; do
        keys=${keys:-$(value_of CONFIGURATION_KEYS $kind.env)}
    done
    keys=${keys:-$(random 32)=}
    for kind in web listener jobs owner; do
        mode=0640 group=smmeplus-$kind
        [ $kind != owner ] || mode=0600 group=root
        [ -e "$root/etc/smmeplus/$kind.env" ] || lines_for "$kind" | put $mode $group "/etc/smmeplus/$kind.env"
    done
}

# The example by its paragraphs, without the head and without what is secret, which the files of each kind have.
lines_for_all() {
    say "# /etc/smmeplus/common.env (mode 0644): what all processes share. What is secret is in the files beside it."
    awk -v RS= -v secret="$SECRET" 'NR > 1 {
        text = ""; settings = 0; kept = 0
        count = split($0, lines, "\n")
        for (i = 1; i <= count; i++) {
            is_setting = lines[i] ~ /^#?[A-Z_]+=/
            is_secret = lines[i] ~ ("^#?(" secret ")=")
            settings += is_setting; kept += is_setting && !is_secret
            if (!is_secret) text = text "\n" lines[i]
        }
        if (kept || !settings) print text
    }' "$TREE/deploy/smmeplus.env.example" | sed -E ${site:+-e "s!^#?(.*=.*)smmeplus\.example\$!\1$site!"} -e ''
}

# By sed's own input, or the secrets would stand in the list of processes. A listener gets no keys of concentrators: it
# needs them only where messages come ciphered.
lines_for() {
    given=$keys
    [ "$1" != listener ] || given=
    sed -f /dev/stdin "$TREE/deploy/env/$1.env.example" <<END
s|^SECRET_KEY=.*|SECRET_KEY=$(random 48)|
${given:+s|^#CONFIGURATION_KEYS=.*|CONFIGURATION_KEYS=$given|}
END
}

# In a folder that everybody may enter, or psql would complain of it.
as_postgres() { (cd / && runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"); }

files_to_fill() { grep -l '^DATABASE_URL=.*PASSWORD@db\.example' /etc/smmeplus/*.env 2>/dev/null || true; }

make_local_database() {
    as_postgres -c "SELECT 1 FROM pg_database WHERE datname = 'smmeplus'" | grep -q 1 ||
        step "make the database smmeplus and its owner" create_database
    for file in $(files_to_fill); do
        kind=$(basename "$file" .env)
        role=smmeplus_$kind
        [ "$kind" != owner ] || role=smmeplus
        step "give the role $role a password, which only $file has" give_password "$role" "$file"
    done
}

create_database() {
    as_postgres <<'END'
SELECT 'CREATE ROLE smmeplus LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smmeplus') \gexec
CREATE DATABASE smmeplus OWNER smmeplus ENCODING 'UTF8' TEMPLATE template0;
END
}

give_password() {
    password=$(random 24)
    port=$(as_postgres -c 'SHOW port')
    as_postgres <<END
SELECT 'CREATE ROLE $1 LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$1') \gexec
ALTER ROLE $1 PASSWORD '$password';
END
    sed -i -f /dev/stdin "$2" <<END
s|^DATABASE_URL=.*|DATABASE_URL=postgres://$1:$password@127.0.0.1:$port/smmeplus|
END
}

manage() { ENV_FILE=$ENV_OF_OWNER .venv/bin/python -m smmeplus "$@"; }

# as KIND COMMAND…: in the environment of the services of that kind.
as() {
    settings=/etc/smmeplus/$1.env:/etc/smmeplus/common.env
    user=smmeplus-$1
    shift
    runuser -u "$user" -- env "ENV_FILE=$settings" DJANGO_SETTINGS_MODULE=smmeplus.settings "$@"
}

make_tables() {
    step "look at the settings" manage check
    step "make the tables, or bring them up to date" manage migrate --verbosity 1
    if $local_database; then
        step "give the roles of the services their rights" give_rights
    fi
    for kind in web listener jobs; do
        step "look whether smmeplus-$kind reaches its tables" look_at "$kind"
    done
    step "gather the static files" manage collectstatic --no-input --verbosity 0
}

give_rights() { as_postgres -d smmeplus >/dev/null <"$TREE/deploy/postgres/roles.sql"; }

look_at() {
    as "$1" .venv/bin/python -c '
import sys, django
django.setup()
from django.core.management import call_command
from django.db import DatabaseError
from concentrators.models import Company
try:
    Company.objects.exists()
    if sys.argv[1] == "web":  # the others may not look at all that is checked
        call_command("check", databases=["default"], fail_level="WARNING", verbosity=0)
except DatabaseError as error:
    sys.exit(str(error))
' "$1" || fail "$1 does not reach its tables. Run deploy/postgres/roles.sql as an administrator of the database server," \
        "give its roles their passwords, put these into /etc/smmeplus/*.env, and run this again."
}

make_administrator() {
    if $dry_run; then
        say "make the first administrator, if there is none"
        return
    fi
    found=$(ENV_FILE=$ENV_OF_OWNER DJANGO_SETTINGS_MODULE=smmeplus.settings .venv/bin/python -c '
import django
django.setup()
from django.contrib.auth.models import User
print(User.objects.filter(is_superuser=True, is_active=True).exists())')
    if [ "$found" = True ]; then return; fi
    say "make the first administrator"
    if [ -n "${NEW_USER_PASSWORD-}" ]; then
        DJANGO_SUPERUSER_PASSWORD=$NEW_USER_PASSWORD manage createsuperuser --no-input --email '' \
            --username "${administrator:-administrator}"
    elif [ -t 0 ]; then
        manage createsuperuser --email '' ${administrator:+--username "$administrator"}
    else
        say "Nobody can sign in yet, and there is no terminal to ask for a password: run this again with NEW_USER_PASSWORD."
    fi
}

make_units() {
    for unit in "$TREE"/deploy/systemd/*; do
        put 0644 root "/etc/systemd/system/${unit##*/}" <"$unit"
    done
    put 0644 root /etc/sysctl.d/58692-smmeplus.conf <"$TREE/deploy/sysctl.d/58692-smmeplus.conf"
}

# A command that finds the product, its settings and its Python, from any folder.
make_command() {
    put 0755 root /usr/local/sbin/smmeplus <<'END'
#!/bin/sh
# Any command of the product, as the owner of its database: smmeplus sendwakeup SERIAL. As a service instead:
# runuser -u smmeplus-jobs -- env ENV_FILE=/etc/smmeplus/jobs.env:/etc/smmeplus/common.env smmeplus prunemessages
export ENV_FILE="${ENV_FILE:-/etc/smmeplus/owner.env:/etc/smmeplus/common.env}" PYTHONPATH=/opt/smmeplus
exec /opt/smmeplus/.venv/bin/python -P -m smmeplus "$@"
END
}

start_services() {
    units=
    for service in $services; do units="$units smmeplus-$service"; done
    if ! [ -d /run/systemd/system ]; then
        step "let the next start of the system begin$units" systemctl --quiet enable $units
        say "systemd does not run here, so nothing was started."
        return
    fi
    verb=start
    [ "$(fingerprint)" = "$(cat .venv/started 2>/dev/null)" ] || verb=restart
    step "keep the listener's ports from being given to clients" \
        /lib/systemd/systemd-sysctl /etc/sysctl.d/58692-smmeplus.conf
    step "read the units" systemctl daemon-reload
    step "enable$units" systemctl --quiet enable $units
    step "$verb$units" systemctl $verb $units
    $dry_run || fingerprint >.venv/started
}

# Of all that a service reads when it starts: while it stays the same, services go on without a restart.
fingerprint() {
    find smmeplus profiles concentrators wakeup reports templates static locale .venv/lib/*/site-packages/smmeplus* \
        .venv/installed /etc/smmeplus /etc/systemd/system/smmeplus-* -type f ! -name '*.pyc' 2>/dev/null |
        LC_ALL=C sort | xargs -d '\n' cat | cksum
}

read_options "$@"
look_around
make_users
make_folders
make_settings
make_units
make_command
if [ -n "$root" ]; then exit; fi
if ! cd /opt/smmeplus 2>/dev/null; then
    $dry_run || fail "There is no /opt/smmeplus."
fi
make_packages
if $local_database; then make_local_database; fi
to_fill=$(files_to_fill)
if [ -n "$to_fill" ] && ! $dry_run; then
    fail "Put the addresses of the database (DATABASE_URL) into" $to_fill "and run this again."
fi
make_tables
make_administrator
start_services
say "Done. Keep a copy of /etc/smmeplus apart from the backups of the database."
