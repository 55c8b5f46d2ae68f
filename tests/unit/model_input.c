// SPDX-License-Identifier: GPL-2.0
/*
 * What small inputs lead to: a plan, or a sentence that names what is wrong and
 * where. All is seen from node1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* Only some of what is wanted need be said: problems and notes are one in a line. */
struct test {
	const char *name;
	const char *text;
	const char *problems;
	const char *notes;
	const char *plan;
};

/* A YAML service with one port, and what follows in spec. */
#define SERVICE(spec)						\
	"kind: Service\n"					\
	"apiVersion: v1\n"					\
	"metadata: {name: web}\n"				\
	"spec:\n"						\
	"  clusterIP: 10.96.0.1\n"				\
	"  ports: [{name: http, port: 80}]\n"			\
	spec

#define SLICE(rest)						\
	"---\n"							\
	"kind: EndpointSlice\n"					\
	"apiVersion: discovery.k8s.io/v1\n"			\
	"metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}\n" \
	"addressType: IPv4\n"					\
	rest

#define PORTS	"ports: [{name: http, port: 8080}]\n"
#define EMPTY	SLICE(PORTS)

#define NODE1	"kind: Node\napiVersion: v1\nmetadata: {name: node1}\n---\n"

/* A node with ranges, and what follows in metadata and status. */
#define NODE(annotations, addresses)				\
	NODE1							\
	"kind: Node\n"						\
	"apiVersion: v1\n"					\
	"metadata: {name: w2, annotations: {" annotations "}}\n" \
	"spec: {podCIDRs: [10.244.2.0/24, 'fd00:2::/64']}\n"	\
	"status: {addresses: [" addresses "]}\n"

#define FLANNEL		"flannel.alpha.coreos.com/"
#define ADDRESS(type, address)	"{type: " type ", address: '" address "'}"

