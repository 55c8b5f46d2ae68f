// SPDX-License-Identifier: GPL-2.0
/*
 * Room for the outer headers in front of the packets that pods send.
 *
 * A pod knows its veth only, and leaves as much room in front of a packet as
 * that wants: too little, and each packet's head is copied to where there is
 * more (pskb_expand_head(), a tenth of all that the packet costs). A bridge
 * tells its ports what it needs (update_headroom()); between pods and an overlay
 * there is a route, which tells nobody. So the device that a flow comes in on is
 * told when the flow is remembered: then the pod's socket leaves the room.
 */
#include <linux/if_bridge.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "netns.h"
#include "overlay/device.h"
#include "overlay/headroom.h"

/* Between two looks at devices; of a bridge most often all is told already. */
#define HEADROOM_PAUSE		(HZ / 4)
#define HEADROOM_LONG_PAUSE	(5 * HZ)

/* Could it be told, and was not? Of a bridge it is the ports. */
static bool headroom_is_short(const struct net_device *dev, int room)
{
	return netif_is_bridge_master(dev) ||
	       (dev->netdev_ops->ndo_set_rx_headroom &&
		READ_ONCE(dev->needed_headroom) < room);
}

/**
 * k8snet_headroom_want() - packets of a device are to go out by the overlay
 * @kn: the namespace of both
 * @kdev: the overlay device
 * @in: what the packets come in on
 *
 * Context: any; RCU read side.
 */
void k8snet_headroom_want(struct k8snet_net *kn, const struct k8snet_dev *kdev,
			  const struct net_device *in)
{
	struct k8snet_headroom *headroom = &kn->headroom;
	int room = READ_ONCE(kdev->dev->needed_headroom);

	if (!headroom_is_short(in, room) || READ_ONCE(headroom->wanted) ||
	    READ_ONCE(headroom->stopped) ||
	    time_before(jiffies, READ_ONCE(headroom->wait)))
		return;
	/* Of two the later one gets it; the other will ask again. */
	WRITE_ONCE(headroom->room, room);
	WRITE_ONCE(headroom->wanted, in->ifindex);
	schedule_delayed_work(&headroom->work, 1);
}

/* Of ports a bridge has said what it needs itself. */
static bool headroom_give_one(struct net_device *dev, int room)
{
	if (netif_is_bridge_master(dev) || !headroom_is_short(dev, room))
		return false;
	netdev_set_rx_headroom(dev, room);
	return true;
}

/* Was there one to be told? */
static bool headroom_give(struct net_device *dev, int room)
{
	bool given = headroom_give_one(dev, room);
	struct net_device *port;
	struct list_head *iter;

	if (netif_is_bridge_master(dev))
		netdev_for_each_lower_dev(dev, port, iter)
			given |= headroom_give_one(port, room);
	return given;
}

static void headroom_work(struct work_struct *work)
{
	struct k8snet_headroom *headroom =
		container_of(to_delayed_work(work), struct k8snet_headroom, work);
	struct k8snet_net *kn = container_of(headroom, struct k8snet_net,
					     headroom);
	struct net_device *dev;
	bool given;

	rtnl_lock();
	dev = READ_ONCE(headroom->stopped) ? NULL :
	      __dev_get_by_index(kn->net, READ_ONCE(headroom->wanted));
	given = dev && headroom_give(dev, READ_ONCE(headroom->room));
	headroom->given |= given;
	WRITE_ONCE(headroom->wait, jiffies + (given ? HEADROOM_PAUSE :
						      HEADROOM_LONG_PAUSE));
	WRITE_ONCE(headroom->wanted, 0);
	rtnl_unlock();
}

/* As if nobody had asked; what another kind of switch has said is its own. */
static void headroom_take_back(struct net_device *dev)
{
	struct net_device *master = netdev_master_upper_dev_get(dev);

	if (netif_is_bridge_port(dev) && master)
		netdev_set_rx_headroom(dev, master->needed_headroom);
	else if (!master && !rtnl_dereference(dev->rx_handler))
		netdev_reset_rx_headroom(dev);
}

void k8snet_headroom_init(struct k8snet_net *kn)
{
	INIT_DELAYED_WORK(&kn->headroom.work, headroom_work);
	kn->headroom.wait = jiffies;
}

/**
 * k8snet_headroom_stop() - leave devices as they would be without the overlay
 * @kn: the namespace, about to go
 */
void k8snet_headroom_stop(struct k8snet_net *kn)
{
	struct net_device *dev;

	rtnl_lock();
	WRITE_ONCE(kn->headroom.stopped, true);
	if (kn->headroom.given)
		for_each_netdev(kn->net, dev)
			headroom_take_back(dev);
	rtnl_unlock();
}

/**
 * k8snet_headroom_destroy() - no packet asks for room any more
 * @kn: the namespace; those that were on their way are through
 */
void k8snet_headroom_destroy(struct k8snet_net *kn)
{
	cancel_delayed_work_sync(&kn->headroom.work);
}
