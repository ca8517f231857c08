#!/bin/sh
# Makes a certificate authority, and a key and a certificate for each name:
#   sh certificates.sh FOLDER gate.example logs.example
# What is there already stays. Keep ca.key off both hosts.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
shift
new_key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
test -e ca.key ||
  # shellcheck disable=SC2086 # The options are words of their own.
  openssl req -x509 $new_key -days 3650 -subj "/CN=log copies" -keyout ca.key -out ca.pem 2>/dev/null
for name in "$@"; do
  test ! -e "$name.key" || continue
  # shellcheck disable=SC2086
  openssl req $new_key -subj "/CN=$name" -keyout "$name.key" -out "$name.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$name" >"$name.ext"
  openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile "$name.ext" \
    -out "$name.pem" 2>/dev/null
  rm "$name.csr" "$name.ext"
done
# Certificates are no secret; the programs' users read them.
chmod 644 ./*.pem
