package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.Mismatch;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PodCheckTest {
  private static final Endpoint POD = endpoint("10.42.0.2");

  @Test
  void theRecordsAreCompared() {
    assertEquals(0, differences("10.42.0.2", holding(POD)));
    assertEquals(1, differences("10.42.0.3", holding(POD)));
    assertEquals(1, differences("10.42.0.2", ClusterState.empty()));
    assertEquals(1, differences("10.42.0.2", holding(endpoint("10.42.0.9"))));
    assertEquals(2, differences("10.42.0.9", ClusterState.empty()));
  }

  private static int differences(String held, ClusterState cluster) {
    List<Mismatch> found =
        PodCheck.records(POD, new TreeSet<>(List.of(IpAddress.parse(held))), cluster);
    found.forEach(m -> assertEquals(Code.RECORD_DIFFERS, m.code()));
    return found.size();
  }

  private static ClusterState holding(Endpoint endpoint) {
    byte[] put = KvTransaction.put(endpoint.key(), endpoint.encode()).encode();
    byte[] outcome = new KvMachine().apply(1, put);
    return ClusterState.empty().apply(new Committed(1, KvMachine.NAME, put, outcome));
  }

  private static Endpoint endpoint(String ip) {
    return new Endpoint(
        "n1",
        "c1",
        "eth0",
        "default",
        "web",
        new TreeMap<>(),
        List.of(IpAddress.parse(ip)),
        "cw00000000000",
        "",
        List.of());
  }
}
