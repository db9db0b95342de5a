package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.lab.check.RouterView.Learned;
import dev.catwalk.lab.check.RouterView.Session;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterViewTest {

  @Test
  void birdsTexts() {
    String protocols = """
        BIRD 2.0.12 ready.
        Name       Proto      Table      State  Since         Info
        device1    Device     ---        up     10:39:46.453
        kernel1    Kernel     master4    up     10:39:46.453
        node1      BGP        ---        up     10:39:47.254  Established
        node2      BGP        ---        start  10:39:46.539  Active        Socket: Connection refused
        """;
    String routes = """
        BIRD 2.0.12 ready.
        Table master4:
        198.51.100.1/32      blackhole [own 10:39:46.448] * (200)
        \tType: static univ
        10.42.1.0/24         unicast [node1 10:39:47.590] * (100) [AS64601i]
        \tvia 172.20.1.1 on node1
        \tType: BGP univ
        \tBGP.origin: IGP
        \tBGP.as_path: 64601
        \tBGP.next_hop: 172.20.1.1
                             unicast [spine 10:39:48.590] (100) [AS64601i]
        \tvia 172.20.1.9 on spine
        \tType: BGP univ
        \tBGP.as_path: 65000 64601
        """;
    assertEquals(
        new RouterView(
            "tor1",
            List.of(
                new Session("node1", "Established"),
                new Session("node2", "Active        Socket: Connection refused")),
            List.of(
                new Learned(Prefix.parse("10.42.1.0/24"), List.of("172.20.1.1"), "64601", true),
                new Learned(
                    Prefix.parse("10.42.1.0/24"), List.of("172.20.1.9"), "65000 64601", false))),
        RouterView.ofBird("tor1", protocols, routes));
  }

  @Test
  void frrsJson() {
    String summary = """
        {"peers": {"172.20.2.1": {"remoteAs": 64601, "state": "Established"},
                   "172.20.2.3": {"remoteAs": 64602, "state": "Active"}}}
        """;
    String table = """
        {"routes": {
          "10.42.1.0/24": [{"valid": true, "bestpath": true, "pathFrom": "external",
             "path": "64601", "nexthops": [{"ip": "172.20.2.1", "used": true}]}],
          "198.51.100.1/32": [{"pathFrom": "external", "path": "",
             "nexthops": [{"ip": "0.0.0.0"}]}]}}
        """;
    assertEquals(
        new RouterView(
            "tor2",
            List.of(new Session("172.20.2.1", "Established"), new Session("172.20.2.3", "Active")),
            List.of(
                new Learned(Prefix.parse("10.42.1.0/24"), List.of("172.20.2.1"), "64601", true))),
        RouterView.ofFrr("tor2", summary, table));
    assertThrows(
        IllegalArgumentException.class, () -> RouterView.ofFrr("tor2", "% no such command", table));
  }
}
