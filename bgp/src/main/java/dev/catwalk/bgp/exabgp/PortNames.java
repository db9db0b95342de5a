package dev.catwalk.bgp.exabgp;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Ports by the names that IANA has registered for their services; those that one meets in rules. */
final class PortNames {
  private static final String NAMES = """
      1 tcpmux  6 zip  7 echo  9 discard  11 systat  13 daytime  17 qotd  19 chargen
      20 ftp-data  21 ftp  22 ssh  23 telnet  25 smtp  37 time  43 whois  49 tacacs  53 domain
      67 bootps  68 bootpc  69 tftp  70 gopher  79 finger  80 http  80 www  88 kerberos
      102 iso-tsap  104 acr-nema  110 pop3  111 sunrpc  113 auth  119 nntp  123 ntp  135 epmap
      137 netbios-ns  138 netbios-dgm  139 netbios-ssn  143 imap  161 snmp  162 snmptrap
      163 cmip-man  164 cmip-agent  174 mailq  177 xdmcp  179 bgp  199 smux  209 qmtp
      210 z3950  213 ipx  264 bgmp  319 ptp-event  320 ptp-general  345 pawserv  346 zserv
      369 rpc2portmap  370 codaauth2  371 clearcase  389 ldap  427 svrloc  443 https  444 snpp
      445 microsoft-ds  464 kpasswd  465 submissions  487 saft  500 isakmp  512 exec
      513 login  513 who  514 shell  514 syslog  515 printer  517 talk  518 ntalk  520 rip
      520 route  538 gdomap  540 uucp  543 klogin  544 kshell  546 dhcpv6-client
      547 dhcpv6-server  548 afpovertcp  554 rtsp  563 nntps  587 submission  607 nqs
      623 asf-rmcp  628 qmqp  631 ipp  636 ldaps  646 ldp  655 tinc  706 silc
      749 kerberos-adm  853 domain-s  873 rsync  989 ftps-data  990 ftps  992 telnets
      993 imaps  995 pop3s  1080 socks  1093 proofd  1094 rootd  1099 rmiregistry
      1194 openvpn  1352 lotusnote  1433 ms-sql-s  1434 ms-sql-m  1524 ingreslock
      1646 sa-msg-port  1649 kermit  1677 groupwise  1701 l2f  1723 pptp  1812 radius  1813 radius-acct
      1900 ssdp  2049 nfs  2086 gnunet  2101 rtcm-sc104  2102 zephyr-srv  2103 zephyr-clt
      2104 zephyr-hm  2119 gsigatekeeper  2135 gris  2401 cvspserver  2430 venus
      2431 venus-se  2432 codasrv  2433 codasrv-se  2583 mon  2628 dict  2792 f5-globalsite
      2811 gsiftp  2947 gpsd  3130 icpv2  3205 isns  3260 iscsi-target  3306 mysql
      3389 ms-wbt-server  3493 nut  3632 distcc  3689 daap  3690 svn  4031 suucp  4094 sysrqd
      4190 sieve  4353 f5-iquery  4369 epmd  4460 ntske  4500 ipsec-nat-t  4559 hylafax
      4569 iax  4789 vxlan  4899 radmin-port  4949 munin  5060 sip  5061 sip-tls
      5222 xmpp-client  5269 xmpp-server  5308 cfengine  5353 mdns  5432 postgresql
      5556 freeciv  5671 amqps  5672 amqp  6000 x11  6346 gnutella-svc  6347 gnutella-rtr
      6379 redis  6514 syslog-tls  6566 sane-port  6696 babel  7000 afs3-fileserver
      7001 afs3-callback  7002 afs3-prserver  7003 afs3-vlserver  7004 afs3-kaserver
      7005 afs3-volser  7007 afs3-bos  7008 afs3-update  7009 afs3-rmtsys  7100 font-service
      8080 http-alt  9101 bacula-dir  9102 bacula-fd  9103 bacula-sd  9418 git
      10050 zabbix-agent  10051 zabbix-trapper  10080 amanda  11112 dicom  11371 hkp
      22273 wnn6  24554 binkp
      """;

  private static final SortedMap<String, Integer> BY_NAME = read();

  private PortNames() {}

  private static SortedMap<String, Integer> read() {
    SortedMap<String, Integer> ports = new TreeMap<>();
    String[] words = NAMES.strip().split("\\s+");
    for (int i = 0; i < words.length; i += 2) {
      ports.put(words[i + 1], Integer.valueOf(words[i]));
    }
    return ports;
  }

  /** @param name in lower case */
  static Optional<Integer> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
