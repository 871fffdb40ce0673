#!/bin/sh
# In a Python client of openapi-generator a schema named Configuration takes the place of the client's own Configuration.
#
# Versions:  openapi-generator-cli 7.26.0 (the package of PyPI with its jar), pydantic 2.13.4, urllib3 2.8.0; any Java from 11.
# Guess:     a name that the generator needs itself is put aside, as its Java generator does, or refused with a word.
# Behaviour: both classes are generated, and __init__.py imports first the one that says to which host the client goes, then
#            the model, under one name. Nothing is said while generating. The first line of the client's own README,
#            Configuration(host=...), makes a model or fails; the class of the host is only to be had from its module.
# Seen:      Configuration is openapi_client.models.configuration.Configuration
#            Configuration(host="http://127.0.0.1:1"): ValidationError
# Fails if it behaves otherwise. No server is asked.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -qq install openapi-generator-cli==7.26.0 pydantic==2.13.4 urllib3==2.8.0 \
    python-dateutil==2.9.0.post0 typing-extensions==4.16.0
cat >"$folder/schema.yaml" <<'END'
openapi: 3.0.3
info: {title: Devices, version: "1"}
paths:
  /configurations/:
    get:
      operationId: configurations_list
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: array
                items: {$ref: "#/components/schemas/Configuration"}
components:
  schemas:
    Configuration:
      type: object
      required: [state]
      properties:
        state: {type: string}
END
cd "$folder"
"$folder/venv/bin/openapi-generator-cli" generate -i schema.yaml -g python -o client >generating.log 2>&1
if grep -iq 'warn.*configuration' generating.log; then echo "it says something while generating"; exit 1; fi
PYTHONPATH="$folder/client" "$folder/venv/bin/python" - <<'EOF2'
from importlib.metadata import version

import openapi_client
from openapi_client.configuration import Configuration as OfHost
from pydantic import ValidationError

print("openapi-generator-cli", version("openapi-generator-cli"), "pydantic", version("pydantic"))
found = openapi_client.Configuration
print(f"Configuration is {found.__module__}.{found.__qualname__}")
assert found.__module__ == "openapi_client.models.configuration", "it behaves otherwise"
assert found is not OfHost
try:
    found(host="http://127.0.0.1:1")
except ValidationError as error:
    print(f'Configuration(host="http://127.0.0.1:1"): {type(error).__name__}')
else:
    raise AssertionError("it behaves otherwise")
print("as found")
EOF2
