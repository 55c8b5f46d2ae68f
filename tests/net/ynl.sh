#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's own YNL client (tools/net/ynl) drives every operation from our specification; the policies are those of it.
#
#   n1: eth0 (dummy) 192.168.99.1, k8snet0
#
# timeout: 240

. "$(dirname "$0")/../lib.sh"

ynl=$TESTS/../ynl
[ -e "$ynl/cli.py" ] || skip_all "the guest has no tools/net/ynl (tests/style/linux-src fetches it)"
[ -e "$ynl/yaml" ] || skip_all "the host has no python3-yaml"

ktap_start
topo_one_node

# Prints "ok NAME" or "not ok NAME<tab>REASON".
cat >"$T/cases" <<'PY'
import contextlib
import io
import ipaddress
import json
import sys

sys.path.insert(0, sys.argv[1])
import cli  # noqa: E402

SPEC = sys.argv[2]
# The specification takes seconds to read on an emulated processor: once is enough.
# Where 64 bits must be aligned (User-Mode Linux) there is padding, which this client does not know.
FAMILY = cli.YnlFamily(SPEC, '', True)
cli.YnlFamily = lambda *args, **words: FAMILY
used = set()


def result(good, name, why=''):
    print('ok %s' % name if good else 'not ok %s\t%s' % (name, str(why).replace('\n', ' ')), flush=True)


def run(*words):
    """What "cli.py WORD..." prints."""
    out = io.StringIO()
    sys.argv = ['cli.py', '--spec', SPEC, '--no-schema', '--output-json', *words]
    with contextlib.redirect_stdout(out):
        try:
            cli.main()
        except SystemExit:
            pass
    return out.getvalue()


def ask(how, op, attrs):
    used.add((how, op))
    words = ['--' + how, op]
    if attrs is not None:
        words += ['--json', json.dumps(attrs)]
    text = run(*words)
    try:
        return json.loads(text)
    except ValueError:
        return text


def do(op, attrs=None):
    return ask('do', op, attrs)


def dump(op, attrs=None):
    return ask('dump', op, attrs)


def ip(text):
    return int(ipaddress.IPv4Address(text))


def prefix(text):
    net = ipaddress.ip_network(text)
    if net.version == 4:
        return {'ipv4': int(net.network_address), 'length': net.prefixlen}
    return {'ipv6': net.network_address.packed.hex(), 'length': net.prefixlen}


def has(got, want):
    """Is all that is wanted in what was got?"""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and has(got[k], v) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and \
            all(has(g, w) for g, w in zip(got, want))
    return got == want


def expect(name, want, got):
    result(has(got, want), name, 'wanted %s, got %s' % (want, got))


expect('link-set', None, do('link-set', {'ifname': 'k8snet0', 'format': 'udp', 'port': 8285, 'mtu': 1400}))
link = {'ifname': 'k8snet0', 'format': 'udp', 'port': 8285, 'mtu': 1400, 'strict': 1}
expect('link-get', link, do('link-get', {'ifname': 'k8snet0'}))
expect('all links', [link], dump('link-get'))

expect('node-new', None, do('node-new', {'ifname': 'k8snet0', 'name': 'w2', 'via-ipv4': ip('192.168.99.2'),
                                         'prefix': [prefix('10.244.2.0/24'), prefix('fd00:2::/64')],
                                         'format': 'ipip'}))
node = {'name': 'w2', 'via-ipv4': '192.168.99.2', 'format': 'ipip',
        'prefix': [{'ipv4': '10.244.2.0', 'length': 24}, {'ipv6': 'fd00:2::', 'length': 64}]}
expect('node-get', node, do('node-get', {'ifname': 'k8snet0', 'name': 'w2'}))
expect('node-replace', None, do('node-replace', {
    'ifname': 'k8snet0', 'name': 'w2', 'via-ipv4': ip('192.168.99.3'), 'prefix': [prefix('10.244.3.0/24')],
    'also': [{'ipv4': ip('192.168.99.4')}]}))
expect('all nodes', [{'name': 'w2', 'via-ipv4': '192.168.99.3', 'also': [{'ipv4': '192.168.99.4'}],
                      'prefix': [{'ipv4': '10.244.3.0', 'length': 24}]}], dump('node-get'))