static const struct test services[] = {
	{
		"a service of few words",
		SERVICE("") SLICE(PORTS "endpoints: [{addresses: [10.0.0.1]}]\n"),
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"    + endpoint 10.0.0.1:8080,cluster,serving\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"a service without an EndpointSlice",
		SERVICE(""),
		.problems = "f:1: there are Services, but no EndpointSlices: give both (kubectl get nodes,services,endpointslices -A -o json)",
	}, {
		"a service and an empty list of EndpointSlices",
		SERVICE("") "---\nkind: EndpointSliceList\napiVersion: discovery.k8s.io/v1\nitems: []\n",
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"an EndpointSlice without services",
		EMPTY,
		.problems = "f:2: there are EndpointSlices, but no Services: give both (kubectl get nodes,services,endpointslices -A -o json)",
	}, {
		"services that are all none of ours need no slices",
		SERVICE("  type: ExternalName\n"),
		.plan = "nothing to change, 0 as desired\n",
	}, {
		"a service twice",
		SERVICE("") "---\n" SERVICE("") EMPTY,
		.problems = "Service default/web: is there twice",
	}, {
		"an EndpointSlice twice",
		SERVICE("") EMPTY EMPTY,
		.problems = "EndpointSlice default/web-1: is there twice",
	}, {
		"a slice of a service that is not there",
		SERVICE("") "---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: x, labels: {kubernetes.io/service-name: other}}\naddressType: IPv4\n"
		"endpoints: [{addresses: [10.0.0.1]}]\n" PORTS,
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"a slice of another namespace",
		SERVICE("") "---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: x, namespace: b, labels: {kubernetes.io/service-name: web}}\n"
		"addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\n" PORTS,
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"slices: no name of a service, labelled headless, of DNS names, of another protocol or port name",
		SERVICE("") EMPTY
		"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\nmetadata: {name: a}\n"
		"addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\n" PORTS
		"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: b, labels: {kubernetes.io/service-name: web, service.kubernetes.io/headless: ''}}\n"
		"addressType: IPv4\nendpoints: [{addresses: [10.0.0.2]}]\n" PORTS
		"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: c, labels: {kubernetes.io/service-name: web}}\n"
		"addressType: FQDN\nendpoints: [{addresses: [example.com]}]\n" PORTS
		"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: d, labels: {kubernetes.io/service-name: web}}\n"
		"addressType: IPv4\nendpoints: [{addresses: [10.0.0.4]}]\n"
		"ports: [{name: http, protocol: UDP, port: 1}, {name: other, port: 2}, {port: 3}]\n",
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"a slice whose endpoints and ports are null",
		SERVICE("") SLICE("endpoints: null\nports: null\n"),
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"conditions that are not said: ready, but a serving one that terminates is not both",
		SERVICE("") SLICE(PORTS "endpoints: [{addresses: [10.0.0.1], conditions: {}},"
				  "{addresses: [10.0.0.2], conditions: {ready: false}},"
				  "{addresses: [10.0.0.3], conditions: {ready: false, terminating: true}},"
				  "{addresses: [10.0.0.4], conditions: {ready: null, serving: null}},"
				  "{addresses: [10.0.0.5], conditions: {ready: false, serving: false}}]\n"),
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"    + endpoint 10.0.0.1:8080,cluster,serving\n"
			"    + endpoint 10.0.0.2:8080,serving\n"
			"    + endpoint 10.0.0.3:8080,serving\n"
			"    + endpoint 10.0.0.4:8080,cluster,serving\n"
			"    + endpoint 10.0.0.5:8080\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"an endpoint in two slices while it moves: the better one, the local one",
		SERVICE("") SLICE(PORTS "endpoints: [{addresses: [10.0.0.1], conditions: {ready: false}},"
				  "{addresses: [10.0.0.2], nodeName: w2},"
				  "{addresses: [10.0.0.1], conditions: {ready: true}, nodeName: w2},"
				  "{addresses: [10.0.0.2], nodeName: node1},"
				  "{addresses: [10.0.0.2]}]\n"),
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"    + endpoint 10.0.0.1:8080,cluster,serving\n"
			"    + endpoint 10.0.0.2:8080,cluster,on-node,serving\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"the first of several addresses counts",
		SERVICE("") SLICE(PORTS "endpoints: [{addresses: [10.0.0.1, 10.0.0.2]}]\n"),
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"    + endpoint 10.0.0.1:8080,cluster,serving\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"families are told apart: frontends, ranges, endpoints",
		SERVICE("  clusterIPs: ['fd00::1']\n"
			"  externalIPs: [198.51.100.1, '2001:db8::1']\n"
			"  externalTrafficPolicy: Local\n"
			"  loadBalancerSourceRanges: [10.0.0.0/8, '2001:db8::/32']\n"
			"status: {loadBalancer: {ingress: [{ip: 203.0.113.1}, {ip: '2001:db8::2'}, {hostname: lb}]}}\n")
		SLICE(PORTS "endpoints: [{addresses: [10.0.0.1]}]\n"),
		.plan = "+ service default/web:http tcp [fd00::1]:80 loadbalancer [2001:db8::2]:80 external [2001:db8::1]:80 external-policy local ranges 2001:db8::/32\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"families have nothing to do with each other: fallback and policy",
		SERVICE("  clusterIPs: [10.96.0.1, 'fd00::1']\n"
			"  externalIPs: ['2001:db8::1']\n"
			"  externalTrafficPolicy: Local\n")
		SLICE(PORTS "endpoints: [{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true}, nodeName: node1}]\n")
		"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: web-6, labels: {kubernetes.io/service-name: web}}\naddressType: IPv6\n" PORTS
		"endpoints: [{addresses: ['fd01::1'], nodeName: node1}, {addresses: ['fd01::2'], nodeName: w2}]\n",
		.plan = "+ service default/web:http tcp 10.96.0.1:80 [fd00::1]:80 external [2001:db8::1]:80 external-policy local\n"
			"    + endpoint 10.0.0.1:8080,cluster,on-node,serving\n"
			"    + endpoint [fd01::1]:8080,cluster,local,on-node,serving\n"
			"    + endpoint [fd01::2]:8080,cluster,serving\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"source ranges: spaces, host bits, leading zeros, doubles",
		SERVICE("  loadBalancerSourceRanges: ['  10.1.2.3/8 ', ' 010.0.0.0/8', 192.168.0.0/016]\n"
			"status: {loadBalancer: {ingress: [{ip: 203.0.113.1}]}}\n") EMPTY,
		.plan = "+ service default/web:http tcp 10.96.0.1:80 loadbalancer 203.0.113.1:80 ranges 10.0.0.0/8,192.168.0.0/16\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"addresses with leading zeros, and IPv4 written as IPv6",
		SERVICE("  externalIPs: [198.051.100.010, '::ffff:198.51.100.11']\n") EMPTY,
		.plan = "+ service default/web:http tcp 10.96.0.1:80 external 198.51.100.10:80 external 198.51.100.11:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"an external policy without an external address means nothing",
		SERVICE("  externalTrafficPolicy: Local\n") EMPTY,
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"affinity without a time is three hours",
		SERVICE("  sessionAffinity: ClientIP\n") EMPTY,
		.plan = "+ service default/web:http tcp 10.96.0.1:80 affinity 10800\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"annotations of ours",
		"kind: Service\napiVersion: v1\n"
		"metadata: {name: web, annotations: {k8snet/algorithm: lc, k8snet/on-remove: reset, k8snet/ranges-on: external, k8snet/limit: '100'}}\n"
		"spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}\n" EMPTY,
		.plan = "+ service default/web tcp 10.96.0.1:80 ranges-on external algorithm lc on-remove reset limit 100\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"services that are not for us",
		SERVICE("  clusterIPs: [None]\n")
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: b, labels: {service.kubernetes.io/service-proxy-name: x}}\n"
		"spec: {clusterIP: 10.96.0.2, ports: [{port: 80}]}\n"
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: c, labels: {service.kubernetes.io/headless: ''}}\n"
		"spec: {clusterIP: 10.96.0.3, ports: [{port: 80}]}\n"
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: d}\nspec: {ports: [{port: 80}]}\n"
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: e}\nspec: {clusterIP: '', ports: [{port: 80}]}\n"
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: f}\n"
		"spec: {type: ExternalName, externalName: example.com, clusterIP: 10.96.0.6, ports: [{port: 80}]}\n",
		.plan = "nothing to change, 0 as desired\n",
	}, {
		"one address twice in a service, once as a load balancer's",
		SERVICE("  externalIPs: [203.0.113.1, 203.0.113.1]\n"
			"status: {loadBalancer: {ingress: [{ip: 203.0.113.1}]}}\n") EMPTY,
		.plan = "+ service default/web:http tcp 10.96.0.1:80 loadbalancer 203.0.113.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"nobody takes another one's address: the cluster's before the users', then by name",
		SERVICE("  externalIPs: [203.0.113.1]\n") EMPTY
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: a, namespace: z}\n"
		"spec: {clusterIP: 10.96.0.2, externalIPs: [10.96.0.1, 203.0.113.1], ports: [{port: 80}]}\n"
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: a, namespace: a}\n"
		"spec: {clusterIP: 10.96.0.3, externalIPs: [10.96.0.1], ports: [{port: 80, protocol: UDP}]}\n",
		.notes = "f:15: Service port z/a: does not get 10.96.0.1 port 80 (external), which is default/web:http's (cluster-ip)\n"
			 "f:15: Service port z/a: does not get 203.0.113.1 port 80 (external), which is default/web:http's (external)",
		.plan = "+ service a/a udp 10.96.0.3:80 external 10.96.0.1:80\n"
			"+ service default/web:http tcp 10.96.0.1:80 external 203.0.113.1:80\n"
			"+ service z/a tcp 10.96.0.2:80\n"
			"3 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"a service that is left without an address",
		SERVICE("") EMPTY
		"---\n" "kind: Service\napiVersion: v1\nmetadata: {name: y}\n"
		"spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}\n",
		.notes = "f:14: Service port default/y: does not get 10.96.0.1 port 80 (cluster-ip), which is default/web:http's (cluster-ip)\n"
			 "f:14: Service port default/y: left out, all its addresses are others'",
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"endpoints find their service past one that is not for us",
		"kind: Service\napiVersion: v1\nmetadata: {name: a}\nspec: {clusterIP: None, ports: [{name: http, port: 1}]}\n"
		"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\n"
		"metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}\naddressType: IPv4\n"
		"endpoints: [{addresses: [10.0.0.9]}]\n" PORTS "---\n"
		SERVICE("") SLICE(PORTS "endpoints: [{addresses: [10.0.0.1]}]\n"),
		.plan = "+ service default/web:http tcp 10.96.0.1:80\n"
			"    + endpoint 10.0.0.1:8080,cluster,serving\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	},
};

