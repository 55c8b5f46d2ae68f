#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tables, JSON and charts of what tests/bench/run has printed, or compares it with stored figures.

usage: report.py OUTPUT DIR             DIR/bench.md, bench.json, a chart DIR/*.svg for each kind of
                                        figure, and the tables on standard output
       report.py --check OUTPUT FIGURES exit status 1 if a figure is more than 2 % worse than the stored one

Figures of another kernel than the stored one's are compared as multiples of
what plain routing costs in the same run.
"""
import datetime
import json
import re
import sys
from xml.sax.saxutils import escape

NEW = ', new flow for each packet'
PLAIN = 'plain routing'
WORSE = 1.02

# What there is of one path: of what, what its names end in, name of the chart, title.
KINDS = [
    ('packet', '', 'packets', 'per packet, pod to pod across nodes (established flows)'),
    ('packet', NEW, 'new-flows', 'per packet, each of a new flow'),
    ('round trip', ', UDP request and answer', 'requests', 'per UDP request and answer, programs included'),
    ('connection', ', TCP connection', 'connections', 'per TCP connection (connect, request, close), programs included'),
    ('megabyte', ', bulk TCP', 'bulk', 'per megabyte of TCP, programs included'),
]


class Report:
    """What one output of tests/bench/run says, in order."""

    def __init__(self, name):
        with open(name) as f:
            text = f.read()
        found = re.findall(r'^ *ok \d+ (.*): (\d+) (instructions|nanoseconds) per ([a-z ]+?)'
                           r'(?: \((\d+) to (\d+)\))?(?: #.*)?$', text, re.M)
        self.unit = found[0][2] if found else '?'
        self.of = {n: of for n, _, _, of, _, _ in found}
        self.figures = {n: int(v) for n, v, _, _, _, _ in found}
        self.spread = {n: (int(low), int(high)) for n, _, _, _, low, high in found if low}
        self.segments = dict(re.findall(r'^ *# (.*): ([\d.]+) segments per skb', text, re.M))
        kernel = re.search(r'^# kernel ([^ ,]*)', text, re.M)
        self.kernel = kernel.group(1) if kernel else '?'
        self.date = datetime.date.today().isoformat()

    def source(self):
        return '%s, %s, kernel %s, make bench%s' % (self.unit.capitalize(), self.date, self.kernel,
                                                    '-native' if self.spread else '')

    def of_kind(self, kind):
        """{path: name of the figure} of one of KINDS."""
        of, end = kind[:2]
        return {n[:len(n) - len(end)]: n for n in self.figures
                if self.of[n] == of and n.endswith(end) and (end or not n.endswith(NEW))}

    def cell(self, name):
        if name not in self.figures:
            return '–'
        spread = self.spread.get(name)
        return '{:,}'.format(self.figures[name]) + (' ({:,} to {:,})'.format(*spread) if spread else '')


def row(name, cells):
    bold = '**' if name.startswith('k8snet') else ''
    return '| %s%s%s | %s |' % (bold, name, bold, ' | '.join(cells))


def table(report, kinds, head, more=lambda name: []):
    """A row for each path, a column for each kind."""
    names = list(dict.fromkeys(n for kind in kinds for n in kind))
    out = ['| path | %s |' % ' | '.join(head), '|---' * (len(head) + 1) + '|']
    out += [row(n, [report.cell(kind.get(n)) for kind in kinds] + more(n)) for n in names]
    return '\n'.join(out) + '\n'


def tables(report):
    kinds = [report.of_kind(kind) for kind in KINDS]
    out = report.source() + '.\n'
    if kinds[0] or kinds[1]:
        out += '\n' + table(report, kinds[:2], ['established', 'a new flow with every packet'])
    if any(kinds[2:]):
        out += '\n' + table(report, kinds[2:], ['UDP request and answer', 'TCP connection', 'a megabyte of TCP',
                                                'segments per skb'], lambda n: [report.segments.get(n, '–')])
    return out


def chart(report, names, title):
    """Bars, the shortest on top."""
    data = sorted((report.figures[figure], n) for n, figure in names.items())
    left, width, step = 380, 420, 26
    top = data[-1][0]
    height = 60 + step * len(data)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="900" height="%d" font-family="sans-serif" font-size="13">' % height,
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="24" font-size="16">%s %s</text>' % (report.unit.capitalize(), escape(title))]
    for i, (value, name) in enumerate(data):
        y = 44 + i * step
        colour = '#2a7f62' if name.startswith('k8snet') else '#9aa5b1'
        bar = value * width / top
        out.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (left - 8, y + 14, escape(name)))
        out.append('<rect x="%d" y="%d" width="%.0f" height="18" fill="%s"/>' % (left, y, bar, colour))
        out.append('<text x="%.0f" y="%d">%s</text>' % (left + bar + 6, y + 14, '{:,}'.format(value)))
    out.append('<text x="10" y="%d" font-size="11" fill="#666">%s</text>' % (height - 6, escape(report.source())))
    out.append('</svg>')
    return '\n'.join(out) + '\n'


def check(output, stored):
    report = Report(output)
    with open(stored) as f:
        was = json.load(f)
    wanted, scale = was['figures'], 1
    if report.kernel != was['kernel'] and PLAIN in report.figures and PLAIN in wanted:
        scale = report.figures[PLAIN] / wanted[PLAIN]
        print('kernel %s, not %s: as multiples of %s, which is %+.1f %%' %
              (report.kernel, was['kernel'], PLAIN, 100 * (scale - 1)))
    worse = 0
    for name, value in report.figures.items():
        if name not in wanted:
            print('%-60s %9d  (no stored figure)' % (name, value))
            continue
        expect = wanted[name] * scale
        bad = value > expect * WORSE
        worse += bad
        print('%-60s %9d  expected %9d  %+.1f %%%s' % (name, value, expect, 100 * (value / expect - 1), '  WORSE' if bad else ''))
    if not report.figures:
        print('nothing was measured')
    return 1 if worse or not report.figures else 0


def main():
    if sys.argv[1] == '--check':
        sys.exit(check(sys.argv[2], sys.argv[3]))
    output, folder = sys.argv[1:]
    report = Report(output)
    text = tables(report)
    with open(folder + '/bench.md', 'w') as f:
        f.write(text)
    for kind in KINDS:
        names = report.of_kind(kind)
        if names:
            with open('%s/%s.svg' % (folder, kind[2]), 'w') as f:
                f.write(chart(report, names, kind[3]))
    with open(folder + '/bench.json', 'w') as f:
        json.dump({'date': report.date, 'kernel': report.kernel, 'unit': report.unit, 'figures': report.figures,
                   'spread': report.spread, 'segments per skb': {n: float(v) for n, v in report.segments.items()}},
                  f, indent=1)
        f.write('\n')
    print(text, end='')


main()
