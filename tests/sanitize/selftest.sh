#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's own tests of its tables, which a build with DEBUG runs as it is loaded (kmod/selftest).
#
# timeout: 300

. "$(dirname "$0")/../lib.sh"

ktap_start
check "the module is loaded: it has passed its own tests" modprobe k8snet
dmesg | grep -o 'k8snet: selftest .*' >"$T/said" || :
if [ ! -s "$T/said" ]; then
	skip "tables against their twins" "this module was built without DEBUG"
	ktap_end
fi
for table in addrset podnet backend affinity service; do
	check_eq "$table: a million random operations agree with a slow twin" \
		"k8snet: selftest $table: passed, 1000000 operations" "$(grep " $table:" "$T/said")"
done
check_eq "hash: a million hashes, in no table a long chain that another seed would keep" \
	"k8snet: selftest hash: passed, 1000000 operations" "$(grep " hash:" "$T/said")"
check_eq "and nothing else has been said" 6 "$(wc -l <"$T/said")"

ktap_end