static const struct test nodes[] = {
	{
		"a node by its first internal address",
		NODE("", ADDRESS("Hostname", "w2") ", " ADDRESS("InternalIP", "192.168.1.2") ", "
		     ADDRESS("InternalIP", "fd00::2")),
		.plan = "+ node w2 dev k8snet0 via 192.168.1.2 pods 10.244.2.0/24,fd00:2::/64\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"a node whose first address is IPv6",
		NODE("", ADDRESS("InternalIP", "fd00::2") ", " ADDRESS("InternalIP", "192.168.1.2")),
		.plan = "+ node w2 dev k8snet0 via fd00::2 pods 10.244.2.0/24,fd00:2::/64\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"flannel's vxlan: the public address and the MAC",
		NODE(FLANNEL "backend-type: vxlan, " FLANNEL "public-ip: 198.51.100.2, "
		     FLANNEL "backend-data: '{\"VNI\":1,\"VtepMAC\":\"8A:3c:22:11:00:02\"}'",
		     ADDRESS("InternalIP", "192.168.1.2")),
		.plan = "+ node w2 dev k8snet0 via 198.51.100.2 pods 10.244.2.0/24,fd00:2::/64 format vxlan mac 8a:3c:22:11:00:02\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"flannel's vxlan in both families: two ways",
		NODE(FLANNEL "backend-type: vxlan, " FLANNEL "public-ip: 198.51.100.2, "
		     FLANNEL "backend-data: '{\"VtepMAC\":\"8a:3c:22:11:00:02\"}', "
		     FLANNEL "public-ipv6: '2001:db8::2', "
		     FLANNEL "backend-v6-data: '{\"VtepMAC\":\"8a:3c:22:11:00:06\"}'",
		     ADDRESS("InternalIP", "192.168.1.2")),
		.plan = "+ node w2 dev k8snet0 via 198.51.100.2 pods 10.244.2.0/24 format vxlan mac 8a:3c:22:11:00:02\n"
			"+ node w2/ipv6 dev k8snet0 via 2001:db8::2 pods fd00:2::/64 format vxlan mac 8a:3c:22:11:00:06\n"
			"2 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"flannel's other backends",
		NODE(FLANNEL "backend-type: host-gw, " FLANNEL "backend-data: 'null', "
		     FLANNEL "public-ip: 198.51.100.2", ""),
		.plan = "+ node w2 dev k8snet0 via 198.51.100.2 pods 10.244.2.0/24,fd00:2::/64 format direct\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"flannel's udp",
		NODE(FLANNEL "backend-type: udp, " FLANNEL "public-ip: 198.51.100.2", ""),
		.plan = "+ node w2 dev k8snet0 via 198.51.100.2 pods 10.244.2.0/24,fd00:2::/64 format udp\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"a backend of flannel's that nobody here speaks",
		NODE(FLANNEL "backend-type: wireguard, " FLANNEL "public-ip: 198.51.100.2", ""),
		.problems = "f:5: Node w2: metadata.annotations." FLANNEL "backend-type: \"wireguard\" is not one of: vxlan, udp, ipip, host-gw\n"
			    "f:5: Node w2: metadata.annotations." FLANNEL "backend-data: has no data of flannel's vxlan",
	}, {
		"flannel's data without a MAC",
		NODE(FLANNEL "backend-type: vxlan, " FLANNEL "public-ip: 198.51.100.2, "
		     FLANNEL "backend-data: '{\"VNI\":1}'", ""),
		.problems = "f:5: Node w2: metadata.annotations." FLANNEL "backend-data.VtepMAC: is missing",
	}, {
		"flannel's data with a bad MAC and a bad address",
		NODE(FLANNEL "backend-type: vxlan, " FLANNEL "public-ip: 198.51.100, "
		     FLANNEL "backend-data: '{\"VtepMAC\":\"8a:3c:22:11:00\"}'", ""),
		.problems = "f:5: Node w2: metadata.annotations." FLANNEL "public-ip: \"198.51.100\" is not an IP address\n"
			    "f:5: Node w2: metadata.annotations." FLANNEL "backend-data.VtepMAC: \"8a:3c:22:11:00\" is not a MAC address",
	}, {
		"an old node with one range",
		NODE1 "kind: Node\napiVersion: v1\nmetadata: {name: w2}\nspec: {podCIDR: 10.244.2.0/24}\n"
		"status: {addresses: [" ADDRESS("InternalIP", "192.168.1.2") "]}\n",
		.plan = "+ node w2 dev k8snet0 via 192.168.1.2 pods 10.244.2.0/24\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"nodes that join",
		NODE1 "kind: Node\napiVersion: v1\nmetadata: {name: a}\n---\n"
		"kind: Node\napiVersion: v1\nmetadata: {name: b}\nspec: {podCIDR: 10.244.2.0/24}\n",
		.notes = "f:5: Node a: left out, it has no pod range yet\n"
			 "f:9: Node b: left out, it has no address yet",
		.plan = "nothing to change, 0 as desired\n",
	}, {
		"none of the nodes is this one",
		"kind: NodeList\napiVersion: v1\nitems: []\n",
		.problems = "no Node is named node1, as this one is; say which one it is (node NAME)",
	}, {
		"a node twice",
		NODE1 NODE1,
		.problems = "Node node1: is there twice",
	}, {
		"a bad range",
		NODE1 "kind: Node\napiVersion: v1\nmetadata: {name: w2}\nspec: {podCIDRs: [10.244.2.0/33, 10.244.3.0, null]}\n",
		.problems = "f:5: Node w2: spec.podCIDRs[0]: \"10.244.2.0/33\" is not an address range (CIDR)\n"
			    "f:5: Node w2: spec.podCIDRs[1]: \"10.244.3.0\" is not an address range (CIDR)\n"
			    "f:5: Node w2: spec.podCIDRs[2]: is null",
	},
};

