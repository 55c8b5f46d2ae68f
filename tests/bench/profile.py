#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turns what tests/bench/profile.c has written into instructions per packet (or connection, ...) and function.

usage: profile.py KERNEL-SYMBOLS MODULE-SYMBOLS BENCH-OUTPUT PREFIX DIR
"""
import bisect
import os
import re
import sys


def symbols(*files):
    """Addresses in order, and the name of each."""
    table = []
    for name in files:
        with open(name) as f:
            for line in f:
                word = line.split()
                if len(word) >= 3 and word[1] in 'tTwW':
                    table.append((int(word[0], 16), word[2] + (' ' + word[3] if len(word) > 3 else '')))
    table.sort()
    return [t[0] for t in table], [t[1] for t in table]


def main():
    kernel, modules, output, prefix, out = sys.argv[1:]
    addresses, names = symbols(kernel, modules)
    with open(output) as f:
        measured = re.findall(r'^ *ok \d+ (.*): (\d+) instructions per .*\n(?: *# packets (\d+))?', f.read(), re.M)
    for n, (name, figure, packets) in enumerate(measured, 1):
        path = '%s.%d' % (prefix, n)
        if not os.path.exists(path):
            break
        total = {}
        with open(path) as f:
            for line in f:
                address, count = line.split()
                at = bisect.bisect_right(addresses, int(address, 16)) - 1
                user = int(address, 16) < 1 << 63
                where = 'user' if user or at < 0 else names[at]
                total[where] = total.get(where, 0) + int(count)
        with open(os.path.join(out, re.sub(r'[^A-Za-z0-9]+', '-', name) + '.txt'), 'w') as f:
            per = int(packets or 4000)
            f.write('%s: %s instructions per packet\n' % (name, figure))
            for where, count in sorted(total.items(), key=lambda x: -x[1]):
                if count >= per:
                    f.write('%8.1f  %s\n' % (count / per, where))


main()
