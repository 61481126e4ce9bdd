# shellcheck disable=SC2086
. "${0%/*}/tls-lib.sh"
# kt acl, as who may do everything (the plain listener) and as a client who may not.
need jq
me="--auth auth -b $address" root="-b $plain" who=alice-$$

run kt acl add $root --principal "$who" --consumer --topic orders- --group "$who" --prefixed
is "$status" 0 "acl add"
is "$err" "% added: User:$who may READ every topic that begins with orders-
% added: User:$who may DESCRIBE every topic that begins with orders-
% added: User:$who may READ every group that begins with $who" "what reading takes"
rows="User:$who	*	ALLOW	READ	TOPIC	orders-	PREFIXED
User:$who	*	ALLOW	DESCRIBE	TOPIC	orders-	PREFIXED
User:$who	*	ALLOW	READ	GROUP	$who	PREFIXED"
# Whichever broker is asked: the command ends when each of them knows.
for broker in $(echo "$plain" | tr , ' '); do
  is "$(kt acl list -b "$broker" --principal "$who")" "$rows" "acl list of $broker"
done
run kt acl list $root --topic orders-1 --pattern match --principal "$who"
is "$out" "$(printf '%s\n' "$rows" | head -n 2)" "what decides about a topic"
run kt acl list $root --topic orders-1 --topic orders-2 --pattern match --principal "$who" --operation describe,read
is "$out" "$(printf '%s\n' "$rows" | head -n 2)" "what matches several words is listed once, and all of it sorted"
run kt acl list $root --principal "$who" --operation describe -J
is "$out" "{\"principal\":\"User:$who\",\"host\":\"*\",\"permission\":\"ALLOW\",\"operation\":\"DESCRIBE\",\"resource\":\"TOPIC\",\"name\":\"orders-\",\"pattern\":\"PREFIXED\"}" \
  "as JSON"
run kt acl add $root -n --deny-principal "$who" --operation alter,describe-configs --cluster --host 10.0.0.1
is "$status:$err" "0:% would add: User:$who may not ALTER the cluster from 10.0.0.1
% would add: User:$who may not DESCRIBE_CONFIGS the cluster from 10.0.0.1" "--dry-run"
run kt acl add $root --principal "$who" --operation reed --topic t
is "$status" 2 "an unknown operation: status 2"

run kt acl remove $root
is "$status" 2 "remove without words: status 2"
run setsid kt acl remove $root --principal "$who"
is "$status:$out" "2:$rows" "without a terminal what it would be is shown"
is "$(kt acl list $root --principal "$who")" "$rows" "and nothing removed"
run script -qec "kt acl remove $root --principal $who --group $who" /dev/null <<'END'
n
END
is "$status" 1 "no is an answer"
run kt acl remove $root --principal "$who" --topic orders- --yes
is "$status:$err" "0:% removed 2 ACLs" "those of the topic"
is "$(kt acl list $root --principal "$who")" "$(printf '%s\n' "$rows" | tail -n 1)" "the other is left"
run kt acl remove $root --principal "$who" --yes
run kt acl remove $root --principal "$who" --yes
is "$status" 4 "there is none any more: status 4"
run kt acl remove $root --principal "$who" --yes --if-exists
is "$status" 0 "--if-exists"

# What the library makes an empty list of.
for command in list "remove --yes"; do
  run kt acl $command $me --principal client58
  is "$status:$out" "1:" "$command without the right: status 1"
  is "$err" "kt acl ${command% *}: reading ACLs: this client is not allowed to do that
hint: it needs the right to Describe the cluster" "and which right it takes"
done
run kt acl add $me --principal "$who" --operation read --topic t
is "$status:$err" "1:kt acl add: adding an ACL: this client is not allowed to do that
hint: it needs the right to Alter the cluster" "so is adding"
run kt acl list $root --principal nobody
is "$status:$out$err" "0:" "none is none"

# Users with SCRAM passwords, which librdkafka speaks of since 2.2.
run kt user list $root client58
if kt --version | grep -q '^librdkafka 2\.[01]\.'; then
  is "$status" 1 "users before librdkafka 2.2: status 1"
  like "$err" "^kt user list: SCRAM users need librdkafka 2\.2 or newer; this one is 2\." "said"
else
  is "$status:$out" "0:client58	SCRAM-SHA-256	4096
client58	SCRAM-SHA-512	4096" "user list"
  echo secret >secret
  run kt user set $root "$who" --password-file secret
  is "$status:$err" "0:% set the password of user $who for SCRAM-SHA-512" "user set"
  run kt user remove $root "$who" --yes
  is "$status:$err" "0:% removed the password of user $who for SCRAM-SHA-512" "user remove"
  run kt user list $me
  is "$status" 1 "without the right: status 1"
fi
# kt serve has this client's rights and no others: 403 says so, before or after the record was sent.
if kt --version | grep -q +http; then
  # shellcheck disable=SC2086
  start served kt serve $me --listen 127.0.0.1:0
  wait_for grep -q '^% serving at' served.err
  url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)
  while IFS='|' read -r expected what arguments; do
    # shellcheck disable=SC2086
    is "$(curl -sS -o answer -w '%{http_code}' $arguments)" "$expected" "$what: $expected"
  done <<END
200|its own topic|-d x $url/produce/client58
200|one that all may write|-d x $url/produce/inbox
403|somebody else's|-d x $url/produce/client59
403|one that it may only read|-d x $url/produce/experiment
403|the same by the REST proxy's API|$url/topics/experiment -d {"records":[{"value":"eA=="}]} -H Content-Type:application/json
200|what it may read|$url/consume/experiment?offset=beginning&timeout=0
403|what it may only write|$url/consume/inbox?offset=beginning&timeout=0
END
  stop "$pid" TERM
  is "$status" 0 "a signal ends it"
fi
done_testing