static const struct test broken[] = {
	{
		"nothing",
		"",
		.problems = "there is nothing to apply",
	}, {
		"a comment only",
		"# nothing\n---\n",
		.problems = "there is nothing to apply",
	}, {
		"text",
		"hello",
		.problems = "f:1: this is not an object",
	}, {
		"an array",
		"[]",
		.problems = "f:1: an object in braces is missing",
	}, {
		"a kind that is not known, with its name",
		"kind: Pod\napiVersion: v1\nmetadata: {name: a, namespace: b}\n",
		.problems = "f:1: Pod b/a: this kind is not known here (Node, Service and EndpointSlice are)",
	}, {
		"one among many that are",
		NODE1 "kind: List\napiVersion: v1\nitems:\n- kind: Node\n  apiVersion: v1\n  metadata: {name: w2}\n"
		"- kind: Deployment\n  apiVersion: apps/v1\n  metadata: {name: web}\n",
		.problems = "f:11: items[1]: Deployment web: this kind is not known here (Node, Service and EndpointSlice are)",
	}, {
		"a list of a kind that is not known",
		"kind: PodList\napiVersion: v1\nitems: []\n",
		.problems = "f:1: kind PodList is not known here (NodeList, ServiceList, EndpointSliceList and List are)",
	}, {
		"an old version",
		"kind: EndpointSlice\napiVersion: discovery.k8s.io/v1beta1\nmetadata: {name: a}\n",
		.problems = "f:1: EndpointSlice a: apiVersion \"discovery.k8s.io/v1beta1\" is not known here (discovery.k8s.io/v1 is)",
	}, {
		"no version",
		"{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"}}",
		.problems = "f:1: Node a: apiVersion \"\" is not known here (v1 is)",
	}, {
		"no kind",
		"apiVersion: v1\nmetadata: {name: a}\n",
		.problems = "f:1: has no kind",
	}, {
		"no kind in a list of anything",
		"{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[\n{}]}",
		.problems = "f:2: items[0]: has no kind",
	}, {
		"no name",
		"kind: Service\napiVersion: v1\nspec: {}\n",
		.problems = "f:1: Service: metadata.name: is missing",
	}, {
		"a name that is none, with what a terminal would obey",
		"kind: Service\napiVersion: v1\nmetadata: {name: \"a\\e[31m\"}\n",
		.problems = "f:1: Service a?[31m: metadata.name: \"a?[31m\" is not a name",
	}, {
		"a namespace that is none",
		"kind: Service\napiVersion: v1\nmetadata: {name: a, namespace: a/b}\n",
		.problems = "f:1: Service a/b/a: metadata.namespace: \"a/b\" is not a name",
	}, {
		"fields of the wrong kind, all of them",
		SERVICE("  type: 5\n  externalIPs: 1.2.3.4\n  externalTrafficPolicy: local\n"
			"  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}\n"
			"  loadBalancerSourceRanges: [10.0.0.0]\n"
			"status: {loadBalancer: {ingress: [{ip: 1.2.3, ipMode: Vip}, {ip: 1.2.3}]}}\n"),
		.problems = "f:1: Service default/web: spec.type: is not a string\n"
			    "f:1: Service default/web: spec.externalIPs: is not a list\n"
			    "f:1: Service default/web: status.loadBalancer.ingress[0].ipMode: \"Vip\" is not one of: VIP, Proxy\n"
			    "f:1: Service default/web: status.loadBalancer.ingress[0].ip: \"1.2.3\" is not an IP address\n"
			    "f:1: Service default/web: status.loadBalancer.ingress[1].ip: \"1.2.3\" is not an IP address\n"
			    "f:1: Service default/web: spec.loadBalancerSourceRanges[0]: \"10.0.0.0\" is not an address range (CIDR)\n"
			    "f:1: Service default/web: spec.externalTrafficPolicy: \"local\" is not one of: Cluster, Local\n"
			    "f:1: Service default/web: spec.sessionAffinityConfig.clientIP.timeoutSeconds: 0 is not a number from 1 to 86400",
	}, {
		"ports of a service",
		"kind: Service\napiVersion: v1\nmetadata: {name: web}\n"
		"spec: {clusterIP: 10.96.0.1, ports: [{port: 70000}, {name: a}, {name: a, port: '80', protocol: ICMP}, {name: 'a:b', port: 80.5, nodePort: -1}, {name: x, port: 99999999999999999999}]}\n",
		.problems = "f:1: Service default/web: spec.ports[0].port: 70000 is not a number from 1 to 65535\n"
			    "f:1: Service default/web: spec.ports[1].port: is missing\n"
			    "f:1: Service default/web: spec.ports[2].protocol: \"ICMP\" is not one of: TCP, UDP, SCTP\n"
			    "f:1: Service default/web: spec.ports[2].port: \"80\" is not a number from 1 to 65535\n"
			    "f:1: Service default/web: spec.ports[2]: has the name of another port (\"a\")\n"
			    "f:1: Service default/web: spec.ports[3].name: \"a:b\" is not the name of a port\n"
			    "f:1: Service default/web: spec.ports[3].port: 80.5 is not a number from 1 to 65535\n"
			    "f:1: Service default/web: spec.ports[3].nodePort: -1 is not a number from 0 to 65535\n"
			    "f:1: Service default/web: spec.ports[3]: has the name of another port (\"\")\n"
			    "f:1: Service default/web: spec.ports[4].port: 9223372036854775807 is not a number from 1 to 65535",
	}, {
		"ClusterIPs of one family",
		SERVICE("  clusterIPs: [10.96.0.1, 10.96.0.2]\n"),
		.problems = "f:1: Service default/web: spec.clusterIPs: has more than one address of a family",
	}, {
		"annotations of ours",
		"kind: Service\napiVersion: v1\n"
		"metadata: {name: web, annotations: {k8snet/algorithm: best, k8snet/on-remove: 'no', k8snet/limit: many}}\n"
		"spec: {clusterIP: 10.96.0.1}\n",
		.problems = "f:1: Service default/web: metadata.annotations.k8snet/algorithm: \"best\" is not one of: maglev, random, rr, lc\n"
			    "f:1: Service default/web: metadata.annotations.k8snet/on-remove: \"no\" is not one of: drain, reset\n"
			    "f:1: Service default/web: metadata.annotations.k8snet/limit: \"many\" is not a number from 0 to 4294967295",
	}, {
		"slices",
		SLICE("ports: [{port: x}]\n"
		      "endpoints: [{}, {addresses: []}, {addresses: [x]}, {addresses: ['fd00::1']}, {addresses: [10.0.0.1], conditions: {ready: maybe}, hints: {forZones: [{}, {name: 5}]}}]\n"),
		.problems = "f:2: EndpointSlice default/web-1: ports[0].port: \"x\" is not a number from 0 to 65535\n"
			    "f:2: EndpointSlice default/web-1: endpoints[0].addresses: has no address\n"
			    "f:2: EndpointSlice default/web-1: endpoints[1].addresses: has no address\n"
			    "f:2: EndpointSlice default/web-1: endpoints[2].addresses[0]: \"x\" is not an IP address\n"
			    "f:2: EndpointSlice default/web-1: endpoints[3].addresses[0]: is not of the slice's addressType\n"
			    "f:2: EndpointSlice default/web-1: endpoints[4].conditions.ready: is neither true nor false\n"
			    "f:2: EndpointSlice default/web-1: endpoints[4].hints.forZones[0].name: is missing\n"
			    "f:2: EndpointSlice default/web-1: endpoints[4].hints.forZones[1].name: is not a string",
	}, {
		"a slice without an address type",
		"kind: EndpointSlice\napiVersion: discovery.k8s.io/v1\nmetadata: {name: a, labels: {kubernetes.io/service-name: web}}\n",
		.problems = "f:1: EndpointSlice default/a: addressType: is missing",
	}, {
		"metadata that is no object",
		"kind: Service\napiVersion: v1\nmetadata: [a]\n",
		.problems = "f:1: metadata: is not an object\n"
			    "f:1: Service: metadata: is not an object\n"
			    "f:1: Service: metadata.name: is missing",
	}, {
		"items that are no list",
		"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\n\"items\":5}",
		.problems = "f:2: a list in square brackets is missing",
	}, {
		"items that are no list, in YAML",
		"kind: ServiceList\napiVersion: v1\nitems: 5\n",
		.problems = "f:1: \"items\" is not a list",
	}, {
		"an item that is null",
		"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"items\":[\nnull]}",
		.problems = "f:2: null is not an object",
	}, {
		"an item that is no object",
		"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"items\":[\n5]}",
		.problems = "f:2: items[0]: is not an object",
	}, {
		"JSON: a value that ends too early",
		"{\"kind\":\"ServiceList\",\"items\":[\n{}",
		.problems = "f:1: the text ends within the value that begins here",
	}, {
		"JSON: an item that is broken",
		"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"items\":[{\n\"a\":tru}]}",
		.problems = "f:2: boolean expected",
	}, {
		"JSON: no comma between items",
		"{\"kind\":\"List\",\"items\":[{\"kind\":\"Pod\"}\n{}]}",
		.problems = "f:1: items[0]: Pod: this kind is not known here (Node, Service and EndpointSlice are)\n"
			    "f:2: a comma or bracket is missing",
	}, {
		"JSON: a comma too many",
		"{\"kind\":\"List\",\"items\":[],}",
		.problems = "f:1: a name in double quotes is missing",
	}, {
		"JSON: something behind the object",
		"{\"version\":1}\nx",
		.problems = "f:2: an object in braces is missing",
	}, {
		"JSON: other members of a list are read too",
		"{\"kind\":\"List\",\"metadata\":{\"a\":nul},\"items\":[]}",
		.problems = "f:1: null expected",
	}, {
		"JSON: no colon",
		"{\"kind\" \"List\"}",
		.problems = "f:1: a colon is missing",
	}, {
		"JSON: brackets that do not match",
		"{\"kind\":\"List\",\"items\":[}]}",
		.problems = "f:1: a comma or brace is missing",
	}, {
		"JSON: something between a list and the next comma",
		"{\"kind\":\"List\",\"items\":[]x}",
		.problems = "f:1: a comma or bracket is missing",
	}, {
		"JSON: single quotes, which hide a bracket",
		"{\"services\":[],\"version\":'1]'}",
		.problems = "f:1: a comma or brace is missing",
	}, {
		"JSON: a string with a zero byte",
		"{\"services\":[{\"name\":\"a\\u0000b\",\"protocol\":\"tcp\",\"frontends\":[{\"address\":\"1.2.3.4\",\"port\":1}]}]}",
		.problems = "f:1: services[0]: name: has a zero byte in it",
	}, {
		"YAML: a tab",
		"kind: List\n\titems: []\n",
		.problems = "f:2: found a tab character that violates indentation",
	}, {
		"YAML: a field twice",
		"kind: List\nitems: []\nkind: List\n",
		.problems = "f:3: this field is there twice",
	}, {
		"YAML: merge keys",
		"a: &a {b: 1}\nc:\n  <<: *a\n",
		.problems = "f:3: merge keys (<<) are not known here",
	}, {
		"YAML: an alias of nothing, or of what is not complete",
		"services: &a [*a]\n",
		.problems = "f:1: this alias names nothing before it",
	}, {
		"YAML: a tag",
		"services: !!set {a: 1}\nversion: !!int '1'\n",
		.problems = "f:2: tags but !!str are not known here",
	}, {
		"YAML: a mapping as a name",
		"? {a: 1}\n: 2\n",
		.problems = "f:1: the name of a field must be text",
	}, {
		"both formats",
		"services: []\n---\n" NODE1,
		.problems = "there are objects of Kubernetes and of k8snet's own format; give one or the other",
	},
};

