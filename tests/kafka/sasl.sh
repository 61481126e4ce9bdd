# shellcheck disable=SC2086
. "${0%/*}/tls-lib.sh"
# SASL, plain and over TLS: every mechanism, and each fault in words of its own.
echo line >line

# refused NAME STATUS SENTENCE HINT OPTION…
refused() {
  name=$1 expected=$2 sentence=$3 hint=$4
  shift 4
  run timeout 60 kt produce client58 "$@" <line
  is "$status" "$expected" "$name: status"
  like "$err" "$sentence" "$name: sentence"
  like "$err" "^hint: $hint" "$name: hint"
  unlike "$err" "$password" "$name: no secret"
}

works PLAIN "$over_plain"
works PLAIN "$over_tls"
for over in "$over_plain" "$over_tls"; do
  for mechanism in PLAIN SCRAM-SHA-256 SCRAM-SHA-512; do
    refused "a wrong password with $(name_of $mechanism "$over")" 1 "it does not accept the user name or the password" \
      "check sasl.username and sasl.password" $over $user -X sasl.mechanisms=$mechanism -X sasl.password=wrong
  done
done

refused "a mechanism that the broker does not have" 1 "it does not know this sasl.mechanisms" "try another one: PLAIN" \
  $over_tls -X sasl.mechanisms=OAUTHBEARER -X enable.sasl.oauthbearer.unsecure.jwt=true \
  -X sasl.oauthbearer.config=principal=client58
refused "no mechanism" 2 "sasl.mechanisms is not set, and its default, Kerberos" "try -X sasl.mechanisms=PLAIN" \
  $over_plain $user $secret
plainly="$user $secret -X sasl.mechanisms=PLAIN"
refused "no SASL where it is asked for" 5 "it closed the connection, as one that wants SASL does" \
  "try -X security.protocol=sasl_plaintext" -b "$sasl"
refused "TLS alone where SASL is asked for" 5 "it closed the connection, as one that wants SASL does" \
  "try -X security.protocol=sasl_plaintext" -b "$sasl_tls" -X security.protocol=ssl -X "ssl.ca.location=$tls/pki/ca.crt"
refused "SASL where it is not asked for" 5 "it does not ask for SASL there" "is it a listener without SASL" \
  -b "$plain" -X security.protocol=sasl_plaintext $plainly
refused "SASL without TLS where it is spoken" 5 "it closed the plain-text connection, as a TLS port does" \
  "is it a TLS port" -b "$sasl_tls" -X security.protocol=sasl_plaintext $plainly
refused "SASL over TLS where none is spoken" 5 "it does not speak TLS there" "is it the plain port" -b "$sasl" \
  -X security.protocol=sasl_ssl -X "ssl.ca.location=$tls/pki/ca.crt" $plainly
run kt produce client59 -b "$sasl" -X security.protocol=sasl_plaintext $plainly <line
is "$status" 1 "another user's topic"
like "$err" "this client is not allowed to use the topic" "is refused in the same words"

cat >java.properties <<EOF
security.protocol=SASL_SSL
ssl.truststore.location=$tls/auth/kafka.truststore.pkcs12
ssl.truststore.password=$password
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="client58" password="$password";
EOF
run kt produce client58 -q -F java.properties -b "$sasl_tls" <line
is "$status $err" "0 " "Java's sasl.jaas.config as it is"

# --- tokens ---

# A token for client58 that is good for $1 seconds; each is noted.
cat >token.sh <<'EOF'
now=$(date +%s)
encoded() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
echo >>tokens
printf '%s.%s.\n' "$(printf '{"alg":"none"}' | encoded)" \
  "$(printf '{"sub":"client58","iat":%s,"exp":%s}' "$now" "$((now + $1))" | encoded)"
EOF
over_oauth="-b $oauth -X ssl.ca.location=$tls/pki/ca.crt"
run kt produce client58 -q $over_oauth --oauth-command "sh token.sh 3600" <line
is "$status $err" "0 " "a token from a command"
like "$(kt consume client58 -e -q $over_oauth --oauth-command "sh token.sh 3600" -g "tokens-$$" --reset earliest 2>&1)" \
  '^line$' "reads as a member of a group"
sh token.sh 3600 >token
run kt topic offsets client58 $over_oauth --oauth-file token
is "$status $err" "0 " "a token from a file"
run kt check client58 $over_oauth --oauth-file token
is "$status" 0 "kt check with a token"
like "$out" "OAUTHBEARER as client58, with a token until 20" "says whose it is"
like "$out" "OAUTHBEARER: the token was accepted" "and hands it over itself"
refused "a token that it does not take" 1 "it does not accept the token" "is it for this cluster" $over_oauth \
  --oauth-command "echo abc.$password"
run kt check client58 $over_oauth --oauth-command "echo abc"
is "$status" 1 "kt check with such a token"
like "$out" "it does not accept the token" "says so"
run kt topic list $over_oauth --oauth-command "sh token.sh -1"
is "$status" 1 "a token that has expired"
like "$err" "--oauth-command: the token has expired, at 20" "is not sent"
KT_OAUTH_COMMAND='exit 3' run kt topic list $over_oauth
is "$status" 1 "a command that fails"
like "$err" "KT_OAUTH_COMMAND: the command for a token ended with status 3" "is named by where it stands"

# The broker ends connections with their token: records go on in both directions.
: >tokens
(
  seq 20
  until [ "$(wc -l <tokens)" -ge 4 ]; do sleep 0.3; done
  seq 21 40
) | kt produce client58 -p 3 $over_oauth --oauth-command "sh token.sh 4" 2>produced
is "$?" 0 "a run that outlives its tokens"
like "$(tail -1 produced)" "40 records delivered" "delivers all"

done_testing
