# shellcheck shell=sh disable=SC2034
# What the scripts of the TLS cluster begin with: its folder in $tls, the addresses and credentials in it by name, and
# the credentials of client58 in ./auth, to be spoiled at will.
. "${0%/*}/../lib.sh"
need openssl keytool
"$tests/kafka/cluster" address --tls >/dev/null ||
  missing "${KT_TEST_MISSING:-no Apache Kafka with TLS is running: ./dev kafka up --tls}"
tls=$(realpath "${KT_CLUSTER_DIR:-$tests/../build-kafka}/tls")
address=$(cat "$tls/address") other=$(cat "$tls/other-address") mixed=$(cat "$tls/mixed-address")
plain=$(cat "$tls/plain-address") sasl=$(cat "$tls/sasl-address") sasl_tls=$(cat "$tls/sasl-tls-address")
cp -r "$tls/auth" auth
password=$(sed -n 's/^ssl.keystore.password=//p' auth/client-ssl.properties)