/* A native service, and what follows. */
#define NATIVE(rest) \
	"{\"services\": [{\"name\": \"a/b:c\", \"protocol\": \"tcp\", \"frontends\": [{\"address\": \"10.96.0.1\", \"port\": 80}]" \
	rest "}]}"

static const struct test native[] = {
	{
		"native, in few words",
		NATIVE(", \"endpoints\": [{\"address\": \"10.0.0.1\", \"port\": 8080}]"),
		.plan = "+ service a/b:c tcp 10.96.0.1:80\n"
			"    + endpoint 10.0.0.1:8080,cluster,serving\n"
			"1 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"native, in YAML, with an alias",
		"nodes:\n"
		"- {name: w2, via: 'fd00::2', pods: [10.244.2.0/24], ifname: k8snet1, port: 0x10, format: ipip, mac: '0a:00:00:00:00:01'}\n"
		"services:\n"
		"- name: a/b\n"
		"  protocol: sctp\n"
		"  frontends: [{type: node-port, address: 0.0.0.0, port: 30000}]\n"
		"  internal_policy: local\n"
		"  endpoints: &e [{address: 10.0.0.1, port: 1, weight: 5, flags: [local, on-node, serving]}, {address: 10.0.0.1, port: 2, flags: []}]\n"
		"- {name: a/c, protocol: udp, frontends: [{address: 10.96.0.1, port: 53}], endpoints: *e}\n",
		.plan = "+ node w2 dev k8snet1 via fd00::2 pods 10.244.2.0/24 format ipip port 16 mac 0a:00:00:00:00:01\n"
			"+ service a/b sctp nodeport 0.0.0.0:30000 internal local\n"
			"    + endpoint 10.0.0.1:1,local,on-node,serving,weight=5\n"
			"    + endpoint 10.0.0.1:2\n"
			"+ service a/c udp 10.96.0.1:53\n"
			"    + endpoint 10.0.0.1:1,local,on-node,serving,weight=5\n"
			"    + endpoint 10.0.0.1:2\n"
			"3 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"native, several objects one after the other",
		"{\"version\":1}{\"nodes\":null}\n{\"services\":[]}",
		.plan = "nothing to change, 0 as desired\n",
	}, {
		"native: fields that are not known",
		NATIVE(", \"weight\": 1, \"endpoints\": [{\"address\": \"10.0.0.1\", \"port\": 1, \"ready\": true}]"),
		.problems = "f:1: services[0]: service a/b:c: there is no field \"weight\"\n"
			    "f:1: services[0]: service a/b:c: endpoints[0]: there is no field \"ready\"",
	}, {
		"native: what must be there",
		"{\"services\": [{}], \"nodes\": [{}]}",
		.problems = "f:1: services[0]: name: is missing\n"
			    "f:1: services[0]: protocol: is missing\n"
			    "f:1: services[0]: frontends: has no frontend\n"
			    "f:1: nodes[0]: name: is missing\n"
			    "f:1: nodes[0]: via: is missing\n"
			    "f:1: nodes[0]: pods: is missing",
	}, {
		"native: values that are not possible",
		NATIVE(", \"affinity\": 86401, \"algorithm\": \"best\", \"limit\": -1, \"endpoints\": [{\"address\": \"10.0.0.1\", \"port\": 0, \"weight\": 101, \"flags\": [\"x\"]}]"),
		.problems = "f:1: services[0]: service a/b:c: affinity: 86401 is not a number from 0 to 86400\n"
			    "f:1: services[0]: service a/b:c: algorithm: \"best\" is not one of: maglev, random, rr, lc\n"
			    "f:1: services[0]: service a/b:c: limit: -1 is not a number from 0 to 4294967295\n"
			    "f:1: services[0]: service a/b:c: endpoints[0].port: 0 is not a number from 1 to 65535\n"
			    "f:1: services[0]: service a/b:c: endpoints[0].weight: 101 is not a number from 1 to 100\n"
			    "f:1: services[0]: service a/b:c: endpoints[0].flags[0]: \"x\" is not one of: cluster, local, on-node, serving",
	}, {
		"native: an endpoint twice",
		NATIVE(", \"endpoints\": [{\"address\": \"10.0.0.1\", \"port\": 1}, {\"address\": \"10.0.0.1\", \"port\": 1, \"weight\": 2}]"),
		.problems = "f:1: services[0]: service a/b:c: endpoint 10.0.0.1 port 1 is there twice, not the same",
	}, {
		"native: an object twice, the second in another section",
		"{\"nodes\": [{\"name\": \"a\", \"via\": \"1.2.3.4\", \"pods\": [\"10.0.0.0/8\"]}]}\n"
		"{\"nodes\": [{\"name\": \"a\", \"via\": \"1.2.3.5\", \"pods\": [\"11.0.0.0/8\"]}]}",
		.problems = "node a: is there twice",
	}, {
		"native: the same node behind two devices",
		"nodes: [{name: a, via: 1.2.3.4, pods: [10.0.0.0/8]}, {name: a, ifname: x, via: 1.2.3.4, pods: [10.0.0.0/8]}]",
		.plan = "+ node a dev k8snet0 via 1.2.3.4 pods 10.0.0.0/8\n"
			"+ node a dev x via 1.2.3.4 pods 10.0.0.0/8\n"
			"2 to add, 0 to change, 0 to remove, 0 unchanged\n",
	}, {
		"native: settings",
		"config: {pods: [10.244.0.0/16], seed: 000102030405060708090a0b0c0d0e0f, nodeports_max: 40000}\n"
		"egress: {enabled: on, source_ipv6: 'fd00::1', exclude: [10.0.0.0/8]}\n",
		.plan = "~ config\n"
			"    ~ pods none -> 10.244.0.0/16\n"
			"    ~ seed 00000000000000000000000000000000 -> 000102030405060708090a0b0c0d0e0f\n"
			"    ~ nodeports 0-0 -> 30000-40000\n"
			"~ egress\n"
			"    ~ off -> on\n"
			"    ~ source auto -> fd00::1\n"
			"    ~ exclude none -> 10.0.0.0/8\n"
			"0 to add, 2 to change, 0 to remove, 0 unchanged\n",
	}, {
		"native: settings that are not possible",
		"{\"config\": {\"seed\": \"00\", \"nodeports_min\": 40000, \"nodeports_max\": 30000, \"nodeports\": 1},\n"
		"\"egress\": {\"source\": \"fd00::1\", \"source_ipv6\": \"1.2.3.4\", \"enabled\": 1}, \"egress\": {}}",
		.problems = "f:1: config: there is no field \"nodeports\"\n"
			    "f:1: config: seed: \"00\" is not 32 hexadecimal digits\n"
			    "f:1: config: nodeports_max: 30000 is not a number from 40000 to 65535\n"
			    "f:2: egress: enabled: is neither true nor false\n"
			    "f:2: egress: source: is not an IPv4 address\n"
			    "f:2: egress: source_ipv6: is not an IPv6 address\n"
			    "f:2: egress: is there twice",
	}, {
		"native: a version to come",
		"{\"version\": 2}",
		.problems = "f:1: 2 is not a number from 1 to 1",
	}, {
		"native: a section that there is not",
		"{\"servics\": []}",
		.problems = "f:1: there is no section \"servics\" (config, egress, flow, links, nodes and services are; an object of Kubernetes has a kind)",
	},
};

