package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelRouteTest {

  @Test
  void readsWhatIpPrints() {
    List<KernelRoute> routes = KernelRoute.parse("""
        [{"dst":"default","gateway":"172.16.0.1","dev":"tor1","flags":[]},
         {"type":"blackhole","dst":"10.42.0.0/24","protocol":"67","flags":[]},
         {"type":"blackhole","dst":"2001:db8::/120","dev":"lo","protocol":"67","flags":[]},
         {"dst":"default","gateway":"fd00::1","dev":"tor1","flags":[]},
         {"dst":"10.42.0.7","dev":"cw0123456789a","protocol":"67","scope":"link","flags":[]},
         {"dst":"10.42.1.0/24","protocol":"67","flags":[],"nexthops":[
            {"gateway":"172.16.16.2","dev":"tor2","weight":1,"flags":[]},
            {"gateway":"172.16.16.0","dev":"tor1","weight":1,"flags":[]}]}]
        """);
    assertEquals(
        List.of(
            "0.0.0.0/0 unicast  [172.16.0.1%tor1]",
            "10.42.0.0/24 blackhole 67 []",
            "2001:db8::/120 blackhole 67 []",
            "::/0 unicast  [fd00::1%tor1]",
            "10.42.0.7/32 unicast 67 [cw0123456789a]",
            "10.42.1.0/24 unicast 67 [172.16.16.0%tor1, 172.16.16.2%tor2]"),
        routes.stream()
            .map(r -> r.to() + " " + r.type() + " " + r.protocol() + " " + r.hops())
            .toList());
    assertEquals(List.of(), KernelRoute.parse("\n"));
    assertThrows(IllegalArgumentException.class, () -> KernelRoute.parse("Error: no"));
  }
}
