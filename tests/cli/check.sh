. "${0%/*}/../lib.sh"
# kt check where something is wrong before or without a real cluster: the configuration, the credentials, and brokers
# that are none (check_broker.py).
need python3 openssl

# checked STATUS WHAT OPTION…: without being stuck, whatever it meets.
checked() {
  expected=$1 what=$2
  shift 2
  run timeout 60 kt check "$@"
  is "$status" "$expected" "$what: status"
}

# step STATE NAME SENTENCE: some line of the last run says so; after NAME, an extended regular expression.
step() {
  like "$out" "^$1 +$2 .*$3" "$what: $2 is $1"
}

# hinted TEXT: and the line under what failed.
hinted() {
  like "$out" "^ +hint: .*$1" "$what: a hint"
}

# broker KIND: a bad one in $port.
broker() {
  start "bad-$bad" python3 "$tests/cli/check_broker.py" "$1"
  wait_for test -s "bad-$bad.out"
  port=$(cat "bad-$bad.out") server=$pid bad=$((bad + 1))
}
bad=0

# The configuration.
mkdir -p "$HOME/.config/kt"
conf="$HOME/.config/kt/config"
echo 'linger.sm=5' >"$conf"
checked 2 "an unknown property"
step failed configuration '/.config/kt/config:1: there is no property "linger.sm"'
hinted "did you mean linger.ms"
step skipped bootstrap "configuration did not work"
step skipped round-trip "configuration did not work"
like "$out" "^1 of 1 steps failed, first of all configuration\$" "the verdict names it"
is "$err" "" "nothing is said twice"
rm "$conf"
checked 2 "a configuration file that is not there" -F no-such-file
step failed configuration "no configuration from no-such-file"
checked 2 "a broker's address that is none" -b localhost:port
step failed bootstrap '"localhost:port" is not a broker'
checked 2 "a topic that cannot be" -b 127.0.0.1:1 'a b'
like "$err" "^kt check: " "a topic that cannot be: said"

