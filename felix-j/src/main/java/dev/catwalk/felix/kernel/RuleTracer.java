package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.net.addr.Family;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Asks the kernel for a {@link RuleTrace}: some system calls, no program is run. Belongs to the
 * namespace of the thread that made it.
 */
final class RuleTracer implements RuleKeeper.Tracer, AutoCloseable {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;

  /** IPT_SO_GET_INFO and IP6T_SO_GET_INFO: struct ipt_getinfo of {@value #GETINFO_LENGTH} bytes. */
  private static final int SO_GET_INFO = 64;

  private static final int GETINFO_LENGTH = 84;
  private static final int GETINFO_ENTRIES = 76;
  private static final int GETINFO_SIZE = 80;

  private final Iptables iptables;
  private final NetlinkSocket netfilter;

  RuleTracer(Iptables iptables) throws KernelException {
    this.iptables = iptables;
    this.netfilter = NetlinkSocket.openNetfilter();
  }

  /**
   * How it is now.
   *
   * @param desired whose tables are looked at
   */
  @Override
  public RuleTrace trace(Ruleset desired) throws KernelException {
    try {
      return new RuleTrace(rules(desired), sets());
    } catch (OverflowException e) {
      throw new KernelException("netfilter has more to say than fits", e);
    }
  }

  @Override
  public List<Integer> rules(Ruleset desired) throws KernelException {
    try {
      return switch (iptables) {
        case NFT -> List.of(generation());
        case LEGACY -> tables(desired);
      };
    } catch (OverflowException e) {
      throw new KernelException("netfilter has more to say than fits", e);
    }
  }

  private int generation() throws KernelException, OverflowException {
    return switch (netfilter.ask(new Request.GetGeneration())) {
      case Inbound.GenerationIs is -> is.generation();
      case Inbound.Refused no -> throw NetlinkSocket.refusal("generation of nf_tables", no);
      case Inbound.Payload other ->
        throw new KernelException("generation of nf_tables: the kernel answers " + other);
    };
  }

  private SortedMap<String, Long> sets() throws KernelException, OverflowException {
    TreeMap<String, Long> sets = new TreeMap<>();
    for (Inbound.Payload payload : netfilter.dump(new Request.DumpSets())) {
      if (payload instanceof Inbound.SetIs set && set.name().startsWith(Ruleset.MARK)) {
        sets.put(set.name(), set.elements());
      }
    }
    return sets;
  }

  private static List<Integer> tables(Ruleset desired) throws KernelException {
    TreeMap<String, Family> tables = new TreeMap<>();
    for (ChainName chain : desired.chains().keySet()) {
      tables.put(chain.family() + " " + chain.table(), chain.family());
    }
    List<Integer> sizes = new ArrayList<>();
    for (var table : tables.entrySet()) {
      String name = table.getKey().substring(table.getKey().indexOf(' ') + 1);
      sizes.addAll(sizes(table.getValue(), name));
    }
    return sizes;
  }

  /** Entries and bytes. */
  private static List<Integer> sizes(Family family, String table) throws KernelException {
    boolean v4 = family == Family.IPV4;
    int fd = LibC.Loaded.C.socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM_CLOEXEC, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(GETINFO_LENGTH, 8);
      byte[] name = table.getBytes(StandardCharsets.US_ASCII);
      MemorySegment.copy(name, 0, info, ValueLayout.JAVA_BYTE, 0, name.length);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, GETINFO_LENGTH);
      int result = fd < 0
          ? fd
          : LibC.Loaded.C.getsockopt(
              fd, v4 ? SOL_IP : SOL_IPV6, SO_GET_INFO, info.address(), length.address());
      if (result < 0) {
        int errno = LibC.Loaded.errno();
        throw new KernelException("table " + table + ": " + Errno.text(errno), errno);
      }
      return List.of(
          info.get(ValueLayout.JAVA_INT, GETINFO_ENTRIES),
          info.get(ValueLayout.JAVA_INT, GETINFO_SIZE));
    } finally {
      if (fd >= 0) {
        LibC.Loaded.C.close(fd);
      }
    }
  }

  @Override
  public void close() {
    netfilter.close();
  }
}
