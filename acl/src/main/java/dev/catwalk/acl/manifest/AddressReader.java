package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Selector;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads what Calico's users write about addresses: IPPool, IPReservation, IPAMConfiguration. */
final class AddressReader {
  private static final List<String> MODES = List.of("Never", "Always", "CrossSubnet");
  private static final List<String> USES = List.of("Workload", "Tunnel", "LoadBalancer");

  private AddressReader() {}

  static AddressRule read(Located object, String kind) {
    object.only("apiVersion", "kind", "metadata", "spec", "status");
    Optional<Located> spec = object.field("spec");
    if (spec.isEmpty() && !kind.equals("IPAMConfiguration")) {
      object.missing("spec", "what the " + kind + " says");
    }
    return switch (kind) {
      case "IPPool" -> spec.<AddressRule>map(AddressReader::pool).orElseGet(AddressReader::none);
      case "IPReservation" ->
        spec.<AddressRule>map(AddressReader::reservation).orElseGet(AddressReader::none);
      default -> spec.<AddressRule>map(AddressReader::limits).orElseGet(AddressReader::none);
    };
  }

  private static AddressRule none() {
    return new AddressRule.Limits(0, false);
  }

  private static AddressRule pool(Located spec) {
    spec.only(
        "cidr",
        "blockSize",
        "ipipMode",
        "vxlanMode",
        "natOutgoing",
        "disabled",
        "disableBGPExport",
        "nodeSelector",
        "namespaceSelector",
        "allowedUses",
        "assignmentMode");
    if (spec.field("cidr").isEmpty()) {
      spec.missing("cidr", "10.42.0.0/16 or 2001:db8::/64");
    }
    Prefix cidr = spec.field("cidr").flatMap(Syntax::cidr).orElse(Prefix.parse("0.0.0.0/0"));
    boolean four = cidr.family() == Family.IPV4;
    one(spec, "ipipMode", MODES);
    one(spec, "vxlanMode", MODES);
    flag(spec, "disableBGPExport"); // refused where it is no truth value, and of no effect here
    return new AddressRule.Pool(
        cidr,
        number(spec, "blockSize", Math.max(cidr.length(), four ? 20 : 116), four ? 32 : 128)
            .orElse(four ? 26 : 122),
        flag(spec, "natOutgoing"),
        flag(spec, "disabled"),
        selector(spec, "nodeSelector"),
        selector(spec, "namespaceSelector"),
        uses(spec),
        one(spec, "assignmentMode", List.of("Automatic", "Manual")).equals("Manual"));
  }

  private static AddressRule reservation(Located spec) {
    spec.only("reservedCIDRs");
    List<Prefix> ranges = new ArrayList<>();
    for (Located range : spec.items("reservedCIDRs")) {
      Syntax.cidr(range).ifPresent(ranges::add);
    }
    return new AddressRule.Reservation(ranges);
  }

  private static AddressRule limits(Located spec) {
    spec.only("strictAffinity", "autoAllocateBlocks", "maxBlocksPerHost");
    spec.field("autoAllocateBlocks")
        .filter(f -> !f.bool().orElse(true))
        .ifPresent(f -> f.problem(
            "is always true here: a node gives out only addresses of blocks that it owns",
            "remove it, or say true"));
    boolean borrows = spec.field("strictAffinity")
        .flatMap(Located::bool)
        .map(strict -> !strict)
        .orElse(false);
    return new AddressRule.Limits(
        number(spec, "maxBlocksPerHost", 0, 1_000_000).orElse(0), borrows);
  }

  private static SortedSet<String> uses(Located spec) {
    SortedSet<String> uses = new TreeSet<>();
    for (Located use : spec.items("allowedUses")) {
      use.text().ifPresent(text -> {
        if (USES.contains(text)) {
          uses.add(text);
        } else {
          use.problem("is no use of a pool", "want " + String.join(", ", USES));
        }
      });
    }
    return uses.isEmpty() ? new TreeSet<>(List.of("Workload", "Tunnel")) : uses;
  }

  private static boolean flag(Located spec, String name) {
    return spec.field(name).flatMap(Located::bool).orElse(false);
  }

  /** One of these words; the first where nothing is said. */
  private static String one(Located spec, String name, List<String> words) {
    Optional<Located> field = spec.field(name);
    String word = field.flatMap(Located::text).orElse(words.getFirst());
    if (!words.contains(word)) {
      field.ifPresent(f -> f.problem("is not known", "want " + String.join(", ", words)));
    }
    return word;
  }

  private static Optional<Integer> number(Located spec, String name, int least, int most) {
    Optional<Located> field = spec.field(name);
    if (field.isEmpty()) {
      return Optional.empty();
    }
    if (field.get().yaml() instanceof Yaml.Scalar(int line, Yaml.Type type, String text)
        && type == Yaml.Type.WHOLE
        && text.matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return Optional.of(value);
      }
    }
    field.get().problem("is out of range", "want " + least + " to " + most);
    return Optional.empty();
  }

  private static Selector selector(Located spec, String name) {
    Optional<Located> field = spec.field(name);
    try {
      return Selector.parse(field.flatMap(Located::text).orElse(""));
    } catch (IllegalArgumentException e) {
      field.ifPresent(
          f -> f.problem(String.valueOf(e.getMessage()), "a selector as rack == 'r1' && has(ssd)"));
      return Selector.parse("");
    }
  }
}
