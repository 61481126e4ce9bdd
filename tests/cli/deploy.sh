. "${0%/*}/../lib.sh"
# docs/deploy: files for Docker Compose and Kubernetes, where neither is there: by the schemas of others, and each option that
# they give to kt by kt. tests/newer/image.sh goes through the Dockerfile.
kt --version | grep -q +websocket || skip_all "built without libwslay"
need python3
deploy=$tests/../docs/deploy

python=$("$tests/modules" python-deploy kubernetes-validate==1.28.3 'PyYAML>=6' jsonschema 2>modules.err) || skip_all "$(cat modules.err)"
# Only the schema of it: it wants libraries that cannot be had any more.
compose=$("$tests/modules" python-compose --no-deps docker-compose==1.29.2 2>modules.err) || skip_all "$(cat modules.err)"
"$python" "$tests/cli/deploy.py" "$deploy" "${compose%/python}/modules/compose/config/compose_spec.json" >lines 2>lines.err
is "$?" 0 "they can be read"
note "$(cat lines.err)"
while read -r result words; do
  case $result in
  ok) pass "${words#- }" ;;
  *) fail "${words#ok - }" ;;
  esac
done <lines
if command -v haproxy >/dev/null; then
  run haproxy -c -f "$deploy/haproxy.cfg"
  is "$status" 0 "haproxy takes its file"
else
  skip "haproxy takes its file" "haproxy is not installed"
fi
done_testing
