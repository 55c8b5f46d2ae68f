// SPDX-License-Identifier: GPL-2.0
/*
 * Aggregation of tunnel packets as they come in, for all UDP formats: the
 * tunnel headers must be alike, the rest is for the inner protocol's GRO.
 *
 * One function for all formats, because newer kernels call it directly if it
 * is the only one of the system (udp_tunnel_update_gro_rcv()).
 */
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <net/gro.h>
#include <net/udp.h>

#include "overlay/socket.h"
#include "packet.h"

#define GRO_VXLAN_LEN	(sizeof(struct k8snet_vxlanhdr) + ETH_HLEN)

/* Length of what stands between UDP and IP, and the protocol of the latter. */
static int gro_parse(const u8 *hdr, unsigned int len, __be16 *proto)
{
	const struct k8snet_vxlanhdr *vxh = (const void *)hdr;
	const struct ethhdr *eth = (const void *)(vxh + 1);

	switch (*hdr >> 4) {
	case 4:
		*proto = htons(ETH_P_IP);
		return 0;
	case 6:
		*proto = htons(ETH_P_IPV6);
		return 0;
	}
	if (len < GRO_VXLAN_LEN || vxh->flags != K8SNET_VXLAN_FLAGS)
		return -EINVAL;
	/* What k8snet_receive() drops is not worth the look. */
	*proto = eth->h_proto;
	return *proto == htons(ETH_P_IP) || *proto == htons(ETH_P_IPV6) ?
	       GRO_VXLAN_LEN : -EINVAL;
}

/**
 * k8snet_gro_receive() - gro_receive of the tunnel sockets
 * @sk: the socket
 * @head: packets that wait to be aggregated
 * @skb: a packet, at what follows its UDP header
 *
 * Context: softirq, RCU read side.
 * Return: a packet that must be flushed first, or NULL.
 */
struct sk_buff *k8snet_gro_receive(struct sock *sk, struct list_head *head,
				   struct sk_buff *skb)
{
	const unsigned int off = skb_gro_offset(skb);
	const struct packet_offload *ptype;
	struct sk_buff *pp = NULL, *p;
	unsigned int want = 1;
	int flush = 1, hlen;
	__be16 proto;
	u8 *hdr;

	hdr = skb_gro_header(skb, off + want, off);
	if (unlikely(!hdr))
		goto out;
	if (!(*hdr >> 4)) {
		want = GRO_VXLAN_LEN;
		hdr = skb_gro_header(skb, off + want, off);
		if (unlikely(!hdr))
			goto out;
	}
	hlen = gro_parse(hdr, want, &proto);
	if (hlen < 0)
		goto out;
	ptype = gro_find_receive_by_type(proto);
	if (!ptype)
		goto out;
	flush = 0;
	list_for_each_entry(p, head, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		/* A raw packet's first byte says its version. */
		if (memcmp(p->data + off, hdr, hlen ?: 1))
			NAPI_GRO_CB(p)->same_flow = 0;
	}
	skb_gro_pull(skb, hlen);
	skb_gro_postpull_rcsum(skb, hdr, hlen);
	pp = call_gro_receive(ptype->callbacks.gro_receive, head, skb);
out:
	skb_gro_flush_final(skb, pp, flush);
	return pp;
}

/**
 * k8snet_gro_complete() - gro_complete of the tunnel sockets
 * @sk: the socket
 * @skb: an aggregated packet
 * @nhoff: offset of what follows its UDP header
 *
 * Context: softirq, RCU read side.
 * Return: 0, or a negative errno.
 */
int k8snet_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff)
{
	const struct packet_offload *ptype;
	__be16 proto;
	int hlen;

	hlen = gro_parse(skb->data + nhoff, GRO_VXLAN_LEN, &proto);
	if (hlen < 0)
		return hlen;
	ptype = gro_find_complete_by_type(proto);
	if (!ptype)
		return -ENOENT;
	/* Where segmentation starts if the packet is forwarded as it is. */
	skb_set_inner_mac_header(skb, hlen ? nhoff + hlen - ETH_HLEN : nhoff);
	return ptype->callbacks.gro_complete(skb, nhoff + hlen);
}
