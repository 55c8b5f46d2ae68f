#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes the tool's tables of names from the netlink specification.

Run: gen-names.py SPEC OUTC OUTH
"""

import os
import sys

import yaml

# What an attribute is called on the command line, where that is not its name
# in the specification without its address family.
WORDS = {
    ("node", "prefix"): "pods",
    ("node", "ifname"): "dev",
    ("link", "ifname"): "dev",
    ("stats", "ifname"): "dev",
    ("drop", "ifname"): "dev",
    ("service", "internal-policy"): "internal",
    ("service", "range"): "ranges",
    ("service", "range-scope"): "ranges-on",
    ("config", "nodeport-address"): "nodeport-addresses",
    ("config", "nodeports-min"): "nodeports",
    ("config", "nodeports-max"): "nodeports",
}

KINDS = {
    "pad": "K8SNET_KIND_PAD",
    "u16": "K8SNET_KIND_U16",
    "u32": "K8SNET_KIND_U32",
    "u64": "K8SNET_KIND_U64",
    "string": "K8SNET_KIND_STRING",
    "binary": "K8SNET_KIND_BINARY",
    "nest": "K8SNET_KIND_NEST",
}


def constant(*parts):
    return "_".join(("k8snet",) + parts).replace("-", "_").upper()


def symbol(name):
    return "k8snet_spec_" + name.replace("-", "_")


def quoted(text):
    text = " ".join(text.split())
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def word(set_name, attr_name):
    if (set_name, attr_name) in WORDS:
        return WORDS[set_name, attr_name]
    if attr_name in ("ipv4", "ipv6"):
        return "address"
    return attr_name.removesuffix("-ipv4").removesuffix("-ipv6")


def kind(attr):
    if attr.get("enum-as-flags"):
        return "K8SNET_KIND_FLAGS"
    if "enum" in attr:
        return "K8SNET_KIND_ENUM"
    if attr.get("display-hint") == "ipv4":
        return "K8SNET_KIND_IPV4"
    if attr.get("display-hint") == "ipv6":
        return "K8SNET_KIND_IPV6"
    if attr.get("byte-order") == "big-endian" and attr["type"] == "u16":
        return "K8SNET_KIND_PORT"
    if attr.get("byte-order"):
        raise ValueError(f"{attr['name']}: no kind for this byte order")
    return KINDS[attr["type"]]


def enums(spec):
    return [d for d in spec["definitions"] if d["type"] in ("enum", "flags")]


def entries(enum):
    """Name and sentence of every value, also of those that are a plain name."""
    for entry in enum["entries"]:
        if isinstance(entry, str):
            yield entry, ""
        else:
            yield entry["name"], entry.get("doc", "")


def source(spec, path, header):
    out = [
        "// SPDX-License-Identifier: GPL-2.0",
        "/*",
        f" * Names of the netlink family, from {path}; do not edit.",
        " */",
        "#include <linux/k8snet.h>",
        "",
        '#include "../array.h"',
        f'#include "{header}"',
    ]
    for enum in enums(spec):
        values = enum["name"].replace("-", "_") + "_values"
        out += ["", f"static const struct k8snet_spec_value {values}[] = {{"]
        for name, doc in entries(enum):
            out += [
                "\t{",
                f"\t\t{constant(enum['name'], name)},",
                f"\t\t{quoted(name)},",
                f"\t\t{quoted(doc)},",
                "\t},",
            ]
        out += [
            "};",
            "",
            f"const struct k8snet_spec_enum {symbol(enum['name'])} = {{",
            f"\t{values}, ARRAY_SIZE({values}),",
            "};",
        ]
    for attr_set in spec["attribute-sets"]:
        attrs = attr_set["name"].replace("-", "_") + "_attrs"
        out += ["", f"static const struct k8snet_spec_attr {attrs}[] = {{"]
        for attr in attr_set["attributes"]:
            index = constant("a", attr_set["name"], attr["name"])
            out += [
                f"\t[{index}] = {{",
                f"\t\t.name = {quoted(attr['name'])},",
                f"\t\t.word = {quoted(word(attr_set['name'], attr['name']))},",
                f"\t\t.kind = {kind(attr)},",
            ]
            if "enum" in attr:
                out.append(f"\t\t.values = &{symbol(attr['enum'])},")
            if "nested-attributes" in attr:
                nest = symbol(attr["nested-attributes"])
                out.append(f"\t\t.nest = &{nest}_set,")
            out.append("\t},")
        out += [
            "};",
            "",
            f"const struct k8snet_spec_set {symbol(attr_set['name'])}_set = {{",
            f"\t{attrs}, ARRAY_SIZE({attrs}),",
            "};",
        ]
    out += ["", "const struct k8snet_spec_op k8snet_spec_ops[] = {"]
    for op in spec["operations"]["list"]:
        index = constant("cmd", op["name"])
        out += [
            f"\t[{index}] = {{",
            f"\t\t{quoted(op['name'])}, &{symbol(op['attribute-set'])}_set,",
            "\t},",
        ]
    out += ["};", "", "const unsigned int k8snet_spec_op_count = ARRAY_SIZE(k8snet_spec_ops);"]
    return out


def header(spec, path):
    guard = "K8SNET_GENERATED_NAMES_H"
    out = [
        "/* SPDX-License-Identifier: GPL-2.0 */",
        "/*",
        f" * Names of the netlink family, from {path}; do not edit.",
        " */",
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        '#include "../spec.h"',
        "",
    ]
    out += [f"extern const struct k8snet_spec_enum {symbol(e['name'])};" for e in enums(spec)]
    out.append("")
    out += [
        f"extern const struct k8snet_spec_set {symbol(s['name'])}_set;"
        for s in spec["attribute-sets"]
    ]
    out += [
        "",
        "/* Indexed by K8SNET_CMD_*. */",
        "extern const struct k8snet_spec_op k8snet_spec_ops[];",
        "extern const unsigned int k8snet_spec_op_count;",
        "",
        f"#endif /* {guard} */",
    ]
    return out


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: gen-names.py SPEC OUTC OUTH")
    path, out_c, out_h = sys.argv[1:]
    with open(path, encoding="utf-8") as stream:
        spec = yaml.safe_load(stream)
    # The name within the repository, wherever it was called from.
    shown = "uapi/netlink/specs/" + os.path.basename(path)
    for name, lines in (
        (out_c, source(spec, shown, os.path.basename(out_h))),
        (out_h, header(spec, shown)),
    ):
        with open(name, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")


main()
