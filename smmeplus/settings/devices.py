"""Concentrators: who is taken for one, how much of each is stored, and where the writer connects to."""

from smmeplus import variables
from smmeplus.settings.environment import env

# Where commands look for a listener, and on which one listens, unless they are told otherwise.
LISTENER_PORT = env.read("LISTENER_PORT", variables.PORT, default=58692)

# A second port of listeners, for TLS (SEC-4); 0: none. Files in PEM: the certificate and its key, and who certifies
# clients, if they show one, which they must where it is required.
LISTENER_TLS_PORT = env.read("LISTENER_TLS_PORT", variables.PORT, default=0)
LISTENER_TLS_CERTIFICATE = env.read("LISTENER_TLS_CERTIFICATE", variables.TEXT, default="")
LISTENER_TLS_KEY = env.read("LISTENER_TLS_KEY", variables.TEXT, default="")
LISTENER_TLS_CLIENT_CA = env.read("LISTENER_TLS_CLIENT_CA", variables.TEXT, default="")
LISTENER_TLS_CLIENT_REQUIRED = env.read("LISTENER_TLS_CLIENT", variables.CLIENTS, default=True)

# Balancers whose PROXY header says where a connection comes from (WIR-7); a header from elsewhere is refused.
LISTENER_PROXIES = env.read("LISTENER_PROXIES", variables.NETWORKS, default=[])

# The only networks from which messages are taken, by the concentrator's own address; empty: all (SEC-1).
LISTENER_NETWORKS = env.read("LISTENER_NETWORKS", variables.NETWORKS, default=[])

# Messages a minute of one serial number, how many of them at once, and of one address; what is above is answered and
# counted, not stored (SEC-2). 0 is no limit. Addresses behind a balancer have none.
LISTENER_RATE_PER_SERIAL = env.read("LISTENER_RATE_PER_SERIAL", variables.NUMBER, default=60)
LISTENER_BURST_PER_SERIAL = env.read("LISTENER_BURST_PER_SERIAL", variables.NUMBER, default=120)
LISTENER_RATE_PER_ADDRESS = env.read("LISTENER_RATE_PER_ADDRESS", variables.NUMBER, default=0)

# The only networks in which the configuration writer connects to concentrators; empty: to none (CFG-2).
WRITER_NETWORKS = env.read("WRITER_NETWORKS", variables.NETWORKS, default=[])
# The only networks that webhooks are sent to; empty: to none (STA-7).
NOTIFY_NETWORKS = env.read("NOTIFY_NETWORKS", variables.NETWORKS, default=[])
# Encrypt the passwords of concentrators: the first one encrypts, all of them decrypt.
CONFIGURATION_KEYS = env.read("CONFIGURATION_KEYS", variables.FERNET_KEYS, default=[])
# Who we are in what we cipher, in 8 bytes (SEC-3). Each database of concentrators needs another one: their counters of
# what has been ciphered are in that database, and none may be used twice under one key and title.
SYSTEM_TITLE = env.read("SYSTEM_TITLE", variables.TITLE, default=bytes.fromhex("534D4D0000000001"))
