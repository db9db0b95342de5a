package dev.catwalk.felix.kernel;

import dev.catwalk.felix.kernel.IptablesChoice.Evidence;
import dev.catwalk.felix.kernel.Programs.Program;
import dev.catwalk.net.addr.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Finds out before the start what this machine lacks, and which of its programs are to be used. */
public final class KernelProbe {

  /** A lack and what to do about it. */
  public record Problem(String what, String remedy) {}

  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;

  private KernelProbe() {}

  /** All that is lacking; an empty list is what everybody hopes for. Writes nothing. */
  public static List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(capabilities());
    if (Program.IPSET.path().isEmpty()) {
      problems.add(missing(Program.IPSET));
    }
    if (problems.isEmpty()) {
      problems.addAll(features());
    }
    return List.copyOf(problems);
  }

  /**
   * Why that iptables cannot be used here, in the namespace of the calling thread; nothing if it
   * can. Its filter tables are looked at, which makes the kernel load them.
   */
  public static Optional<Problem> problem(Iptables backend) {
    Programs programs = new Programs();
    for (Family family : Family.values()) {
      for (Program program : List.of(backend.save(family), backend.restore(family))) {
        if (program.path().isEmpty()) {
          return Optional.of(missing(program));
        }
      }
      try {
        programs.run(backend.save(family), List.of("-t", "filter"), "");
      } catch (KernelException e) {
        String module = backend == Iptables.NFT
            ? "nf_tables"
            : family == Family.IPV4 ? "iptable_filter" : "ip6table_filter";
        return Optional.of(new Problem(
            String.valueOf(e.getMessage()),
            "load the kernel module " + module + ", or set dataplane.backend to "
                + backend.other().text()));
      }
    }
    return Optional.empty();
  }

  /**
   * The iptables to use in the namespace of the calling thread, where the configuration names none.
   *
   * @throws KernelException where there is none; names the remedy
   */
  static IptablesChoice choose() throws KernelException {
    Programs programs = new Programs();
    TreeMap<Iptables, Evidence> found = new TreeMap<>();
    for (Iptables backend : Iptables.values()) {
      if (backend.isInstalled()) {
        found.put(backend, evidence(programs, backend));
      }
    }
    Optional<IptablesChoice> choice = IptablesChoice.of(found);
    Optional<Problem> problem =
        choice.isPresent() ? problem(choice.get().backend()) : problem(Iptables.NFT);
    if (choice.isEmpty() || problem.isPresent()) {
      Problem p =
          problem.orElse(new Problem("there is no iptables", "install the package iptables"));
      throw new KernelException(p.what() + "; " + p.remedy());
    }
    return choice.get();
  }

  /** Those that programs and kernel have here. */
  static List<Iptables> usable() {
    Programs programs = new Programs();
    return Arrays.stream(Iptables.values())
        .filter(i -> i.isInstalled() && evidence(programs, i).usable())
        .toList();
  }

  private static Evidence evidence(Programs programs, Iptables backend) {
    try {
      StringBuilder saved = new StringBuilder();
      for (Family family : Family.values()) {
        saved.append(programs.run(backend.save(family), List.of(), ""));
      }
      return new Evidence(true, saved.toString(), isDefault(programs, backend));
    } catch (KernelException e) {
      return Evidence.NONE; // its programs say that the kernel has it not
    }
  }

  private static boolean isDefault(Programs programs, Iptables backend) throws KernelException {
    if (Program.IPTABLES.path().isEmpty()) {
      return false;
    }
    // iptables v1.8.9 (nf_tables); before 1.8 there was only the other, and no word in brackets.
    String version = programs.run(Program.IPTABLES, List.of("--version"), "");
    return version.contains("nf_tables") == (backend == Iptables.NFT);
  }

  private static Problem missing(Program program) {
    return new Problem(
        program.file + " is not on this machine", "install the package " + program.debianPackage);
  }

  private static List<Problem> capabilities() {
    try {
      return capabilities(Files.readAllLines(Path.of("/proc/self/status")));
    } catch (IOException e) {
      return List.of(
          new Problem("/proc/self/status cannot be read: " + e.getMessage(), "mount /proc"));
    }
  }

  /** From the lines of {@code /proc/self/status}, proc(5). */
  static List<Problem> capabilities(List<String> status) {
    long effective = status.stream()
        .filter(l -> l.startsWith("CapEff:"))
        .map(l -> Long.parseUnsignedLong(l.substring("CapEff:".length()).strip(), 16))
        .findFirst()
        .orElse(0L);
    List<Problem> problems = new ArrayList<>();
    String remedy = "run as root or add the capability";
    if ((effective >> CAP_NET_ADMIN & 1) == 0) {
      problems.add(
          new Problem("CAP_NET_ADMIN is missing: routes and rules cannot be written", remedy));
    }
    if ((effective >> CAP_SYS_ADMIN & 1) == 0) {
      problems.add(new Problem(
          "CAP_SYS_ADMIN is missing: pods' network namespaces cannot be entered", remedy));
    }
    return problems;
  }

  private static List<Problem> features() {
    List<Problem> problems = new ArrayList<>();
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      assert socket.port() != 0;
    } catch (KernelException e) {
      problems.add(new Problem(
          e.getMessage(), "use a kernel with rtnetlink and strict checking, 4.20 or newer"));
    }
    try {
      new Programs().run(Program.IPSET, List.of("list", "-name"), "");
    } catch (KernelException e) {
      problems.add(new Problem(e.getMessage(), "load the kernel module ip_set: modprobe ip_set"));
    }
    return problems;
  }
}
