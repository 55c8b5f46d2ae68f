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
import math
import re
import sys
from xml.sax.saxutils import escape

NEW = ', new flow for each packet'
PLAIN = 'plain routing'
WORSE = 1.02
# What a path is called that was measured with several numbers of services; the
# one that stands for it among the others.
SIZED = re.compile(r'^(.*), ([\d,]+) services$')
USUAL = '1,000'

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

    def usual(self, kind):
        """The same, but one number of services of each."""
        return {path: name for path, name in self.of_kind(kind).items()
                if not SIZED.match(path) or SIZED.match(path).group(2) == USUAL}

    def sized(self, kind):
        """{path: {number of services: name of the figure}} of those with several."""
        out = {}
        for path, name in self.of_kind(kind).items():
            match = SIZED.match(path)
            if match:
                out.setdefault(match.group(1), {})[int(match.group(2).replace(',', ''))] = name
        return {path: names for path, names in out.items() if len(names) > 1}

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
    kinds = [report.usual(kind) for kind in KINDS]
    out = report.source() + '.\n'
    if kinds[0] or kinds[1]:
        out += '\n' + table(report, kinds[:2], ['established', 'a new flow with every packet'])
    if any(kinds[2:]):
        out += '\n' + table(report, kinds[2:], ['UDP request and answer', 'TCP connection', 'a megabyte of TCP',
                                                'segments per skb'], lambda n: [report.segments.get(n, '–')])
    for kind in KINDS:
        sized = report.sized(kind)
        sizes = sorted({n for names in sized.values() for n in names})
        if sized:
            out += '\n%s, by number of services:\n\n' % kind[3]
            out += '| path | %s |\n' % ' | '.join('{:,}'.format(n) for n in sizes) + '|---' * (len(sizes) + 1) + '|\n'
            out += '\n'.join(row(path, [report.cell(names.get(n)) for n in sizes]) for path, names in sized.items()) + '\n'
    return out


COLOURS = ['#c0392b', '#8e44ad', '#2c6fbb', '#d68910', '#566573']


def chart_sized(report, sized, title):
    """A line for each path, both axes logarithmic."""
    left, top, width, height = 90, 50, 470, 330
    sizes = sorted({n for names in sized.values() for n in names})
    values = [report.figures[name] for names in sized.values() for name in names.values()]
    low, high = min(values) / 1.2, max(values) * 1.2

    def x(n):
        return left + width * math.log(n / sizes[0]) / math.log(sizes[-1] / sizes[0])

    def y(value):
        return top + height * math.log(high / value) / math.log(high / low)

    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="900" height="%d" font-family="sans-serif" font-size="13">' % (top + height + 60),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="10" y="24" font-size="16">%s %s</text>' % (report.unit.capitalize(), escape(title))]
    for n in sizes:
        out.append('<line x1="%.0f" y1="%d" x2="%.0f" y2="%d" stroke="#ddd"/>' % (x(n), top, x(n), top + height))
        out.append('<text x="%.0f" y="%d" text-anchor="middle">%s</text>' % (x(n), top + height + 18, '{:,}'.format(n)))
    for power in range(int(math.log10(low)), int(math.log10(high)) + 1):
        for tick in (10 ** power, 3 * 10 ** power):
            if low <= tick <= high:
                out.append('<line x1="%d" y1="%.0f" x2="%d" y2="%.0f" stroke="#ddd"/>' % (left, y(tick), left + width, y(tick)))
                out.append('<text x="%d" y="%.0f" text-anchor="end">%s</text>' % (left - 8, y(tick) + 4, '{:,}'.format(tick)))
    colours = iter(COLOURS * len(sized))
    labels = []
    for path, names in sized.items():
        ours = path.startswith('k8snet')
        colour = '#2a7f62' if ours else next(colours)
        points = [(x(n), y(report.figures[name])) for n, name in sorted(names.items())]
        out.append('<polyline fill="none" stroke="%s" stroke-width="%d" points="%s"/>' % (
            colour, 4 if ours else 2, ' '.join('%.0f,%.0f' % p for p in points)))
        labels.append((points[-1][1], path, colour))
    at = 0
    for end, path, colour in sorted(labels):
        at = max(at + 17, end)
        out.append('<text x="%d" y="%.0f" fill="%s">%s</text>' % (left + width + 8, at + 4, colour, escape(path)))
    out.append('<text x="%d" y="%d" text-anchor="middle">services</text>' % (left + width / 2, top + height + 36))
    out.append('<text x="10" y="%d" font-size="11" fill="#666">%s</text>' % (top + height + 54, escape(report.source())))
    out.append('</svg>')
    return '\n'.join(out) + '\n'


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
        names = report.usual(kind)
        if names:
            with open('%s/%s.svg' % (folder, kind[2]), 'w') as f:
                f.write(chart(report, names, kind[3]))
        if report.sized(kind):
            with open('%s/%s-by-services.svg' % (folder, kind[2]), 'w') as f:
                f.write(chart_sized(report, report.sized(kind), kind[3]))
    with open(folder + '/bench.json', 'w') as f:
        json.dump({'date': report.date, 'kernel': report.kernel, 'unit': report.unit, 'figures': report.figures,
                   'spread': report.spread, 'segments per skb': {n: float(v) for n, v in report.segments.items()}},
                  f, indent=1)
        f.write('\n')
    print(text, end='')


main()