static char *join(const struct k8snet_problems *problems)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < problems->kept; i++)
		fprintf(out, "%s%s", i ? "\n" : "", problems->text[i]);
	fclose(out);
	return text;
}

/* Of two objects of one name either can be the second: only what is said counts then. */
static void check_problems(const struct test *test, const struct k8snet_problems *problems)
{
	const char *want = test->problems ? test->problems : "";
	char *text = join(problems);

	if (strstr(want, "there twice") && strncmp(want, "f:", 2))
		check(strstr(text, want) != NULL, "%s: problems: %s", test->name, text);
	else
		check_text(text, want, "%s: problems", test->name);
	free(text);
}

/* The text is in memory of its own size, so that reading past it is found out. */
static void run(const struct test *test)
{
	struct k8snet_input input = { .view = { "node1", "k8snet0" } };
	size_t size = strlen(test->text);
	char *copy = malloc(size ? size : 1), *text;
	bool good;

	memcpy(copy, test->text, size);
	k8snet_input_text(&input, "f", copy, size);
	free(copy);
	good = k8snet_input_finish(&input);
	check(good == !test->problems, "%s: whether it can be applied", test->name);
	check_problems(test, &input.problems);
	text = join(&input.notes);
	check_text(text, test->notes ? test->notes : "", "%s: notes", test->name);
	free(text);
	if (test->plan) {
		text = plan_text(&input.state, NULL, true);
		check_text(text, test->plan, "%s: plan", test->name);
		free(text);
	}
	k8snet_input_free(&input);
}

