. "${0%/*}/../lib.sh"
# Where settings come from, what wins, what is refused, and that secrets stay hidden.

conf="$HOME/.config/kt/config"
mkdir -p "${conf%/*}"
# The value and the origin that `kt config show` gives for a property.
shown() {
  key=$1
  shift
  kt config show "$@" | awk -F '\t' -v key="$key" '$1 == key { print $2 " | " $3 }'
}

# An embedded broker that this user happens to be running is found wherever the test runs.
run kt config show
like "$status $out" "^0 bootstrap.servers	(localhost:9092	default|127.0.0.1:[0-9]+	kt broker)$" \
  "with nothing configured"
run kt config path
is "$status $(cut -f 2 out | sort -u)" "0 not there" "no file is there"

cat >"$conf" <<'EOT'
# for every cluster
bootstrap.servers = file:1
client.id=file
[profile lab]
client.id=profile
kt.topic=client58
EOT
is "$(shown client.id)" "file | ~/.config/kt/config:3" "a file"
is "$(shown client.id --profile lab)" "profile | ~/.config/kt/config:5 [lab]" "a profile beats the file"
is "$(shown bootstrap.servers --profile lab)" "file:1 | ~/.config/kt/config:2" "what a profile does not say is the file's"
is "$(KT_PROFILE=lab shown kt.topic)" "client58 | ~/.config/kt/config:6 [lab]" "KT_PROFILE"
is "$(KT_X_CLIENT_ID=variable shown client.id --profile lab)" "variable | KT_X_CLIENT_ID" "the environment beats a profile"
is "$(KT_X_CLIENT_ID=variable shown client.id -X client.id=one -X client.id=two)" "two | -X" "flags beat all, the last wins"
is "$(KT_BROKERS=env:1 shown bootstrap.servers)" "env:1 | KT_BROKERS" "KT_BROKERS"
is "$(KAFKA_BROKER=lab:1 shown bootstrap.servers)" "lab:1 | KAFKA_BROKER" "KAFKA_BROKER"
is "$(KAFKA_BROKER=lab:1 KT_BROKERS=env:1 shown bootstrap.servers)" "env:1 | KT_BROKERS" "kt's own variables win"
is "$(TOPIC=testtopic shown kt.topic)" "testtopic | TOPIC" "TOPIC"
for flag in -b --brokers --bootstrap-server --broker-list; do
  is "$(KT_BROKERS=env:1 shown bootstrap.servers "$flag" flag:1)" "flag:1 | -b" "$flag"
done
is "$(shown acks -X request.required.acks=1)" "1 | -X" "a property goes by one name"
is "$(shown kt.resolve --resolve a=127.0.0.1 --resolve b=::1)" "a=127.0.0.1 b=::1 | --resolve" "--resolve"

run kt config path -J
like "$out" '"path":"'"$conf"'","from":"default","exists":true,"used":true,"profiles":\["lab"\]' "kt config path -J"
mkdir -p xdg/kt && echo "client.id=xdg" >xdg/kt/config
is "$(XDG_CONFIG_HOME=$PWD/xdg shown client.id)" "xdg | $(echo "$PWD/xdg/kt/config:1" | sed "s#^$HOME#~#")" "XDG_CONFIG_HOME"
echo "client.id=kcat" >"$HOME/.config/kcat.conf"
mv "$conf" saved
is "$(shown client.id)" "kcat | ~/.config/kcat.conf:1" "kcat's file"
printf "client.id=of-kcat\n" >kcat.properties
is "$(KCAT_CONFIG=kcat.properties shown client.id)" "of-kcat | kcat.properties:1" "KCAT_CONFIG"
mv saved "$conf"
echo "client.id=named" >named
is "$(KT_CONFIG=named shown client.id)" "named | named:1" "KT_CONFIG"
is "$(KT_CONFIG=/nowhere shown client.id -F named)" "named | named:1" "-F beats KT_CONFIG"
is "$(shown client.id --command-config named)" "named | named:1" "--command-config"
run kt config show -F /nowhere
is "$status" 2 "a file that was named has to be there"
like "$err" "^kt config show: -F: no configuration from /nowhere: No such file" "and is named"

cat >java.properties <<'EOT'
security.protocol=SASL_SSL
sasl.mechanism: SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
    username="alice" \
    password="alice\\secret";
