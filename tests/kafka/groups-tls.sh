. "${0%/*}/tls-lib.sh"
# kt group as a student, who may use any group but `denied` and no topic but client58; the plain listener may all.
need jq

super() {
  kt "$@" -b "$plain"
}
student() {
  run kt "$@" --auth auth -b "$address"
}
seq 5 | super produce client58 -q -p 0
seq 5 | super produce client59 -q -p 0
for group in shared other; do
  super group reset "$group-$$" -t client58 -t client59 --to earliest --execute -q >/dev/null
done
super group reset denied -t client58:0 --to earliest --execute -q >/dev/null
start live kt consume client58 client59 -g "live-$$" --reset earliest -q -b "$plain"
live=$pid
stable() {
  super group list -J "live-$$" | grep -q '"Stable"'
}
wait_for stable

student group list "*-$$"
is "$status" 0 "list"
student group describe "shared-$$" --offsets
is "$(printf '%s\n' "$out" | cut -f 2 | sort -u)" client58 "of a group's topics those that the student may see"
student group describe "live-$$"
is "$status" 0 "what is hidden is no failure"
is "$(printf '%s\n' "$out" | grep -c '^client59	.*	-	.*	not permitted$')" 16 "it is marked"
is "$(printf '%s\n' "$out" | grep -c '^client58	')" 16 "and the rest printed"
student group describe "live-$$" -J
is "$(printf '%s\n' "$out" | jq -c '[.partitions[] | select(.topic == "client59") | .error] | unique')" \
  '["TOPIC_AUTHORIZATION_FAILED"]' "as JSON"
student group reset "shared-$$" -t client59 --to latest
is "$status" 1 "a plan for a topic that may not be seen: status 1"
like "$err" "^kt group reset: topic client59: this client is not allowed to use the topic" "the reason"
student group reset denied -t client58:0 --to latest --execute
is "$status" 1 "a group that may not be committed for: status 1"
like "$err" "^% group denied stays where it is: not permitted$" "the reason"
student group delete "other-$$" --yes
is "$status" 1 "delete without the right to: status 1"
like "$err" "^kt group delete: group other-$$: this client is not allowed to delete it" "the reason"

stop "$live"
idle() {
  super group list -J "live-$$" | grep -q '"Empty"'
}
wait_for idle
super group reset "live-$$" --to earliest --execute -q >/dev/null
student group reset "shared-$$" --to latest --execute
is "$status" 0 "a group's own topic"
is "$(super group describe "shared-$$" -J | jq -c '[.partitions[] | select(.committed > 0) | .topic] | unique')" \
  '["client58"]' "and only that"
student group reset "fresh-$$" --from-group "live-$$" --execute
is "$status" 0 "after another group"
super group delete "*-$$" denied --yes -q
is "$?" 0 "who may delete, deletes"
done_testing
