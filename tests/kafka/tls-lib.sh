# shellcheck shell=sh disable=SC2034
# What the scripts of the TLS cluster begin with: its folder in $tls, the addresses and credentials in it by name, and
# the credentials of client58 in ./auth, to be spoiled at will.
[ -n "${work:-}" ] || . "${0%/*}/../lib.sh"
need openssl keytool
"$tests/kafka/cluster" address --tls >/dev/null ||
  missing "${KT_TEST_MISSING:-no Apache Kafka with TLS is running: ./dev kafka up --tls}"
tls=$(realpath "${KT_CLUSTER_DIR:-$tests/../build-kafka}/tls")
unused_id "$tls"
address=$(cat "$tls/address") other=$(cat "$tls/other-address") mixed=$(cat "$tls/mixed-address")
plain=$(cat "$tls/plain-address") sasl=$(cat "$tls/sasl-address") sasl_tls=$(cat "$tls/sasl-tls-address")
oauth=$(cat "$tls/oauth-address")
cp -r "$tls/auth" auth
# Passwords that others may read are warned of.
chmod go= auth/*
umask 077
password=$(sed -n 's/^ssl.keystore.password=//p' auth/client-ssl.properties)

# What client58 gives as SASL's options, and the two listeners for them.
echo "$password" >password
user="-X sasl.username=client58"
secret="-X sasl.password=file:password"
over_plain="-b $sasl -X security.protocol=sasl_plaintext"
over_tls="-b $sasl_tls -X security.protocol=sasl_ssl -X ssl.ca.location=$tls/pki/ca.crt"

# name_of MECHANISM OVER
name_of() {
  tap_over=${2##*protocol=}
  echo "$1 over ${tap_over%% -X*}"
}

# works MECHANISM OVER: records go in and come out.
works() {
  tap_name=$(name_of "$1" "$2")
  tap_record="$$-$tap_name"
  # shellcheck disable=SC2086
  set -- client58 $2 $user $secret -X sasl.mechanisms="$1"
  run sh -c 'echo "$1" | (shift; kt produce -q "$@")' - "$tap_record" "$@"
  is "$status $err" "0 " "writes with $tap_name"
  like "$(kt consume "$@" -o -1000 -e -q 2>&1)" "^$tap_record\$" "reads with $tap_name"
}