ssl.endpoint.identification.algorithm=
ssl.truststore.location = /t.p12
ssl.truststore.type = PKCS12
ssl.truststore.password = changeit
key.serializer=org.apache.kafka.common.serialization.StringSerializer
acks=all
EOT
run kt config show -F java.properties -v
is "$status" 0 "a Java client's file"
like "$out" "^security.protocol	sasl_ssl	" "names and values are translated"
like "$out" "^sasl.username	alice	java.properties:3" "sasl.jaas.config is taken apart"
like "$out" "^ssl.endpoint.identification.algorithm	none	" "an empty check of host names is none"
like "$err" "^% java.properties:10: key.serializer is ignored: " "what means nothing here is said under -v"
unlike "$out$err" "secret|changeit" "no password is shown"
run kt config show -X max.poll.records=10
like "$err" "^% -X: max.poll.records is ignored: " "and always where it was given for this run"
printf 'client.id=\\ud83d\n' >half.properties
run kt config show -F half.properties
is "$status $err" '2 kt config show: half.properties:1: \u names half of a surrogate pair' "what no text has is refused"
printf 'client.id=a\\sb \rkt.topic=m\374ller\r' >old.properties
run kt config show -F old.properties
is "$(grep backslash err)" \
  "% old.properties:1: client.id: a backslash is left out, as Java does: write two for one that stays" "a backslash lost is said"
is "$(shown client.id -F old.properties 2>/dev/null)" "asb | old.properties:1" "CR ends a line, blanks at its end go"
is "$(shown kt.topic -F old.properties 2>/dev/null)" "müller | old.properties:2" "what is not UTF-8 is ISO 8859-1"
run kt config show -F java.properties -J
unlike "$out$err" "alice.*secret|changeit" "no password is shown as JSON"
like "$out" '^\{"key":"sasl.password","value":null,"secret":true,"origin":"java.properties:3"\}' "but that there is one"

# refused STATUS LINE HINT COMMAND…: the error and the hint of a command line.
refused() {
  line=$1 hint=$2
  shift 2
  run "$@"
  is "$status $out" "2 " "status of: $*"
  is "$err" "kt config show: $line
hint: $hint" "message of: $*"
}
printf 'client.id=x\n\nlinger.sm=5\n' >bad
refused "bad:3: there is no property \"linger.sm\"" "did you mean linger.ms?" kt config show -F bad
printf '[profile p]\nkey.serialiser=x\n' >bad
refused "bad:2 [p]: there is no property \"key.serialiser\"" "did you mean key.serializer?" \
  kt config show -F bad --profile p
run kt config show -F bad
is "$status" 0 "another profile's mistakes do not matter"
refused "-X: there is no property \"compresion.type\"" "did you mean compression.type?" \
  kt config show -X compresion.type=lz4
refused "-X: expected NAME=VALUE, got \"acks\"" "\`-X list\` shows the properties" kt config show -X acks
refused "--profile: no profile \"lap\" in ~/.config/kt/config" "did you mean lab?" kt config show --profile lap
refused "-X: expected NAME=VALUE, got \"sasl.password…\"" "\`-X list\` shows the properties" \
  kt config show -X sasl.password:geheim
run kt config show -b ""
like "$status $err" "^2 kt config show: -b: no broker is named$" "an empty list of brokers"
run kt config show --resolve localhost
is "$status" 2 "--resolve without an address"
like "$err" '^kt config show: --resolve: expected NAME=ADDRESS, got "localhost"' "is refused"
run kt config show -X linger.ms=soon
is "$status" 2 "a value that librdkafka does not take"
like "$err" "^kt config show: -X: linger.ms=soon: " "is said at once"
run env KT_X_LINGER_SM=5 kt config show
like "$err" 'KT_X_LINGER_SM: there is no property "linger.sm"' "a variable that names no property"
run kt config show --zookeeper h:2181
is "$status" 2 "--zookeeper"
like "$err" "brokers: -b HOST:9092" "is answered with what to use now"

run kt config show -X list
is "$status" 0 "-X list"
like "$out" "^linger.ms \(float: 0 .. 900000; default 5; producer\)" "shows librdkafka's properties"
like "$out" "^kt.auth \(string; kt's own\)" "and kt's own settings"
run kt __complete consume -X kt.a
is "$out" "kt.auth=	folder with CA and keystore for TLS, as with --auth" "which the Tab key offers"
for name in KT_BROKERS KT_AUTH KT_TOPIC KT_GROUP KT_REGISTRY KT_REGISTRY_PASSWORD KT_CONFIG KT_PROFILE KT_X_NAME; do
  like "$(kt __man consume)" "^.fB$name(,.*)?.fR" "the manual has $name"
