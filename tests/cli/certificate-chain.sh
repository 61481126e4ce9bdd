. "${0%/*}/../lib.sh"
# A client's certificate from an intermediate CA, for a broker that knows the root alone: the whole chain is sent, however it
# is given, and its key stays where it is.

need openssl python3
# made NAME CA OPTION…: a key and a certificate of that CA.
made() {
  name=$1 ca=$2
  shift 2
  printf '%s\n' "$@" >ext
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$name.key" -out csr -subj "/CN=$name" 2>/dev/null &&
    openssl x509 -req -in csr -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -out "$name.pem" -days 9 -extfile ext 2>/dev/null
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout root.key -out root.pem -days 9 -subj /CN=root \
  -addext basicConstraints=critical,CA:TRUE 2>/dev/null
made between root basicConstraints=critical,CA:TRUE
made server root subjectAltName=IP:127.0.0.1
made client between extendedKeyUsage=clientAuth
cat client.pem between.pem >chain.pem
openssl pkcs12 -export -in chain.pem -inkey client.key -out client.p12 -passout pass:secret
openssl pkcs12 -export -in client.pem -inkey client.key -out alone.p12 -passout pass:secret
cat chain.pem client.key >store.pem
join() { sed 's/$/\\n\\/' "$1" | sed '$ s/\\$//'; }
{
  printf '%s\n' ssl.keystore.type=PEM "ssl.keystore.certificate.chain=$(join chain.pem)" "ssl.keystore.key=$(join client.key)"
} >java.properties

start server python3 "$tests/cli/certificate_server.py"
wait_for test -s server.out
port=$(head -n 1 server.out)
# sent NAME EXPECTED FLAG…: what the server says of a client with these.
answered() { [ "$(wc -l <server.out)" -gt "$before" ]; }
sent() {
  name=$1 expected=$2
  shift 2
  before=$(wc -l <server.out)
  start client kt topic list -b "127.0.0.1:$port" -m 60s -X security.protocol=ssl -X ssl.ca.location=root.pem "$@"
  client=$pid
  wait_for answered || note "$(cat client.err)"
  like "$(tail -n +$((before + 1)) server.out)" "$expected" "$name"
  # shellcheck disable=SC2039
  for fd in /proc/"$client"/fd/*; do
    case $(readlink "$fd") in
    *memfd:certificates*) is "$(grep -c 'BEGIN CERTIFICATE' "$fd") $(grep -c KEY "$fd")" "2 0" "$name: certificates, and no key" ;;
    esac
  done
  stop "$client" KILL
}
sent "PKCS#12" "^accepted client$" -X ssl.keystore.location=client.p12 -X ssl.keystore.password=secret
sent "inline" "^accepted client$" -X "ssl.certificate.pem=$(cat chain.pem)" -X "ssl.key.pem=$(cat client.key)"
sent "the key in front" "^accepted client$" -X "ssl.certificate.pem=$(cat client.key chain.pem)" -X "ssl.key.pem=$(cat client.key)"
sent "files" "^accepted client$" -X ssl.certificate.location=chain.pem -X ssl.key.location=client.key
sent "a PEM store" "^accepted client$" -X ssl.keystore.location=store.pem
sent "Java's properties" "^accepted client$" -F java.properties
# As KIP-651 writes it, on one line; in files of both styles, and with the line ends as two characters.
spaces() { tr '\n' ' ' <"$1"; }
for form in spaces join; do
  for file in one.properties one.config; do
    printf '%s\n' "ssl.keystore.certificate.chain=$($form chain.pem)" "ssl.keystore.key=$($form client.key)" >$file
    sent "$form in $file" "^accepted client$" -F $file
  done
done
sent "a store without its CA" "^refused .*issuer" -X ssl.keystore.location=alone.p12 -X ssl.keystore.password=secret
done_testing
