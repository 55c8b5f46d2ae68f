#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Reads the netlink specification, in the part of YAML that it is written in: the guests have no YAML library.
"""
load() gives what yaml.safe_load() would; Spec has the definitions, attribute
sets and operations by name, with the numbers of the uapi header.
"""

import os

import nlraw

PATH = os.path.dirname(os.path.abspath(__file__)) + '/../uapi/netlink/specs/k8snet.yaml'


# --- YAML -----------------------------------------------------------------

def scalar(text):
    if text.startswith('['):
        return [scalar(t.strip()) for t in text[1:-1].split(',')]
    if text.startswith('"'):
        return text[1:-1]
    if text == '{}':
        return {}
    if text in ('true', 'false'):
        return text == 'true'
    return int(text) if text.isdigit() else text


class Reader:
    """Lines as (indentation, text); blocks by their indentation."""

    def __init__(self, text):
        self.lines = [(len(line) - len(line.lstrip()), line.strip())
                      for line in text.split('\n')
                      if line.strip() and not line.strip().startswith('#')]
        self.at = 0
        self.anchors = {}

    def deeper(self, indent):
        return self.at < len(self.lines) and self.lines[self.at][0] > indent

    def value(self, indent, text):
        """What follows a key or a dash."""
        if text in ('|', '>-'):
            out = []
            while self.deeper(indent):
                out.append(self.lines[self.at][1])
                self.at += 1
            return ' '.join(out)
        if text.startswith('*'):
            return self.anchors[text[1:]]
        anchor = text[1:] if text.startswith('&') else None
        if anchor or not text:
            out = self.block(self.lines[self.at][0]) if self.deeper(indent) else None
            if anchor:
                self.anchors[anchor] = out
            return out
        return scalar(text)

    def block(self, indent):
        if self.lines[self.at][1].startswith('-'):
            out = []
            while self.at < len(self.lines) and self.lines[self.at][0] == indent:
                text = self.lines[self.at][1][1:].strip()
                self.at += 1
                out.append(self.value(indent, text))
            return out
        out = {}
        while self.at < len(self.lines) and self.lines[self.at][0] == indent:
            key, _, text = self.lines[self.at][1].partition(':')
            self.at += 1
            out[key] = self.value(indent, text.strip())
        return out


def load(path=PATH):
    with open(path) as f:
        return Reader(f.read()).block(0)


# --- the contract ---------------------------------------------------------

class Spec:
    """Of each request: its command, whether it is a dump, and its attributes."""

    def __init__(self):
        raw = load()
        numbers = nlraw.uapi()

        def number(*words):
            return numbers['_'.join(words).upper().replace('-', '_')]

        self.definitions = {d['name']: d for d in raw['definitions']}
        self.sets = {}
        for s in raw['attribute-sets']:
            self.sets[s['name']] = {
                a['name']: dict(a, number=number('A', s['name'], a['name']))
                for a in s['attributes'] if a['type'] != 'pad'}
        self.requests = []
        for op in raw['operations']['list']:
            for how in 'do', 'dump':
                if how not in op:
                    continue
                request = op[how].get('request') or {}
                attributes = self.sets[op['attribute-set']]
                self.requests.append((op['name'], number('CMD', op['name']), how == 'dump',
                                      [attributes[a] for a in request.get('attributes', [])]))

    def constant(self, value):
        """A number, or the definition of that name."""
        return self.definitions[value]['value'] if isinstance(value, str) else value

    def largest(self, attribute):
        """The largest value that the policy lets pass, or None."""
        if 'max' in attribute.get('checks', {}):
            return self.constant(attribute['checks']['max'])
        if 'enum' not in attribute:
            return None
        entries = self.definitions[attribute['enum']]['entries']
        return (1 << len(entries)) - 1 if attribute.get('enum-as-flags') else len(entries) - 1