done
run kt config show -X list -X nonsense
is "$status" 0 "whatever else stands there"

for secret in env:NAME file:/run/secrets/pw ask:; do
  is "$(shown sasl.password -X "sasl.password=$secret")" "$secret | -X" "$secret shows where the secret is"
done
is "$(shown ssl.ca.location -X 'ssl.ca.location=~/ca.crt')" "$HOME/ca.crt | -X" "in paths a leading ~/ is the home directory"
is "$(shown sasl.password -X 'sasl.password=file:~/pw')" "file:$HOME/pw | -X" "also after file:"
like "$(shown client.id -X 'client.id=~/x')" '^~/x \| -X$' "and nowhere else"
is "$(PW=geheim shown sasl.password -X sasl.password=env)" "******** | -X" "a plain one is hidden"
echo 'sasl.password=${PW}' >expanded
is "$(PW=geheim shown sasl.password -F expanded)" "******** | expanded:1" "also when it came by \${VAR}"
run kt config show -F expanded
like "$err" 'expanded:1: \$\{PW\} is not set in the environment' "a variable that is not set"
run env "KT_X_SSL_KEY_PEM=geheim" kt config show --all
unlike "$out$err" geheim "a key from the environment is hidden"
like "$out" "^fetch.min.bytes	1	librdkafka" "--all shows the library's defaults"

# A file with passwords is the user's alone.
echo 'sasl.password=geheim' >open && chmod 644 open
run kt config show -F open
like "$err" "^% every user of this machine can read the passwords in open: chmod go= open$" "a file with passwords that all can read"
run kt config show -F open -q
like "$err" "every user of this machine can read the passwords in open" "a warning, which -q leaves"
chmod 640 open
run kt config show -F open
is "$err" "" "one that others cannot read"
for line in sasl.password=env:PW sasl.password=file:pw 'sasl.password=${PW}' client.id=x; do
  echo "$line" >open && chmod 644 open
  PW=x run kt config show -F open
  is "$err" "" "one without passwords: $line"
done
mkdir handed && echo 'ssl.keystore.password=geheim' >handed/client-ssl.properties && echo x >handed/keystore.p12
chmod 644 handed/client-ssl.properties
run kt config show --auth handed
like "$err" "^% every user of this machine can read the passwords in handed/client-ssl.properties: chmod go= handed/" \
  "also of a folder of credentials"
chmod 640 handed/client-ssl.properties
run kt config show --auth handed
is "$err" "" "whose file others cannot read"
for kind in 'PRIVATE KEY' 'EC PRIVATE KEY'; do
  printf -- '-----BEGIN %s-----\n' "$kind" >key.pem && chmod 644 key.pem
  run kt config show -X ssl.key.location=key.pem
  like "$err" "^% every user of this machine can read the private key in key.pem: chmod go= key.pem$" "a key: $kind"
done
for kind in 'ENCRYPTED PRIVATE KEY' 'CERTIFICATE'; do
  printf -- '-----BEGIN %s-----\n' "$kind" >key.pem
  run kt config show -X ssl.key.location=key.pem
  is "$err" "" "not a key that all can use: $kind"
done

# ---- --auth ----
mkdir auth
for file in ca.crt kafka.keystore.pkcs12 kafka.truststore.pkcs12; do
  echo x >auth/$file
done
is "$(shown security.protocol --auth auth)" "ssl | --auth auth" "--auth means TLS"
is "$(shown ssl.ca.location --auth auth)" "auth/ca.crt | --auth auth" "its CA"
is "$(shown ssl.keystore.location --auth auth)" "auth/kafka.keystore.pkcs12 | --auth auth" "its keystore"
is "$(shown ssl.keystore.password --auth auth)" "" "it has no password"
cat >auth/client-ssl.properties <<'EOT'
security.protocol=SSL
ssl.truststore.location=/home/teacher/kafka.truststore.pkcs12
ssl.truststore.password=cc2023
ssl.keystore.location=/home/teacher/kafka.keystore.pkcs12
ssl.keystore.password=cc2023
EOT
is "$(shown ssl.keystore.password --auth auth)" "******** | auth/client-ssl.properties:5" "the folder's file has one"
echo 'ssl.keystore.password=env:FILE' >pw
is "$(shown ssl.keystore.password --auth auth -F pw)" "******** | auth/client-ssl.properties:5" \
  "the folder knows better than a file for every cluster"