/* All are counted, the first ones are told. */
static void test_many_problems(void)
{
	struct k8snet_input input = { .view = { "node1", "k8snet0" } };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < 1000; i++)
		fputs("{\"kind\":\"Pod\"}\n", out);
	fclose(out);
	k8snet_input_text(&input, "f", text, size);
	check(!k8snet_input_finish(&input), "a thousand problems");
	check(input.problems.count == 1000 && input.problems.kept == K8SNET_PROBLEMS_KEPT,
	      "a hundred of them told");
	check_text(input.problems.text[99],
		   "f:100: Pod: this kind is not known here (Node, Service and EndpointSlice are)",
		   "the last that is told");
	k8snet_input_free(&input);
	free(text);
}

/* Deep nesting ends in a sentence, not on the stack. */
static void test_depth(const char *text, const char *open, const char *want, const char *name)
{
	struct k8snet_input input = { .view = { "node1", "k8snet0" } };
	size_t size;
	char *deep;
	FILE *out = open_memstream(&deep, &size);

	fputs(text, out);
	for (int i = 0; i < 100000; i++)
		fputs(open, out);
	fclose(out);
	k8snet_input_text(&input, "f", deep, size);
	check(!k8snet_input_finish(&input), "%s", name);
	check_text(first(&input.problems), want, "%s: what is said", name);
	k8snet_input_free(&input);
	free(deep);
}

