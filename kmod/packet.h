/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes on the wire: tunnel headers, their lengths and limits.
 */
#ifndef K8SNET_PACKET_H
#define K8SNET_PACKET_H

#include <linux/build_bug.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/types.h>
#include <linux/udp.h>

/* RFC 7348 section 5: flags, 24 reserved bits; identifier, 8 reserved bits. */
struct k8snet_vxlanhdr {
	__be32 flags;
	__be32 vni;
};

static_assert(sizeof(struct k8snet_vxlanhdr) == 8);

#define K8SNET_VXLAN_FLAGS	htonl(0x08000000)	/* only I, the VNI is valid */
#define K8SNET_VXLAN_RESERVED	htonl(0x000000ff)	/* of the VNI's word */
#define K8SNET_VNI_MAX		0xffffff

/* What flannel gives its devices (pkg/backend/vxlan): VNI 1, Linux' old port. */
#define K8SNET_VNI_DEFAULT	1
#define K8SNET_PORT_DEFAULT	8472
#define K8SNET_TTL_DEFAULT	64

/* Between the outer IP header and the inner one. */
#define K8SNET_VXLAN_HLEN \
	(sizeof(struct udphdr) + sizeof(struct k8snet_vxlanhdr) + ETH_HLEN)
#define K8SNET_OVERHEAD		(sizeof(struct iphdr) + K8SNET_VXLAN_HLEN)

static_assert(K8SNET_OVERHEAD == 50);

/* An IPv4 host must take 576 bytes (RFC 791); the largest that fits is 64 KiB. */
#define K8SNET_MTU_MIN		576
#define K8SNET_MTU_MAX		(IP_MAX_MTU - K8SNET_OVERHEAD)
#define K8SNET_MTU_DEFAULT	(ETH_DATA_LEN - K8SNET_OVERHEAD)

/* The MAC of a node that declares none: the CNI plugins' 0a:58 and its IPv4. */
static inline void k8snet_packet_mac(u8 mac[ETH_ALEN], __be32 addr)
{
	mac[0] = 0x0a;
	mac[1] = 0x58;
	memcpy(mac + 2, &addr, sizeof(addr));
}

#endif /* K8SNET_PACKET_H */
