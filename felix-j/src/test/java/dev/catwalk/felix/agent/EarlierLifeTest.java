package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.Restart;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierLifeTest {
  private static final String KERNEL = "boot-1 net:[1]";
  private static final List<Prefix> OWN = List.of(Prefix.parse("10.42.7.0/24"));
  private static final Leftover ALL = new Leftover(new TreeMap<>(), new TreeSet<>(OWN));

  @TempDir
  private Path folder;

  private Restart start(String kernel, Leftover found) throws Exception {
    return EarlierLife.read(Records.open(folder), kernel).restart(found, OWN, false);
  }

  @Test
  void theFirstStartIsNoRestart() throws Exception {
    assertEquals(new Restart(false, List.of(), false, true), start(KERNEL, ALL));
    assertEquals(
        new Restart(false, List.of(), false, true),
        start(KERNEL, ALL),
        "its kernel state was never whole");
  }

  @Test
  void forwardingIsPreservedInTheSameKernelWithAllBlocksOnly() throws Exception {
    EarlierLife.read(Records.open(folder), KERNEL).kernelComplete();
    assertEquals(new Restart(true, List.of(Family.IPV4), false, true), start(KERNEL, ALL));
    assertEquals(new Restart(true, List.of(), false, true), start(KERNEL, Leftover.NONE));
    assertEquals(new Restart(true, List.of(), false, true), start("boot-2 net:[1]", ALL));
  }

  @Test
  void aMachineThatStartedAnewHasNoPodOfBefore() throws Exception {
    assertFalse(machineStopped(KERNEL), "nobody was here before");
    EarlierLife.read(Records.open(folder), KERNEL).kernelComplete();
    assertFalse(machineStopped(KERNEL));
    String boot = KERNEL.split(" ", 2)[0];
    assertFalse(machineStopped(boot + " net:[2]"), "another namespace of the same machine");
    assertTrue(machineStopped(boot + "0 net:[1]"));
  }

  private boolean machineStopped(String kernel) throws IOException {
    return EarlierLife.read(Records.open(folder), kernel).machineStoppedSince();
  }

  @Test
  void aMeshNamesItsPeersLater() throws Exception {
    Restart restart = EarlierLife.read(Records.open(folder), KERNEL).restart(ALL, OWN, true);
    assertEquals(new Restart(false, List.of(), true, true), restart);
  }
}
