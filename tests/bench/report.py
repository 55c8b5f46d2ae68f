#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes a table, JSON and a chart of what tests/bench/run has printed, or compares it with stored figures.

usage: report.py OUTPUT DIR             DIR/bench.{md,json,svg}, and the table on standard output
       report.py --check OUTPUT FIGURES exit status 1 if a figure is more than 2 % worse than the stored one
"""
import datetime
import json
import re
import sys
from xml.sax.saxutils import escape

NEW = ', new flow for each packet'
WORSE = 1.02


def figures(name):
    """What was measured, in order, and the kernel."""
    with open(name) as f:
        text = f.read()
    found = re.findall(r'^ *ok \d+ (.*): (\d+) instructions per packet', text, re.M)
    kernel = re.search(r'^# kernel ([^ ,]*)', text, re.M)
    return {n: int(v) for n, v in found}, kernel.group(1) if kernel else '?'


def rows(measured):
    """Each path once: name, established, new flow."""
    names = []
    for name in measured:
        base = name[:-len(NEW)] if name.endswith(NEW) else name
        if base not in names:
            names.append(base)
    return [(n, measured.get(n), measured.get(n + NEW)) for n in names]


def table(measured, kernel, date):
    out = ['Instructions per packet, %s, kernel %s, `make bench`.' % (date, kernel), '',
           '| path | established | new flow for each packet |', '|---|---|---|']
    for name, old, new in rows(measured):
        bold = '**' if name.startswith('k8snet') else ''
        out.append('| %s%s%s | %s | %s |' % (bold, name, bold, '{:,}'.format(old) if old else '–',
                                             '{:,}'.format(new) if new else '–'))
    return '\n'.join(out) + '\n'


def chart(measured, kernel, date):
    """Bars, the shortest on top."""
    data = sorted(((v, n) for n, v in measured.items() if not n.endswith(NEW)))
    left, width, step = 380, 420, 26
    top = max(v for v, _ in data)
    height = 60 + step * len(data)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="900" height="%d" font-family="sans-serif" font-size="13">' % height,
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="24" font-size="16">Instructions per packet, pod to pod across nodes (established flows)</text>']
    for i, (value, name) in enumerate(data):
        y = 44 + i * step
        colour = '#2a7f62' if name.startswith('k8snet') else '#9aa5b1'
        bar = value * width / top
        out.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (left - 8, y + 14, escape(name)))
        out.append('<rect x="%d" y="%d" width="%.0f" height="18" fill="%s"/>' % (left, y, bar, colour))
        out.append('<text x="%.0f" y="%d">%s</text>' % (left + bar + 6, y + 14, '{:,}'.format(value)))
    out.append('<text x="10" y="%d" font-size="11" fill="#666">%s, kernel %s, make bench</text>' % (height - 6, date, escape(kernel)))
    out.append('</svg>')
    return '\n'.join(out) + '\n'


def check(output, stored):
    measured, _ = figures(output)
    with open(stored) as f:
        wanted = json.load(f)['figures']
    worse = 0
    for name, value in measured.items():
        was = wanted.get(name)
        if was is None:
            print('%-60s %7d  (no stored figure)' % (name, value))
            continue
        bad = value > was * WORSE
        worse += bad
        print('%-60s %7d  stored %7d  %+.1f %%%s' % (name, value, was, 100 * (value - was) / was, '  WORSE' if bad else ''))
    if not measured:
        print('nothing was measured')
    return 1 if worse or not measured else 0


def main():
    if sys.argv[1] == '--check':
        sys.exit(check(sys.argv[2], sys.argv[3]))
    output, folder = sys.argv[1:]
    measured, kernel = figures(output)
    date = datetime.date.today().isoformat()
    with open(folder + '/bench.md', 'w') as f:
        f.write(table(measured, kernel, date))
    with open(folder + '/bench.svg', 'w') as f:
        f.write(chart(measured, kernel, date))
    with open(folder + '/bench.json', 'w') as f:
        json.dump({'date': date, 'kernel': kernel, 'unit': 'instructions per packet', 'figures': measured}, f, indent=1)
        f.write('\n')
    print(table(measured, kernel, date), end='')


main()
