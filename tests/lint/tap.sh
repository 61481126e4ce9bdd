. "${0%/*}/../lib.sh"
# The helpers of lib.sh must be able to fail: a script in which every case is wrong.

mkdir -p suite && cp "$tests/lib.sh" . && cat >suite/wrong.sh <<'EOF'
. "${0%/*}/../lib.sh"
is a b "is"
like "one" "^two" "like"
unlike "one" "^one" "unlike"
printf a >x && printf b >y && same x y "same"
ok "ok" false
done_testing
EOF
run sh suite/wrong.sh
is "$status" 1 "a script with failed cases has status 1"
is "$(grep -c '^not ok' out)" 5 "every helper can fail"
like "$out" "^1\.\.5" "the plan is printed"

printf '. "${0%%/*}/../lib.sh"\npass "one"\nexit 0\n' >suite/short.sh
run sh suite/short.sh
like "$out" "^not ok 2 - runs to its end" "a script that stops early is noticed"

printf '. "${0%%/*}/../lib.sh"\nstart nap sleep 100\necho "$pid"\ndone_testing\n' >suite/nap.sh
run sh suite/nap.sh
nap=$(head -n 1 out)
ok "what was started is ended" test -n "$nap" -a ! -e "/proc/$nap"

printf '. "${0%%/*}/../lib.sh"\nmissing "the moon"\n' >suite/missing.sh
run env CI= sh suite/missing.sh
like "$out" "^1\.\.0 # SKIP the moon" "what is missing is skipped by hand"
run env CI=true sh suite/missing.sh
like "$out" "^not ok 1 - the moon" "what is missing is a failure in CI"

done_testing