printf '[profile p]\nssl.keystore.password=env:PROFILE\n' >pw
is "$(shown ssl.keystore.password --auth auth -F pw --profile p)" "env:PROFILE | pw:2 [p]" "a profile beats the folder"
is "$(KT_X_SSL_KEYSTORE_PASSWORD=env:E shown ssl.keystore.password --auth auth -F pw --profile p)" \
  "env:E | KT_X_SSL_KEYSTORE_PASSWORD" "the environment beats a profile"
is "$(KT_X_SSL_KEYSTORE_PASSWORD=env:E shown ssl.keystore.password --auth auth -X ssl.keystore.password=ask:)" \
  "ask: | -X" "a flag beats all"
is "$(shown ssl.ca.location --auth auth -X ssl.ca.location=/mine)" "/mine | -X" "an explicit path beats the folder's"
printf '[profile p]\nssl.ca.location=/mine\n' >pw
is "$(shown ssl.ca.location --auth auth -F pw --profile p)" "auth/ca.crt | --auth auth" "but not a weaker one"
rm auth/ca.crt
is "$(shown ssl.truststore.location --auth auth)" "auth/kafka.truststore.pkcs12 | --auth auth" \
  "without ca.crt the truststore"
echo "kt.auth=$PWD/auth" >pw
is "$(shown kt.auth -F pw)" "$PWD/auth | pw:1" "kt.auth in a file"

# What a folder brings is somebody else's: whichever way it is named, it runs and sends nothing.
mkdir evil && echo x >evil/ca.crt && echo "$HOME" >id
cat >evil/client.properties <<'EOT'
bootstrap.servers=127.0.0.1:1
security.protocol=SASL_PLAINTEXT
sasl.mechanism=GSSAPI
sasl.kerberos.kinit.cmd=touch ./pwned
sasl.password=file:./id
plugin.library.paths=./evil/plugin
client.id=${HOME}
EOT
for way in "topic list" "check" "__complete consume" "config init -y" "config show"; do
  # shellcheck disable=SC2086
  KT_AUTH=evil run timeout 20 kt $way -m 1
  [ "$way" = "__complete consume" ] || like "$err" "^% evil/client.properties: left out, since a folder only sets credentials: sasl.kerberos.kinit.cmd, plugin.library.paths, client.id" \
    "$way: what is left out"
  [ "$way" = "__complete consume" ] || like "$err" "^% evil/client.properties: left out, since it is not in the folder: sasl.password" "$way: what it refers to"
  ok "$way: nothing is run" test ! -e pwned
done
rm -r evil

# ---- what is not a file is not replaced by one ----
mkfifo pipe && ln -s pipe to-pipe && ln -s nothing to-nothing
[ "$(id -u)" -ne 0 ] || mknod null c 1 3
for there in pipe to-pipe to-nothing null .; do
  if [ ! -e $there ] && [ ! -L $there ]; then
    skip "a device" "needs root"
    continue
  fi
  before=$(stat -c '%F %i' $there)
  run env KT_CONFIG=$there timeout 20 kt config init -y -b 127.0.0.1:1 -m 1
  is "$status" 2 "config init refuses $there"
  like "$err" "^kt config init: KT_CONFIG: $there is (not a regular file|a symbolic link to what is not there)" "and says why"
  is "$(stat -c '%F %i' $there)" "$before" "and it is still what it was"
done
rm -f pipe to-pipe to-nothing null

hint="it takes the folder with ca.crt and kafka.keystore.pkcs12"
refused "--auth: cannot use nowhere: No such file or directory" "$hint" kt config show --auth nowhere
refused "--auth: cannot use pw: Not a directory" "$hint" kt config show --auth pw
mkdir empty
refused "--auth: empty holds no keystore" \
  "$hint (also .p12, keystore.p12), or with client-ssl.properties that names them" kt config show --auth empty

# The library fails late here, after it has made what a configuration and its handle share.
run kt topic list -b 127.0.0.1:1 -X security.protocol=ssl -X ssl.ca.pem=garbage
is "$status" 2 "what the library refuses only when it makes a handle: status"
like "$err" "^kt topic list: the configuration does not work: .*ssl.ca.pem" "what the library refuses only then is named"

done_testing