/* What a load balancer asks to know where endpoints are: no one else does. */
static void test_health_check(void)
{
	static const struct {
		const char *type;
		const char *policy;
		uint16_t port;
	} tests[] = {
		{ "LoadBalancer", "Local", 32000 },
		{ "LoadBalancer", "Cluster", 0 },
		{ "NodePort", "Local", 0 },
	};

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		struct k8snet_input input = { .view = { "node1", "k8snet0" } };
		char text[512];

		snprintf(text, sizeof(text),
			 SERVICE("  type: %s\n  externalTrafficPolicy: %s\n  healthCheckNodePort: 32000\n")
			 EMPTY, tests[i].type, tests[i].policy);
		k8snet_input_text(&input, "f", text, strlen(text));
		check(k8snet_input_finish(&input) &&
		      input.state.service[0].health_check_port == tests[i].port,
		      "health check port of a %s, policy %s", tests[i].type, tests[i].policy);
		k8snet_input_free(&input);
	}
}

static void test_files(void)
{
	struct k8snet_input input = { .view = { "node1", "k8snet0" } };

	k8snet_input_file(&input, "there/is/none");
	k8snet_input_file(&input, "kube");
	check(!k8snet_input_finish(&input), "files that cannot be read");
	check_text(first(&input.problems), "there/is/none: No such file or directory",
		   "a file that is not there");
	check(input.problems.kept == 2 &&
	      !strcmp(input.problems.text[1], "kube: Is a directory"), "a folder");
	k8snet_input_free(&input);
}

static void run_all(const struct test *tests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run(&tests[i]);
}

void test_input(void)
{
	run_all(services, sizeof(services) / sizeof(services[0]));
	run_all(nodes, sizeof(nodes) / sizeof(nodes[0]));
	run_all(broken, sizeof(broken) / sizeof(broken[0]));
	run_all(native, sizeof(native) / sizeof(native[0]));
	test_many_problems();
	test_depth("services: ", "[", "f:1: this is nested too deeply", "YAML that is nested deeply");
	test_depth("{\"services\":", "[", "f:1: the text ends within the value that begins here",
		   "JSON that is nested deeply");
	test_health_check();
	test_files();
}
