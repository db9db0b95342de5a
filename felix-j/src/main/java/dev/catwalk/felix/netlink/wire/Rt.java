package dev.catwalk.felix.netlink.wire;

/** Numbers of netlink, rtnetlink and nfnetlink, by their names in {@code linux/*.h}. */
final class Rt {
  static final int HEADER = 16;
  static final int ATTRIBUTE = 4;

  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLMSG_OVERRUN = 4;

  static final int NLM_F_REQUEST = 1;
  static final int NLM_F_ACK = 4;
  static final int NLM_F_DUMP_INTR = 0x10;
  static final int NLM_F_DUMP = 0x300;
  static final int NLM_F_REPLACE = 0x100;
  static final int NLM_F_EXCL = 0x200;
  static final int NLM_F_CREATE = 0x400;
  static final int NLM_F_CAPPED = 0x100;
  static final int NLM_F_ACK_TLVS = 0x200;
  static final int NLMSGERR_ATTR_MSG = 1;

  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_DELROUTE = 25;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_DELNEIGH = 29;
  static final int RTM_GETNEIGH = 30;
  static final int RTM_NEWRULE = 32;

  static final int AF_UNSPEC = 0;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  static final int IFINFOMSG = 16;
  static final int IFF_UP = 1;
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_IFALIAS = 20;
  static final int IFLA_NET_NS_FD = 28;
  static final int IFLA_NUM_TX_QUEUES = 31;
  static final int IFLA_NUM_RX_QUEUES = 32;
  static final int IFLA_INFO_KIND = 1;
  static final int IFLA_INFO_DATA = 2;
  static final int VETH_INFO_PEER = 1;

  static final int IFADDRMSG = 8;
  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_F_NODAD = 2;

  static final int RTMSG = 12;
  static final int RTNEXTHOP = 8;
  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_PRIORITY = 6;
  static final int RTA_MULTIPATH = 9;
  static final int RTA_TABLE = 15;
  static final int RTA_VIA = 18;
  static final int RTNH_F_ONLINK = 4;
  static final int RTM_F_CLONED = 0x200;
  static final int RT_SCOPE_LINK = 253;
  static final int RT_SCOPE_NOWHERE = 255;
  static final int RT_TABLE_COMPAT = 252;

  static final int FR_ACT_TO_TBL = 1;
  static final int FRA_SRC = 2;
  static final int FRA_PRIORITY = 6;
  static final int FRA_TABLE = 15;

  static final int NDMSG = 12;
  static final int NDA_DST = 1;
  static final int NDA_LLADDR = 2;
  static final int NUD_PERMANENT = 0x80;
  static final int NTF_PROXY = 8;

  static final int NFNL_SUBSYS_IPSET = 6;
  static final int NFNL_SUBSYS_NFTABLES = 10;
  static final int NFGENMSG = 4;
  static final int NFT_MSG_NEWGEN = NFNL_SUBSYS_NFTABLES << 8 | 15;
  static final int NFT_MSG_GETGEN = NFNL_SUBSYS_NFTABLES << 8 | 16;
  static final int NFTA_GEN_ID = 1;
  static final int IPSET_CMD_LIST = NFNL_SUBSYS_IPSET << 8 | 7;
  static final int IPSET_CMD_ADD = NFNL_SUBSYS_IPSET << 8 | 9;
  static final int IPSET_CMD_DEL = NFNL_SUBSYS_IPSET << 8 | 10;
  static final int IPSET_PROTOCOL = 7;
  static final int IPSET_ATTR_PROTOCOL = 1;
  static final int IPSET_ATTR_SETNAME = 2;
  static final int IPSET_ATTR_FLAGS = 6;
  static final int IPSET_ATTR_DATA = 7;
  static final int IPSET_ATTR_IP = 1; // here and below: inside IPSET_ATTR_DATA
  static final int IPSET_ATTR_CIDR = 3;
  static final int IPSET_ATTR_PORT = 4;
  static final int IPSET_ATTR_PROTO = 7;
  static final int IPSET_ATTR_IFACE = 23;
  static final int IPSET_ATTR_ELEMENTS = 24;
  static final int IPSET_ATTR_IPADDR_IPV4 = 1; // inside IPSET_ATTR_IP
  static final int IPSET_ATTR_IPADDR_IPV6 = 2;
  static final int IPSET_FLAG_LIST_HEADER = 4;
  static final int NLA_F_NET_BYTEORDER = 0x4000;
  static final int NLA_F_NESTED = 0x8000;

  private Rt() {}

  static int align(int length) {
    return length + 3 & ~3;
  }
}
