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
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <net/ip.h>

#include <uapi/linux/k8snet.h>

#include "addr.h"

/* RFC 7348 section 5: flags, 24 reserved bits; identifier, 8 reserved bits. */
struct k8snet_vxlanhdr {
	__be32 flags;
	__be32 vni;
};

static_assert(sizeof(struct k8snet_vxlanhdr) == 8);

#define K8SNET_VXLAN_FLAGS	htonl(0x08000000)	/* only I, the VNI is valid */
#define K8SNET_VXLAN_RESERVED	htonl(0x000000ff)	/* of the VNI's word */
#define K8SNET_VNI_MAX		0xffffff

static inline bool k8snet_packet_is_vxlan(const struct k8snet_vxlanhdr *vxh)
{
	return vxh->flags == K8SNET_VXLAN_FLAGS &&
	       !(vxh->vni & K8SNET_VXLAN_RESERVED);
}

/* What flannel gives its devices (pkg/backend/vxlan): VNI 1, Linux' old port. */
#define K8SNET_VNI_DEFAULT	1
#define K8SNET_PORT_DEFAULT	8472
#define K8SNET_TTL_DEFAULT	64

/* What flanneld's udp backend uses, both ends (pkg/backend/udp). */
#define K8SNET_PORT_UDP		8285

/* Between the outer IP header and the inner one. */
#define K8SNET_VXLAN_HLEN \
	(sizeof(struct udphdr) + sizeof(struct k8snet_vxlanhdr) + ETH_HLEN)

/* Of the largest format, VXLAN over IPv6. */
#define K8SNET_OVERHEAD_MAX	(sizeof(struct ipv6hdr) + K8SNET_VXLAN_HLEN)

static_assert(sizeof(struct iphdr) + K8SNET_VXLAN_HLEN == 50);
static_assert(K8SNET_OVERHEAD_MAX == 70);

/* What a format adds to a packet, by the family of the underlay. */
static inline unsigned int k8snet_packet_overhead(u32 format, u16 family)
{
	unsigned int ip = family == AF_INET ? sizeof(struct iphdr) :
					      sizeof(struct ipv6hdr);

	switch (format) {
	case K8SNET_FORMAT_VXLAN:
		return ip + K8SNET_VXLAN_HLEN;
	case K8SNET_FORMAT_UDP:
		return ip + sizeof(struct udphdr);
	case K8SNET_FORMAT_IPIP:
		return ip;
	default:
		return 0;
	}
}

/*
 * Has a packet at its IP header, of which IPv4's is in the linear part, a plain
 * one that is right? What ip_rcv_core() and its twin see to.
 */
static inline bool k8snet_packet_is_exact(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb->protocol == htons(ETH_P_IPV6)) {
		if (unlikely(!pskb_may_pull(skb, sizeof(struct ipv6hdr))))
			return false;
		skb_set_transport_header(skb, sizeof(struct ipv6hdr));
		return ipv6_hdr(skb)->version == 6 &&
		       ntohs(ipv6_hdr(skb)->payload_len) +
		       sizeof(struct ipv6hdr) == skb->len;
	}
	skb_set_transport_header(skb, sizeof(*iph));
	return iph->version == 4 && iph->ihl == 5 &&
	       ntohs(iph->tot_len) == skb->len && !ip_fast_csum(iph, 5);
}

/* A packet, or each that it is cut into. */
static inline bool k8snet_packet_is_within(const struct sk_buff *skb,
					   unsigned int mtu)
{
	return skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) :
				 skb->len <= mtu;
}

/* A device with these need not be spared anything about a whole packet. */
#define K8SNET_PACKET_FEATURES \
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM)

/*
 * Would validate_xmit_skb() let each packet pass as it is that is whole and in no
 * tunnel? What it asks of the others, k8snet_packet_suits() does.
 */
static inline bool k8snet_packet_device_suits(const struct net_device *dev)
{
	const struct net_device_ops *ops = dev->netdev_ops;

	return !(~dev->features & K8SNET_PACKET_FEATURES) &&
	       (!ops->ndo_features_check ||
		ops->ndo_features_check == passthru_features_check);
}

/*
 * And this one, by a device for which k8snet_packet_device_suits()? The answer is
 * no for what is in a tunnel if the device has other features then, or if it is a
 * GSO packet, of which more is asked; and for what is larger than GSO packets
 * used to be, for which IPv4 has its own limit.
 */
static inline bool k8snet_packet_suits(struct sk_buff *skb,
				       const struct net_device *dev)
{
	const unsigned int size = min_t(unsigned int, GSO_LEGACY_MAX_SIZE,
					READ_ONCE(dev->gso_max_size));

	if (skb->encapsulation && (skb_is_gso(skb) ||
				   ~dev->hw_enc_features & K8SNET_PACKET_FEATURES))
		return false;
	if (skb_csum_is_sctp(skb) && !(dev->features & NETIF_F_SCTP_CRC))
		return false;
	return !skb_is_gso(skb) ||
	       (net_gso_ok(dev->features, skb_shinfo(skb)->gso_type) &&
		skb->ip_summed == CHECKSUM_PARTIAL &&
		skb->len + ETH_HLEN < size &&
		skb_shinfo(skb)->gso_segs <= READ_ONCE(dev->gso_max_segs));
}

static inline bool k8snet_packet_is_udp(u32 format)
{
	return format == K8SNET_FORMAT_VXLAN || format == K8SNET_FORMAT_UDP;
}

/* The port that the peers of a format use if nobody says otherwise. */
static inline __be16 k8snet_packet_port(u32 format)
{
	return htons(format == K8SNET_FORMAT_UDP ? K8SNET_PORT_UDP :
						   K8SNET_PORT_DEFAULT);
}

/* An IPv4 host must take 576 bytes (RFC 791); the largest that fits is 64 KiB. */
#define K8SNET_MTU_MIN		576
#define K8SNET_MTU_MAX		(IP_MAX_MTU - 50)

/*
 * The MAC of a node that declares none: the CNI plugins' 0a:58 and its IPv4
 * address, or the last four bytes of its IPv6 one.
 */
static inline void k8snet_packet_mac(u8 mac[ETH_ALEN],
				     const struct k8snet_addr *addr)
{
	mac[0] = 0x0a;
	mac[1] = 0x58;
	memcpy(mac + 2, addr->family == AF_INET ? &addr->ip :
						  &addr->ip6.s6_addr32[3], 4);
}

#endif /* K8SNET_PACKET_H */