# Credentials. The network is looked at all the same, as far as that goes without them.
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=TestCA -days 30 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout c.key -out c.csr -subj /CN=client58 2>/dev/null
openssl x509 -req -in c.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out c.crt 2>/dev/null
openssl x509 -req -in c.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 5 -out soon.crt 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other -days 30 2>/dev/null
mkdir auth && cp ca.crt auth/
openssl pkcs12 -export -inkey c.key -in c.crt -certfile ca.crt -passout pass:secret -out auth/kafka.keystore.pkcs12
chmod 600 ./*.key auth/kafka.keystore.pkcs12
broker silent
tls="-b 127.0.0.1:$port -m 1 -X security.protocol=ssl -X ssl.ca.location=ca.crt"
password="-X ssl.keystore.password=secret"
# shellcheck disable=SC2086
{
  checked 2 "a wrong password" $tls --auth auth -X ssl.keystore.password=wrong
  step failed credentials "the password does not open auth/kafka.keystore.pkcs12"
  hinted "ssl.keystore.password comes from -X"
  step ok tcp "127.0.0.1 connected"
  step skipped tls "credentials did not work"
  step skipped metadata "credentials did not work"
  unlike "$out" "wrong\$" "a wrong password: is not shown"
  checked 2 "a secret that is nowhere" $tls --auth auth -X ssl.keystore.password=env:NOT_SET
  step failed credentials "ssl.keystore.password is to come from the environment, and NOT_SET is not set there"
  checked 2 "a file that is not there" $tls -X ssl.keystore.location=gone.p12 $password
  step failed credentials "gone.p12"
  checked 2 "a key of another certificate" $tls -X ssl.certificate.location=c.crt -X ssl.key.location=other.key
  step failed credentials "the key other.key does not belong to the certificate c.crt"
  checked 2 "no key in the file" $tls -X ssl.certificate.location=c.crt -X ssl.key.location=ca.crt
  step failed credentials "ca.crt is encrypted and there is no password for it, or it is not a key"
  checked 2 "a folder in place of a key" $tls -X ssl.certificate.location=c.crt -X ssl.key.location=auth
  step failed credentials "ssl.key.location: .*auth.*[Ii]s a directory"
  checked 2 "no CA in the file" $tls -X ssl.ca.location=c.key
  step failed ca "c.key holds no certificate in PEM"
  if [ "$(id -u)" -ne 0 ]; then
    chmod 000 auth/kafka.keystore.pkcs12
    checked 2 "a keystore that cannot be read" $tls --auth auth $password
    step failed credentials "auth/kafka.keystore.pkcs12.*[Pp]ermission denied"
    chmod 600 auth/kafka.keystore.pkcs12
  fi

  pem="-X ssl.certificate.location=c.crt -X ssl.key.location=c.key"
  checked 5 "a broker that is silent under TLS" $tls $pem
  step ok credentials "c.crt: User:CN=client58 to the cluster"
  step ok ca "ca.crt: 1 certificate"
  step ok library "accepts the settings"
  step failed tls "127.0.0.1:$port: no answer"
  hinted "is a firewall in between"
  checked 5 "a certificate of the last days" $tls -X ssl.certificate.location=soon.crt -X ssl.key.location=c.key
  step warning credentials "soon.crt: the certificate of CN=client58 expires on .*, in [45] days"
  checked 5 "a CA that is another" $tls $pem -X ssl.ca.location=other.crt
  step warning credentials "CN=client58, by CN=TestCA, is not signed by the CA in other.crt"
  chmod 644 c.key
  checked 5 "a key that everybody can read" $tls $pem
  step warning files "every user of this machine can read c.key"
  hinted "chmod go= c.key"
}
checked 5 "a broker that is silent" -b "127.0.0.1:$port" -m 1
step failed api-versions "127.0.0.1:$port: no answer"
checked 2 "SASL without a mechanism" -b "127.0.0.1:$port" -m 1 -X security.protocol=sasl_plaintext
step failed library "sasl.mechanisms is not set, and its default, Kerberos"
printf 'sasl.password=hunter2\nsecurity.protocol=sasl_plaintext\nsasl.mechanism=PLAIN\nsasl.username=u\n' >mine
checked 5 "a configuration file with a password in it" -F mine -b "127.0.0.1:$port" -m 1
step warning files "every user of this machine can read mine"
step failed authentication "no answer"
unlike "$out" hunter2 "the password is not shown"

# Brokers that are none.
stop "$server"
checked 5 "a closed port" -b "127.0.0.1:$port" -m 1
step failed tcp "127.0.0.1:$port: connection refused"
hinted "is the broker running, and is this its port"
step skipped topic "no topic is given or configured"
checked 5 "no such name" -b nowhere.invalid -m 5
step failed dns "nowhere.invalid:9092: "
hinted "--resolve NAME=ADDRESS"
step skipped tcp "dns did not work"
for kind in garbage http endless huge short cut other; do
  broker "$kind"
  checked 5 "$kind" -b "127.0.0.1:$port"
  step failed api-versions "it answers in a protocol other than Kafka's"
  is "$(grep -c ^failed out)" 1 "$kind: in one sentence"
  stop "$server"
done
broker drip
checked 5 drip -b "127.0.0.1:$port" -m 1
step failed api-versions "127.0.0.1:$port: no answer"
broker counts
checked 5 counts -b "127.0.0.1:$port"
step failed metadata "it answers in a protocol other than Kafka's: the answer to Metadata is cut off or makes no sense"
broker nobody
checked 5 nobody -b "127.0.0.1:$port"
step failed metadata "it knows of no broker, not even itself"

# The classic: the bootstrap broker works, and another one is advertised under a name that means nothing here.
broker advertise:nowhere.invalid:9092
checked 5 "advertised under an unknown name" -b "127.0.0.1:$port"
step ok metadata "2 brokers \(1 127.0.0.1:$port, 2 nowhere.invalid:9092\)"
step ok listener "broker 1, 127.0.0.1:$port: as above"
step failed dns "broker 2, nowhere.invalid:9092: "
hinted "advertised.listeners.*--resolve nowhere.invalid=127.0.0.1, or kt.resolve="
step ok client "reaches the cluster"
broker good
good=$port
broker "advertise:nowhere.invalid:$good"
checked 0 "given an address by --resolve" -b "127.0.0.1:$port" --resolve nowhere.invalid=127.0.0.1
step ok dns "broker 2, nowhere.invalid:$good: 127.0.0.1 \(from kt.resolve\)"
broker advertise:127.0.0.1:1
checked 5 "advertised where nothing listens" -b "127.0.0.1:$port"
step failed tcp "broker 2, 127.0.0.1:1: connection refused"
hinted "is the broker running.*kt.resolve="
broker evil
checked 0 "names with control characters" -b "127.0.0.1:$port"
step ok metadata "cluster c.\[31m.more"

# As JSON, quietly, and interrupted.
checked 5 "as JSON" -J -b 127.0.0.1:1 -m 1
is "$(jq -r 'select(.step) | .step' out | tr '\n' ' ')" "configuration files credentials ca library dns tcp tls \
authentication api-versions metadata listener client topic read write group round-trip " "every step is an object"
is "$(jq -r 'select(.state == "failed") | [.step, .address, .text] | join(" ")' out)" \
  "tcp 127.0.0.1:1 connection refused" "what failed"
is "$(jq -c 'select(.verdict) | [.verdict, .status, .failed, .first]' out)" '["failed",5,1,"tcp"]' "and the verdict"
checked 5 "quietly" -q -b 127.0.0.1:1 -m 1
is "$(grep -cv '^failed\|^ *hint\|^1 of' out)" 0 "quietly: only what failed"
# What failed comes first, and nothing has yet: only the broker can tell that it is asked.
for signal in INT TERM; do
  broker silent
  start slow kt check -b "127.0.0.1:$port" -m 600
  ok "the broker is asked" wait_for grep -q asked "bad-$((bad - 1)).out"
  stop "$pid" "$signal"
  is "$status $(grep -c '^ok *library' slow.out)" "$([ "$signal" = INT ] && echo 130 || echo 143) 1" "SIG$signal ends it, and what was found is told"
done
run sh -c "kt check -b 127.0.0.1:1 -m 1 >/dev/full"
is "$status" 1 "a full disk"
like "$err" "No space left" "is told"

done_testing
