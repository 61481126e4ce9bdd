# shellcheck disable=SC2086
. "${0%/*}/tls-lib.sh"
# kt check on a cluster with TLS, SASL and ACLs: each thing that can be wrong there is found in its step, in the words
# that `kt produce` has for it.
pki=$tls/pki one=${address%%,*}
chmod 600 auth/*
here="-X security.protocol=ssl -X ssl.ca.location=$pki/ca.crt"

# checked STATUS WHAT OPTION…
checked() {
  expected=$1 what=$2
  shift 2
  run timeout 120 kt check "$@"
  is "$status" "$expected" "$what: status"
  unlike "$out" "$password" "$what: no secret"
}

# step STATE NAME SENTENCE HINT: after the state and NAME an extended regular expression; the hint below may be "".
step() {
  like "$out" "^$1 +$2 .*$3" "$what: $2 is $1"
  [ -z "$4" ] || like "$out" "^ +hint: $4" "$what: the hint of $2"
}

checked 0 "all as it should be" client58 --auth auth -b "$one"
step ok credentials "auth/kafka.keystore.pkcs12: User:CN=client58 to the cluster, unless it maps names; until 2" ""
step ok ca "auth/ca.crt: 1 certificate" ""
step ok tls "$one: TLSv1\.[23] .*CN=broker \(DNS:localhost, IP Address:127.0.0.1\), by CN=kt test CA, until 2" ""
step ok authentication "the client certificate was accepted" ""
step ok metadata "3 brokers" ""
step ok listener "broker 1, $one: as above" ""
step ok tls "broker 3, localhost:[0-9]+: TLSv1" ""
step ok authentication "broker 2, localhost:[0-9]+: the client certificate was accepted" ""
step ok topic "16 partitions, all with leaders" ""
step ok read "among this client's authorized operations" ""
step ok write "among this client's authorized operations" ""
unlike "$out" "^warning|^failed" "nothing else is said"
mv auth/ca.crt ca.crt
checked 0 "the truststore in place of ca.crt" client58 --auth auth -b "$one" -q
is "$out" "" "nothing to be said"
mv ca.crt auth/ca.crt

# The certificates of brokers.
checked 1 "another host name" --auth auth -b "${other%%,*}"
step failed tls "the certificate of 127.0.0.1:[0-9]+ is for another host name \(it is for DNS:kafka1.example\)" \
  ".*-X ssl.endpoint.identification.algorithm=none"
step skipped authentication "tls did not work" ""
step skipped client "no broker works" ""
checked 0 "another host name, not compared" --auth auth -b "${other%%,*}" -X ssl.endpoint.identification.algorithm=none
step ok tls "names are not compared" ""
checked 1 "an expired broker" --auth auth -b "${mixed##*,}"
step failed tls "the certificate of localhost:[0-9]+ has expired" "the cluster's operator has to renew it"
checked 1 "brokers behind the bootstrap" --auth auth -b "${mixed%%,*}"
step failed tls "broker 2, localhost:[0-9]+: the certificate of .* is for another host name" ""
step failed tls "broker 3, localhost:[0-9]+: the certificate of .* has expired" ""
step ok group "is coordinated by" ""
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj "/CN=another CA" -days 3 -out other.crt 2>/dev/null
checked 1 "a wrong CA" --auth auth -b "$one" -X ssl.ca.location=other.crt
step warning credentials "is not signed by the CA in other.crt" ""
step failed tls "the certificate of localhost:[0-9]+ is not signed by a CA that is trusted here" \
  "is other.crt \(-X\) the CA of this cluster"
checked 0 "a wrong CA, not looked at" --auth auth -b "$one" -X ssl.ca.location=other.crt \
  -X enable.ssl.certificate.verification=false
step warning tls "whose certificate it is is not checked" ""

# The client's own.
checked 1 "no certificate" $here -b "$one"
step ok credentials "no client certificate" ""
step failed authentication "it demands a client certificate and got none" "use --auth DIR"
openssl x509 -req -in "$pki/client58.csr" -CA other.crt -CAkey other.key -CAcreateserial -days 30 -out stray.crt \
  2>/dev/null
checked 1 "a certificate of another CA" $here -b "$one" -X ssl.certificate.location=stray.crt \
  -X "ssl.key.location=$pki/client58.key"
step warning credentials "CN=client58, by CN=another CA, is not signed by the CA in $pki/ca.crt" ""
step failed authentication "it refused this client's certificate" "was the client certificate signed by the CA"
checked 1 "an expired certificate" $here -b "$one" -X "ssl.certificate.location=$pki/late.crt" \
  -X "ssl.key.location=$pki/late.key"
step warning credentials "the certificate of CN=late has expired on 2021-01-01" "ask for a new keystore"
step failed authentication "it refused this client's certificate, which has expired" ""
openssl pkcs12 -export -legacy -in "$pki/client58.pem" -name c -passout "pass:$password" -out legacy.p12
checked 0 "a keystore in RC2 and 3DES" --auth auth -b "$one" -X ssl.keystore.location=legacy.p12
openssl rsa -aes256 -in "$pki/client58.key" -passout pass:secret -out sealed.key 2>/dev/null
sealed="$here -b $one -X ssl.certificate.location=$pki/client58.crt -X ssl.key.location=sealed.key"
checked 0 "an encrypted key" $sealed -X ssl.key.password=secret
checked 2 "a wrong password of the key" $sealed -X ssl.key.password=wrong
step failed credentials "the password does not open sealed.key" "ssl.key.password comes from -X"
checked 2 "a wrong password of the keystore" --auth auth -b "$one" -X ssl.keystore.password=wrong
step failed credentials "the password does not open auth/kafka.keystore.pkcs12" "ssl.keystore.password comes from -X"
step ok tcp "$one: .*127.0.0.1 connected" ""

# The wrong kind of port.
checked 5 "plain text to TLS" -b "$one"
step failed api-versions "it closed the plain-text connection, as a TLS port does" "is it a TLS port"
checked 5 "TLS to plain text" --auth auth -b "${plain%%,*}"
step failed tls "it does not speak TLS there" "is it the plain port"
checked 5 "no SASL where it is asked for" -b "${sasl%%,*}"
step failed metadata "it closed the connection, as one that wants SASL does" "try -X security.protocol=sasl_plaintext"
checked 5 "TLS alone where SASL is asked for" -b "${sasl_tls%%,*}" $here
step failed metadata "it closed the connection, as one that wants SASL does" ""

# SASL.
user="-X sasl.username=client58"
for mechanism in PLAIN SCRAM-SHA-256 SCRAM-SHA-512; do
  for over in "-b ${sasl%%,*} -X security.protocol=sasl_plaintext" \
    "-b ${sasl_tls%%,*} -X security.protocol=sasl_ssl -X ssl.ca.location=$pki/ca.crt"; do
    run timeout 120 kt check client58 $over $user -X sasl.mechanisms=$mechanism -X "sasl.password=$password"
    what="$mechanism over ${over##*protocol=}" what=${what%% -X*}
    step ok authentication "$mechanism as client58" ""
    step ok write "among this client's authorized operations" ""
    # Kafka 4 does not accept what librdkafka before 2.6.1 sends, and that is found out.
    like "$status $out" "^0 |failed +client .*it does not accept the user name or the password" "$what: the library"
    checked 1 "a wrong password with $what" $over $user -X sasl.mechanisms=$mechanism -X sasl.password=wrong
    step failed authentication "it does not accept the user name or the password" "check sasl.username and sasl.password"
  done
done
checked 5 "SASL where it is not asked for" -b "${plain%%,*}" -X security.protocol=sasl_plaintext $user \
  -X sasl.mechanisms=PLAIN -X "sasl.password=$password"
step failed authentication "it does not ask for SASL there" "is it a listener without SASL"
checked 5 "SASL without TLS where it is spoken" -b "${sasl_tls%%,*}" -X security.protocol=sasl_plaintext $user \
  -X sasl.mechanisms=PLAIN -X "sasl.password=$password"
step failed authentication "it closed the plain-text connection, as a TLS port does" ""
checked 1 "a mechanism that the broker does not have" -b "${sasl%%,*}" -X security.protocol=sasl_plaintext \
  -X sasl.mechanisms=OAUTHBEARER -X enable.sasl.oauthbearer.unsecure.jwt=true \
  -X sasl.oauthbearer.config=principal=client58
step skipped authentication "kt leaves OAUTHBEARER to librdkafka" ""
step failed client "it does not know this sasl.mechanisms" "try another one: PLAIN"

# What the ACLs say. The topic experiment is for reading, inbox for writing, the group denied for nobody.
checked 1 "a topic that may only be read" experiment --auth auth -b "$one"
step ok read "among this client's authorized operations" ""
step failed write "this client is not allowed to write the topic" "the cluster's operator has to grant it; .--for read"
checked 0 "which is enough for reading" experiment --for read --auth auth -b "$one"
checked 1 "a topic that may only be written" inbox --auth auth -b "$one"
step failed read "this client is not allowed to read the topic" "the cluster's operator has to grant it; .--for write"
checked 0 "which is enough for writing" inbox --for write --auth auth -b "$one"
checked 1 "a topic of somebody else" client59 --auth auth -b "$one"
step failed topic "topic client59: this client is not allowed to use the topic" "with the tutorial's credentials only"
step skipped write "the topic cannot be looked at" ""
checked 1 "a group that the ACLs refuse" -g denied --auth auth -b "$one"
step failed group "group denied: this client is not allowed to use the group" "use a group that the cluster's ACLs allow"
checked 4 "an unknown topic" "nope$$" -b "${plain%%,*}"
step failed topic "topic nope$$ does not exist" ".*kt topic list"

done_testing
