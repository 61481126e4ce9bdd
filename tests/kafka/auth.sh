. "${0%/*}/tls-lib.sh"
# The tutorial's credentials folder against brokers that demand a client certificate, and `kt config init` on it.

conf="$HOME/.config/kt/config"
n=0
# through NAME OPTION…: a record goes to the cluster and comes back.
through() {
  name=$1 n=$((n + 1))
  shift
  run sh -c 'echo "$1"; echo "$1" | (shift; kt produce -q client58 "$@")' - "$$-$n" "$@"
  is "$status $err" "0 " "writes with $name"
  like "$(kt consume client58 -o -1000 -e -q "$@" 2>&1)" "^$$-$n\$" "reads with $name"
}

through "the folder" --auth auth -b "$address"
mv auth/client-ssl.properties kept
run setsid kt produce client58 --auth auth -b "$address"
is "$status" 2 "a folder without password"
like "$err" "there is no password for the keystore auth/kafka.keystore.pkcs12" "is told so"
like "$err" "^hint: give it by -X ssl.keystore.password=" "and where it may stand"
through "a password by -X" --auth auth -b "$address" -X "ssl.keystore.password=$password"
echo "$password" >pw
through "a password in a file" --auth auth -b "$address" -X ssl.keystore.password=file:pw
export KT_X_SSL_KEYSTORE_PASSWORD="$password"
through "a password in the environment" --auth auth -b "$address"
unset KT_X_SSL_KEYSTORE_PASSWORD
printf '[profile p]\nssl.keystore.password=%s\n' "$password" >profile
through "a password in a profile" --auth auth -b "$address" -F profile --profile p
run kt consume client58 --auth auth -b "$address" -X ssl.keystore.password=wrong -e
is "$status" 2 "a wrong password"
like "$err" "the password does not open auth/kafka.keystore.pkcs12" "is told so"
like "$err" "^hint: ssl.keystore.password comes from -X" "and where it came from"
unlike "$err" wrong "but not what it is"
mv kept auth/client-ssl.properties

mv auth/ca.crt ca.crt
through "the truststore in place of ca.crt" --auth auth -b "$address"
sed "s#/auth/#$PWD/auth/#" auth/client-ssl.properties >java.properties
through "the Java tools' file as it is" -F java.properties -b "$address"
mv ca.crt auth/ca.crt

keytool -J-Dkeystore.pkcs12.legacy -importkeystore -noprompt -srckeystore auth/kafka.keystore.pkcs12 -srcstorepass \
  "$password" -destkeystore old.p12 -deststoretype PKCS12 -deststorepass "$password" 2>/dev/null
through "a keystore of an old Java" --auth auth -b "$address" -X ssl.keystore.location=old.p12
keytool -importkeystore -noprompt -srckeystore auth/kafka.keystore.pkcs12 -srcstorepass "$password" \
  -destkeystore old.jks -deststoretype JKS -deststorepass "$password" 2>/dev/null
run kt consume client58 -e --auth auth -b "$address" -X ssl.keystore.location=old.jks
is "$status" 2 "a JKS store"
like "$err" "^hint: convert it: keytool -importkeystore -srckeystore old.jks -destkeystore old.p12 -deststoretype PKCS12" \
  "gets the command that converts it"

run kt consume client58 -e --auth auth -b "$other"
is "$status" 1 "a certificate for another host name"
like "$err" "^hint: .* -X ssl.endpoint.identification.algorithm=none" "gets the property that accepts it"
through "host names not compared" --auth auth -b "$other" -X ssl.endpoint.identification.algorithm=none
printf 'ssl.endpoint.identification.algorithm=\n' >>java.properties
through "Java's way to say so" -F java.properties -b "$other"

run kt config init --auth auth -b "$address"
is "$status" 0 "kt config init"
is "$(cat "$conf")" "bootstrap.servers=$address
kt.auth=$PWD/auth
kt.topic=client58" "writes the folder's full path, and the certificate's CN as the topic"
like "$err" "^% the keystore's password stays in auth/client-ssl.properties:5" "the password stays where it is"
echo flagless | kt produce -q
is "$status" 0 "kt produce needs no flags"
like "$(kt consume --group "g$$" --reset earliest -e -q)" "^flagless$" "neither does kt consume"

rm "$conf"
run setsid kt config init --auth auth -b "$other" --profile lab
is "$status" 1 "names that differ are not accepted unasked"
like "$err" "^hint: if that is as it should be, accept it: --yes, or -X ssl.endpoint" "how to accept is said"
ok "nothing is written" test ! -e "$conf"
rm auth/client-ssl.properties
run kt config init --auth auth -b "$other" --profile lab --yes -X "ssl.keystore.password=$password"
is "$status" 0 "--yes accepts"
is "$(cat "$conf")" "[profile lab]
bootstrap.servers=$other
kt.auth=$PWD/auth
kt.topic=client58
ssl.endpoint.identification.algorithm=none
ssl.keystore.password=$password" "and all that was needed is in the profile"
echo lab | kt produce -q --profile lab
is "$?" 0 "which works"

done_testing
