#!/bin/sh
# nginx's stream module puts a PROXY header before the first datagram of a UDP session alone, in text, and calls it TCP4.
#
# Versions:  nginx 1.22.1 with libnginx-mod-stream 1.22.1 (Debian 12).
# Guess:     `proxy_protocol on;` in a `listen … udp` server does one of three things: it is refused, or each datagram
#            gets a header, since a datagram stands for itself, or the header is version 2 with the transport DGRAM.
# Behaviour: the header is a line of version 1 with the family TCP4, in the same datagram before its bytes. Later
#            datagrams of the session come without one, so a receiver has to remember it by the proxy's own port.
# Seen:      first:  PROXY TCP4 127.0.0.1 127.0.0.1 <client> <server>\r\none
#            second: two
#            third:  three
# Needs a Debian 12 with apt-get; nothing is installed into the system. Fails if nginx behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'kill "$nginx" 2>/dev/null || true; rm -rf "$folder"' EXIT
nginx=
cd "$folder"
apt-get -qq download 'nginx=1.22.1*' 'libnginx-mod-stream=1.22.1*'
for package in *.deb; do dpkg-deb -x "$package" unpacked; done
unpacked/usr/sbin/nginx -v
cat > nginx.conf <<EOF
load_module $folder/unpacked/usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
pid $folder/nginx.pid;
error_log $folder/error.log;
events {}
stream { server { listen 127.0.0.1:27411 udp; proxy_pass 127.0.0.1:27412; proxy_protocol on; } }
EOF
unpacked/usr/sbin/nginx -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" &
nginx=$!
python3 - <<'EOF'
import re, socket, time

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 27412))
server.settimeout(5)
time.sleep(1)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
received = []
for text in (b"one", b"two", b"three"):
    client.sendto(text, ("127.0.0.1", 27411))
    data, proxy = server.recvfrom(2048)
    received.append((data, proxy))
    print(data, "from port", proxy[1])
first, second, third = (data for data, _ in received)
assert re.fullmatch(rb"PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ 27411\r\none", first), first
assert (second, third) == (b"two", b"three"), "a later datagram has a header"
assert len({proxy for _, proxy in received}) == 1, "the session has several ports"
print("as found")
EOF
