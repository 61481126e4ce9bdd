"""What the files of docs/deploy say, beside schemas of others and kt itself: deploy.py FOLDER COMPOSE_SCHEMA"""
import json
import pathlib
import subprocess
import sys

import jsonschema
import kubernetes_validate
import yaml

folder = pathlib.Path(sys.argv[1])


def say(good, words, why=""):
    print("%s - %s%s" % ("ok" if good else "not ok", words, "" if good else ": %s" % why), flush=True)


def fault_of(check, *arguments):
    try:
        check(*arguments)
    except Exception as fault:  # whatever says no
        return str(fault).splitlines()[0]
    return ""


def routes(arguments):
    """What kt would serve with them."""
    return subprocess.run(["kt", *arguments, "--print-routes"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


compose = yaml.safe_load((folder / "compose.yaml").read_text(encoding="utf-8"))
fault = fault_of(jsonschema.validate, compose, json.load(open(sys.argv[2], encoding="utf-8")))
say(not fault, "compose.yaml has the shape of one", fault)
services = compose["services"]
chats = {name: each for name, each in services.items() if each["image"] == "kt"}
say(len(chats) == 2, "with two chats", list(services))
say({name: each["environment"].pop("podname") for name, each in chats.items()} == {name: name for name in chats}, "each with its name", chats)
say(len({json.dumps(each) for each in chats.values()}) == 1, "and else the same")
balancer = (folder / "haproxy.cfg").read_text(encoding="utf-8")
for name in chats:
    say("server %s %s:8000" % (name, name) in balancer, "the balancer knows of %s" % name, balancer)

documents = list(yaml.safe_load_all((folder / "chatserver.yaml").read_text(encoding="utf-8")))
for each in documents:
    fault = fault_of(kubernetes_validate.validate, each, "1.28", True)
    say(not fault, "a %s of Kubernetes" % each["kind"], fault)
deployment, service = documents
pod = deployment["spec"]["template"]
container = pod["spec"]["containers"][0]
say(deployment["spec"]["replicas"] == 2, "two of them")
say(pod["metadata"]["labels"].items() >= service["spec"]["selector"].items(), "which the service finds")
environment = {each["name"]: each for each in container["env"]}
say(environment["podname"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name", "named as their pods are")
ports = {each["name"]: each["containerPort"] for each in container["ports"]}
say(service["spec"]["ports"][0]["targetPort"] in ports, "the port of the service is one of theirs", ports)

for where, arguments in ("compose.yaml", next(iter(chats.values()))["command"]), ("chatserver.yaml", container["args"]):
    done = routes(arguments)
    say(done.returncode == 0, "%s: kt takes its arguments" % where, done.stdout)
    served = {}
    for line in done.stdout.splitlines():
        if line.startswith("# :"):
            rows = served[int(line[3:])] = []
        else:
            rows.append(line)
    say("GET /ws chat chat" in served.get(8000, ()), "and serves the chat", done.stdout)
    for probe in ("readiness", "liveness"):
        http = container[probe + "Probe"]["httpGet"]
        say("GET %s " % http["path"] in " ".join(served[ports[http["port"]]]), "and answers what %s asks for" % probe, done.stdout)
drain = container["args"][container["args"].index("--drain") + 1]
say(pod["spec"]["terminationGracePeriodSeconds"] >= int(drain.removesuffix("s")) + 10, "they are not ended before they have ended", drain)
