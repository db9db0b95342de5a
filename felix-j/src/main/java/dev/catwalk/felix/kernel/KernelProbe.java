package dev.catwalk.felix.kernel;

import dev.catwalk.felix.kernel.Programs.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds out before the start what this machine lacks. */
public final class KernelProbe {

  /** A lack and what to do about it. */
  public record Problem(String what, String remedy) {}

  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;

  private KernelProbe() {}

  /** All that is lacking; an empty list is what everybody hopes for. Writes nothing. */
  public static List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(capabilities());
    for (Program program : Program.values()) {
      if (program.path().isEmpty()) {
        problems.add(new Problem(
            program.file + " is not on this machine",
            "install the package " + program.debianPackage));
      }
    }
    if (problems.isEmpty()) {
      problems.addAll(features());
    }
    return List.copyOf(problems);
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
    Programs programs = new Programs();
    try {
      programs.run(Program.IPSET, List.of("list", "-name"), "");
    } catch (KernelException e) {
      problems.add(new Problem(e.getMessage(), "load the kernel module ip_set: modprobe ip_set"));
    }
    try {
      programs.run(Program.IPTABLES_SAVE, List.of(), "");
    } catch (KernelException e) {
      problems.add(
          new Problem(e.getMessage(), "load the kernel module nf_tables: modprobe nf_tables"));
    }
    return problems;
  }
}
