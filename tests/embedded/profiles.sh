. "${0%/*}/../lib.sh"
# Profiles stand alone, and the credentials of one cluster never reach another.

need python3
start_broker --create t:1
brokers=$KT_BROKERS
unset KT_BROKERS
conf="$HOME/.config/kt/config"
mkdir -p "${conf%/*}" auth
echo x >auth/ca.crt && echo x >auth/kafka.keystore.pkcs12

# Somebody who writes down the first bytes that each client sends, and hangs up.
cat >listener.py <<'EOT'
import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    client.settimeout(5)
    with client, open("heard", "ab", 0) as heard:
        try:
            heard.write(client.recv(65536))
        except OSError:
            pass
EOT
start listener python3 listener.py
wait_for test -s listener.out
other=127.0.0.1:$(cat listener.out)
# heard COMMAND…: what the listener was sent.
heard() {
  rm -f heard
  run "$@"
  wait_for test -s heard
}

# ---- the embedded broker beside a cluster with TLS ----
cat >"$conf" <<EOT
bootstrap.servers=127.0.0.1:1
kt.auth=$PWD/auth
ssl.keystore.password=geheim
[profile lab]
bootstrap.servers=$brokers
[profile sasl]
bootstrap.servers=127.0.0.1:1
security.protocol=sasl_plaintext
sasl.mechanism=PLAIN
sasl.username=alice
sasl.password=geheim
EOT
chmod 600 "$conf"
echo one | kt produce t -q -b "$brokers"
for way in "-b $brokers" "--profile lab" "--profile sasl -b $brokers"; do
  # shellcheck disable=SC2086
  run kt consume t -e -q $way
  is "$status $out $err" "0 one " "a kt broker is spoken to plainly: $way"
done
run env KT_BROKERS="$brokers" KT_AUTH="$PWD/auth" kt consume t -e -q
is "$status $out" "0 one" "by KT_BROKERS, with KT_AUTH of another cluster"
run kt topic list -b "$brokers"
is "$err" "" "and nothing is said about it"
run kt broker --create u:1 -- sh -c 'kt topic list'
is "$status $out" "0 u" "a command of its own"

# ---- what another cluster hears ----
heard kt topic list -m 1 -b "$other"
like "$err" "^% the credentials in ~/.config/kt/config are for 127.0.0.1:1 and are not sent to $other; if that is the same cluster, add --profile default$" \
  "-b for another cluster: what is left out is said"
like "$(od -An -tx1 -N 2 heard)" "^ 00 00" "which is spoken to plainly"
heard env KT_PROFILE=sasl kt topic list -m 1 -b "$other"
like "$err" "in ~/.config/kt/config \[sasl\] are .* add --profile sasl$" "KT_PROFILE is no word of this command"
ok "no password is sent" test "$(grep -c geheim heard)" = 0
run kt topic list -m 1 --profile default -b "$other"
like "$status $err" "^2 kt topic list: .*keystore" "with --profile the credentials are used"
heard kt topic list -m 1 -b "$other" -q
is "$(echo "$err" | grep -c credentials)" 1 "a warning, which -q leaves"
run kt config show -b "$other" -X security.protocol=plaintext
is "$err" "" "who says how to speak to it has not forgotten anything"
run kt config show -b "$other" -X sasl.password=x
is "$err" "" "nor has who gives other credentials"

# ---- two clusters by profile ----
run kt topic list --profile none -b "$brokers"
is "$status $out" "0 t" "--profile none"
run env KT_BROKERS="$other" kt topic list --profile lab
is "$status $out" "0 t" "a profile that is named outweighs KT_BROKERS"
like "$err" "^% KT_BROKERS \($other\) is not used: the configuration named here is for $brokers$" "which is said"
run sh -c 'kt consume -J t -e --profile lab | kt produce -J t2 -b "$1" && kt consume t2 -e --profile lab' sh "$brokers"
is "$status $out" "0 one" "a copy beside it"

done_testing
