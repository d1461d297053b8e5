#!/bin/sh
# Makes the certificates of the fake API server in this folder: test material, good for nothing else.
set -eu
cd "$(dirname "$0")"
ext() { printf '%s\n' "$1" > ext.tmp; }
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
for ca in ca other-ca; do
  key "$ca.key"
  openssl req -x509 -new -key "$ca.key" -subj "/CN=$ca" -days 36500 -out "$ca.crt" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=keyCertSign'
done
key server.key
ext 'subjectAltName=DNS:localhost,DNS:api.example.org,IP:127.0.0.1,IP:::1'
openssl req -new -key server.key -subj /CN=server |
  openssl x509 -req -CA ca.crt -CAkey ca.key -days 36500 -extfile ext.tmp -out server.crt
for user in alice bob; do
  key "$user.key"
  ext 'extendedKeyUsage=clientAuth'
  openssl req -new -key "$user.key" -subj "/O=team/CN=$user" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -days 36500 -extfile ext.tmp -out "$user.crt"
done
rm -f ext.tmp ca.key other-ca.key ./*.srl
