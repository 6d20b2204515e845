#!/bin/sh
# Copies what each service may have out of a platform's folder (`countersign init`) into files/ beside this script.
# collect.sh PLATFORM_FOLDER
set -eu
from=${1:?'which folder did `countersign init` make? collect.sh PLATFORM_FOLDER'}
[ -f "$from/hsm/public.json" ] || { echo "$from has no hsm/public.json: name the folder of a platform" >&2; exit 66; }
from=$(cd "$from" && pwd)
umask 077
cd "$(dirname "$0")"
take() { mkdir -p "$(dirname "files/$2")" && cp "$from/$1" "files/$2"; }

for service in key-derivation verification enrollment audit delivery; do
  take "credentials/$service.nk" "$service/service.nk"
done
for service in verification enrollment audit; do
  take secrets/directory-index.key "$service/directory-index.key"
done
take secrets/directory-names.key enrollment/directory-names.key
take secrets/verification.key verification/verification.key
take secrets/redis-verification.password verification/redis.password
take secrets/delivery.key delivery/delivery.key
[ -f files/delivery/tenants.json ] || echo '{}' >files/delivery/tenants.json # senders and endpoints of your tenants
take hsm/pin key-derivation/pin
take hsm/public.json public.json
take hsm/recipients.json recipients.json
printf 'AUDIT_KEY=%s\n' "$(cat "$from/hsm/audit.key")" >files/audit.env
