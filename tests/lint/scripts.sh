. "${0%/*}/../lib.sh"
# All shell scripts pass shellcheck. Test scripts find lib.sh by their own place (SC1091) and read what it sets
# (SC2154); SC2034 and SC2016 are about what they hand to it and to other shells.
need shellcheck

cd "${tests%/tests}" || exit 1
for script in dev packaging/deb packaging/bundle packaging/sonames .ci/run tests/tally tests/jars tests/lib.sh tests/kafka/cluster tests/*/*.sh; do
  case $(head -n 1 "$script") in '#!/bin/bash'*) dialect=bash ;; *) dialect="sh" ;; esac
  if shellcheck -s "$dialect" -e SC1091,SC2154,SC2034,SC2016 "$script" >"$work/said" 2>&1; then
    pass "$script"
  else
    fail "$script" "$(cat "$work/said")"
  fi
done
done_testing