expect('config-set', None, do('config-set', {
    'pods': [prefix('10.244.0.0/16')], 'services': [prefix('10.96.0.0/16')], 'seed': '00' * 15 + '07',
    'nodeport-address': [prefix('192.168.99.0/24')], 'nodeports-min': 31000, 'nodeports-max': 31999}))
expect('config-get', {'pods': [{'ipv4': '10.244.0.0', 'length': 16}], 'seed': '00' * 15 + '07',
                      'nodeports-min': 31000}, do('config-get'))
expect('config-set clears', None, do('config-set', {'clear': ['seed', 'nodeports']}))
expect('and it is so', {'seed': '00' * 16, 'nodeports-min': 30000}, do('config-get'))
expect('egress-set', None, do('egress-set', {'enabled': 1, 'source-ipv4': ip('192.168.99.1'),
                                             'exclude': [prefix('10.0.0.0/8')]}))
expect('egress-get', {'enabled': 1, 'source-ipv4': '192.168.99.1',
                      'exclude': [{'ipv4': '10.0.0.0', 'length': 8}]}, do('egress-get'))
expect('flow-cache-set', None, do('flow-cache-set', {'enabled': 1, 'limit': 1000}))
expect('flow-cache-get', {'enabled': 1, 'limit': 1000, 'flows': 0}, do('flow-cache-get'))
expect('flow-flush', None, do('flow-flush'))
result(dump('flow-get') == [], 'flow-get', 'there are flows')

web = {'name': 'default/web:http', 'protocol': 6, 'algorithm': 'rr', 'internal-policy': 'local',
       'range': [prefix('192.168.0.0/16')], 'affinity': 60, 'limit': 9, 'on-remove': 'reset',
       'frontend': [{'type': 'cluster-ip', 'ipv4': ip('10.96.0.1'), 'port': 80},
                    {'type': 'node-port', 'ipv4': 0, 'port': 30080}],
       'endpoint': [{'ipv4': ip('10.244.2.1'), 'port': 8080, 'weight': 3, 'flags': ['cluster', 'local']}]}
expect('service-new', None, do('service-new', web))
said = {'name': 'default/web:http', 'protocol': 6, 'algorithm': 'rr', 'internal-policy': 'local', 'affinity': 60,
        'limit': 9, 'on-remove': 'reset', 'endpoints': 1, 'range': [{'ipv4': '192.168.0.0', 'length': 16}],
        'frontend': [{'type': 'cluster-ip', 'ipv4': '10.96.0.1', 'port': 80},
                     {'type': 'node-port', 'ipv4': '0.0.0.0', 'port': 30080}]}
expect('service-get', said, do('service-get', {'name': 'default/web:http'}))
expect('all services', [said], dump('service-get'))
one = {'service': 'default/web:http', 'ipv4': ip('10.244.2.2'), 'port': 8080}
expect('endpoint-new', None, do('endpoint-new', one))
expect('endpoint-replace', None, do('endpoint-replace', dict(one, weight=5)))
expect('all endpoints', [{'ipv4': '10.244.2.1', 'weight': 3}, {'ipv4': '10.244.2.2', 'weight': 5, 'port': 8080}],
       dump('endpoint-get'))
expect('endpoint-del', None, do('endpoint-del', one))
expect('those of one service', [{'ipv4': '10.244.2.1', 'protocol': 6}],
       dump('endpoint-get', {'service': 'default/web:http'}))
got = do('service-new', web)
result('there is a service of this name' in got and '.name' in got, 'a refusal has its sentence and the attribute', got)
del web['endpoint']
expect('service-replace', None, do('service-replace', web))
expect('without its endpoint', {'endpoints': 0}, do('service-get', {'name': 'default/web:http'}))

begun = do('transaction-begin')
result(begun['generation'] > 0, 'transaction-begin', begun)
do('service-del', {'name': 'default/web:http'})
expect('transaction-abort', {'messages': 1}, do('transaction-abort'))
begun = do('transaction-begin')
expect('service-del', None, do('service-del', {'name': 'default/web:http'}))
expect('transaction-commit', {'messages': 1}, do('transaction-commit', {'generation': begun['generation']}))
expect('and it is gone', [], dump('service-get'))
expect('explain', {'verdict': 'accept', 'source-state': 'egress', 'new-source-ipv4': '192.168.99.1', 'oifname': 'eth0'},
       do('explain', {'protocol': 6, 'source-ipv4': ip('10.244.1.1'), 'source-port': 1, 'dest-ipv4': ip('192.168.99.9'),
                      'dest-port': 80, 'iifname': 'k8snet0'}))
