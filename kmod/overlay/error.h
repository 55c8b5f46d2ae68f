/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors about tunnel packets.
 */
#ifndef K8SNET_OVERLAY_ERROR_H
#define K8SNET_OVERLAY_ERROR_H

#include <linux/icmp.h>
#include <net/ip.h>

/*
 * No router says of a packet without DF that it is too big (RFC 1191 section
 * 4): it makes it smaller. @iph is what an ICMP error is about, in its packet.
 */
static inline bool k8snet_error_is_absurd(const struct iphdr *iph)
{
	/* The stack has just taken it off, and calls us with what follows. */
	const struct icmphdr *icmph = (const void *)iph - sizeof(*icmph);

	return iph->version == 4 && icmph->type == ICMP_DEST_UNREACH &&
	       icmph->code == ICMP_FRAG_NEEDED &&
	       !(iph->frag_off & htons(IP_DF));
}

int k8snet_error_init(void);
void k8snet_error_exit(void);

#endif /* K8SNET_OVERLAY_ERROR_H */
