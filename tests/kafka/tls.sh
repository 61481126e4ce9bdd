# shellcheck disable=SC2086
. "${0%/*}/tls-lib.sh"
# What goes wrong between kt and brokers with TLS: each fault has a sentence, a hint and a status of its own, soon.
pki=$tls/pki
here="-X security.protocol=ssl -X ssl.ca.location=$pki/ca.crt"
n=0

# through NAME OPTION…: a record goes to the cluster and comes back.
through() {
  name=$1 n=$((n + 1))
  shift
  run sh -c 'echo "$1"; echo "$1" | (shift; kt produce -q client58 "$@")' - "$$-$n" "$@"
  is "$status $err" "0 " "writes with $name"
  like "$(kt consume client58 -o -1000 -e -q "$@" 2>&1)" "^$$-$n\$" "reads with $name"
}

# soon KT…: run; where that does not end, SIGTERM gives a status that no case expects.
soon() {
  run timeout 60 "$@" <line
}

# refused NAME STATUS SENTENCE HINT OPTION…: produce and consume say the same of it.
refused() {
  name=$1 expected=$2 sentence=$3 hint=$4
  shift 4
  for way in 'produce client58 -q' 'consume client58 -e -q'; do
        soon kt $way "$@"
    is "$status" "$expected" "$name: status of ${way%% *}"
    like "$err" "^kt ${way%% *}: .*$sentence" "$name: the sentence of ${way%% *}"
    like "$err" "^hint: $hint" "$name: the hint of ${way%% *}"
  done
}
echo line >line

through "all brokers named" --auth auth -b "$address"
through "one of them named" --auth auth -b "${address%%,*}"
through "addresses of another certificate" --auth auth -b "$other" -X ssl.endpoint.identification.algorithm=none
refused "another host name" 1 "the certificate of 127.0.0.1:[0-9]+ is for another host name" \
  ".*-X ssl.endpoint.identification.algorithm=none" --auth auth -b "$other"
refused "an expired broker" 1 "the certificate of localhost:[0-9]+ has expired" "the cluster's operator" \
  --auth auth -b "${mixed##*,}"

# After a good bootstrap, brokers whose certificates are not good: what can be reached is reached.
# The first three partitions are led by the three brokers.
statuses=$(for partition in 0 1 2; do
  soon kt produce client58 --auth auth -b "${mixed%%,*}" -p "$partition" -q
  echo "$status"
done | sort | tr '\n' ' ')
is "$statuses" "0 1 1 " "writing to the two other brokers ends within seconds"
soon kt consume client58 --auth auth -b "${mixed%%,*}" -e -q
is "$status" 1 "reading all of them as well"
like "$err" "the certificate of localhost:[0-9]+ (is for another host name|has expired)" "naming the broker"
statuses=''
for group in a b c d; do
  soon kt consume client58 --auth auth -b "${mixed%%,*}" -e -q -g "$group"
  statuses="$statuses$status"
done
is "$statuses" 1111 "and a group, whoever coordinates it"

openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj "/CN=another CA" -days 3 -out other.crt 2>/dev/null
refused "a wrong CA" 1 "the certificate of localhost:[0-9]+ is not signed by a CA that is trusted here" \
  "is other.crt \(-X\) the CA of this cluster" --auth auth -b "$address" -X ssl.ca.location=other.crt
refused "plain text to TLS" 5 "it closed the plain-text connection, as a TLS port does" "is it a TLS port" -b "$address"
refused "TLS to plain text" 5 "it does not speak TLS there" "is it the plain port" --auth auth -b "$plain"
refused "no certificate" 1 "it demands a client certificate and got none" "use --auth DIR" $here -b "$address"

openssl x509 -req -in "$pki/client58.csr" -CA other.crt -CAkey other.key -CAcreateserial -days 3 -out stray.crt \
  2>/dev/null
refused "a certificate of another CA" 1 "it refused this client's certificate;" \
  "was the client certificate signed by the CA that the brokers trust" $here -b "$address" \
  -X ssl.certificate.location=stray.crt -X "ssl.key.location=$pki/client58.key"
refused "an expired certificate" 1 "it refused this client's certificate, which has expired" "ask for a new keystore" \
  $here -b "$address" -X "ssl.certificate.location=$pki/late.crt" -X "ssl.key.location=$pki/late.key"
