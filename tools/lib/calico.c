// SPDX-License-Identifier: GPL-2.0
/*
 * The MAC address that Calico gives the VXLAN device of a node.
 *
 * Calico's nodes do not tell each other: each computes the addresses of all
 * from their names (projectcalico/calico, felix/calc/vxlan_resolver.go,
 * vtepMACForHost(), and felix/dataplane/linux/vxlan_mgr.go for its own device).
 */
#include <string.h>

#include <sha1.h>

#include <linux/k8snet.h>

#include "calico.h"

#define FIRST_BYTE	0x66	/* unicast, and locally administered */
#define IPV6_SUFFIX	"-v6"

/* mac has K8SNET_MAC_LEN bytes; ipv6 for the device that has an IPv6 underlay. */
void k8snet_calico_mac(const char *node, bool ipv6, uint8_t *mac)
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX sha1;

	SHA1Init(&sha1);
	SHA1Update(&sha1, (const uint8_t *)node, strlen(node));
	if (ipv6)
		SHA1Update(&sha1, (const uint8_t *)IPV6_SUFFIX, strlen(IPV6_SUFFIX));
	SHA1Final(digest, &sha1);
	mac[0] = FIRST_BYTE;
	memcpy(mac + 1, digest, K8SNET_MAC_LEN - 1);
}