expect('node-del', None, do('node-del', {'ifname': 'k8snet0', 'name': 'w2'}))
got = dump('stats-get')
result(isinstance(got, list) and len(got) == 2 and {'reason': 'service-no-endpoint', 'packets': 0} in got[0]['counter'],
       'stats-get', got)
got = do('config-set', {'clear': ['pods'], 'vip-ping': 2})
result('vip-ping' in got and "'max-value': 1" in got, 'a refusal by policy has the bound', got)

# --- the policies ---------------------------------------------------------------------

missing = sorted((how, name) for name, op in FAMILY.ops.items() for how in op.modes
                 if how in ('do', 'dump') and (how, name) not in used)
result(not missing, 'every operation of the specification was used', missing)

TYPES = {'u16': 3, 'u32': 4, 'u64': 5, 'binary': 10, 'string': (11, 12), 'nest': 13}
import spec as contract  # noqa: E402
import nlraw  # noqa: E402
CONTRACT = contract.Spec()


def policies():
    """{command: {how: policy}}, {policy: {attribute: {what: value}}}, from the kernel."""
    family = nlraw.Family('k8snet')
    ops, attrs = {}, {}
    body = nlraw.attr(1, family.id.to_bytes(2, sys.byteorder))
    for reply in family.exchange(nlraw.GENL_CTRL, 10, body, nlraw.F_DUMP):
        for kind, payload, _ in nlraw.attrs(reply):
            kind &= 0x3fff
            for index, inner, _ in nlraw.attrs(payload) if kind in (8, 9) else []:
                if kind == 9:
                    ops[index] = {k: int.from_bytes(p, sys.byteorder) for k, p, _ in nlraw.attrs(inner)}
                else:
                    for number, what, _ in nlraw.attrs(inner):
                        attrs.setdefault(index, {})[number] = {
                            k: int.from_bytes(p, sys.byteorder) for k, p, _ in nlraw.attrs(what)}
    return ops, attrs


ops, attrs = policies()
wrong, seen = [], set()


def compare(where, policy, wanted):
    table = attrs.get(policy, {})
    # A dump without attributes shares the policy of "do" before Linux 6.2.
    for a in wanted:
        name = '%s.%s' % (where, a['name'])
        p = table.get(a['number'])
        if p is None:
            wrong.append(name + ' is not in the policy')
            continue
        kind = TYPES[a['type']]
        if p.get(1) not in (kind if isinstance(kind, tuple) else (kind,)):
            wrong.append('%s has type %s' % (name, p.get(1)))
        largest = CONTRACT.largest(a)
        if a.get('enum-as-flags'):
            if p.get(12) != largest:
                wrong.append('%s has mask %s' % (name, p.get(12)))
        elif a['type'] == 'u32' and largest is not None and p.get(5) != largest:
            wrong.append('%s has maximum %s' % (name, p.get(5)))
        checks = a.get('checks', {})
        if 'exact-len' in checks and {p.get(6), p.get(7)} != {CONTRACT.constant(checks['exact-len'])}:
            wrong.append('%s has lengths %s to %s' % (name, p.get(6), p.get(7)))
        if 'max-len' in checks and p.get(7) != CONTRACT.constant(checks['max-len']):
            wrong.append('%s has length %s' % (name, p.get(7)))
        if a['type'] == 'nest' and (where, a['name']) not in seen:
            seen.add((where, a['name']))
            compare(a['nested-attributes'], p.get(8), CONTRACT.sets[a['nested-attributes']].values())
    extra = {n for n, p in table.items() if p.get(1)} - {a['number'] for a in wanted}
    if extra:
        wrong.append('%s has %s besides' % (where, sorted(extra)))


for name, cmd, is_dump, wanted in CONTRACT.requests:
    if wanted:
        compare(name, ops.get(cmd, {}).get(2 if is_dump else 1), wanted)
result(not wrong, 'the policies of all requests are those of the specification', wrong)
PY

cases in_ns n1 python3 "$T/cases" "$ynl" "$TESTS/../uapi/netlink/specs/k8snet.yaml"
ktap_end