openssl pkcs12 -export -in "$pki/late.pem" -name late -passout pass:secret -out late.p12
refused "an expired keystore" 1 "it refused this client's certificate, which has expired" "ask for a new keystore" \
  --auth auth -b "$address" -X ssl.keystore.location=late.p12 -X ssl.keystore.password=secret
refused "a wrong password" 2 "the password does not open auth/kafka.keystore.pkcs12" "ssl.keystore.password comes from -X" \
  --auth auth -b "$address" -X ssl.keystore.password=wrong

openssl pkcs12 -export -legacy -in "$pki/client58.pem" -name c -passout "pass:$password" -out legacy.p12
through "a keystore in RC2 and 3DES" --auth auth -b "$address" -X ssl.keystore.location=legacy.p12
openssl rsa -aes256 -in "$pki/client58.key" -passout pass:secret -out sealed.key 2>/dev/null
pem="$here -X ssl.certificate.location=$pki/client58.crt -X ssl.key.location"
through "PEM files" $pem="$pki/client58.key" -b "$address"
through "an encrypted key" $pem=sealed.key -X ssl.key.password=secret -b "$address"
refused "a wrong password of the key" 2 "the password does not open sealed.key" "ssl.key.password comes from -X" \
  $pem=sealed.key -X ssl.key.password=wrong -b "$address"
refused "no password of the key" 2 "sealed.key is encrypted and there is no password" "ssl.key.password comes from nowhere" \
  $pem=sealed.key -b "$address"
soon kt produce client58 $pem=other.key -b "$address"
is "$status $err" "2 kt produce: the key other.key does not belong to the certificate $pki/client58.crt" "another key"
cat "$pki/client58.crt" sealed.key >both.pem
cat >java.properties <<EOF
security.protocol=SSL
ssl.keystore.type=PEM
ssl.keystore.location=$PWD/both.pem
ssl.key.password=secret
ssl.truststore.location=$PWD/auth/kafka.truststore.pkcs12
ssl.truststore.password=$password
EOF
through "Java's PEM keystore and PKCS#12 truststore" -F java.properties -b "$address"
sed 's/^ssl.truststore.password=.*/ssl.truststore.password=wrong/' java.properties >wrong.properties
refused "a wrong password of the truststore" 2 "the password does not open $PWD/auth/kafka.truststore.pkcs12" \
  "ssl.truststore.password comes from wrong.properties:6" -F wrong.properties -b "$address"

# What the ACLs refuse. The topic experiment is for reading, inbox for writing, the group denied for nobody.
closed="topic client59: this client is not allowed to use the topic"
only="^hint: with the tutorial's credentials only the topic named as the certificate's CN is open"
for way in produce 'consume -e' 'consume -e -g readers' 'topic describe'; do
    soon kt $way client59 --auth auth -b "$address"
  is "$status" 1 "the topic of another client, $way: status"
  like "$err" "$closed" "the sentence"
  like "$err" "$only" "the hint"
done
soon kt produce experiment --auth auth -b "$address"
is "$status" 3 "a topic that may only be read: its records are not delivered"
like "$err" "^% line 1: this client is not allowed to write to the topic" "said of each"
soon kt consume experiment -e -q --auth auth -b "$address"
is "$status" 0 "and reading it is allowed"
soon kt produce inbox -q --auth auth -b "$address"
is "$status" 0 "a topic that may only be written"
soon kt consume inbox -e -q --auth auth -b "$address"
is "$status" 1 "reading it is refused"
like "$err" "this client is not allowed to use the topic" "in the same words"
soon kt consume client58 -e -q -g denied --auth auth -b "$address"
is "$status" 1 "a group that the ACLs refuse"
like "$err" "this client is not allowed to use the group" "is told so"
like "$err" "^hint: use a group that the cluster's ACLs allow" "and what to do"
soon kt topic create elsewhere --auth auth -b "$address"
is "$status" 1 "making a topic is refused"
like "$err" "creating topic elsewhere: this client is not allowed to do that" "in words"
like "$err" "^hint: it needs the right to Create" "and what it takes"
run kt topic list --auth auth -b "$address"
like "$out" "^client58\$" "the list shows the own topic"
unlike "$out" "^client59\$" "and not those of others"

# The tutorial's loop on a terminal of its own, with nothing on the command line.
run kt config init --auth auth -b "$other" --profile lab --yes
is "$status" 0 "a profile for brokers that other names address"
run sh -c 'echo profiled | kt produce -q --profile lab'
is "$status" 0 "needs no more"
like "$(kt consume --profile lab -q -e)" "^profiled\$" "to read as well"

done_testing
