package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.Ruleset;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Which iptables is used, and why. It has to be the one that the machine's other agents use: who
 * looks for what drops a packet looks there, and rules in both cost each packet twice. The rungs are
 * those of Kubernetes' own iptables-wrapper, with ours before the machine's default, so that a
 * restart does not move rules without a reason.
 *
 * @param reason half a sentence
 */
record IptablesChoice(Iptables backend, String reason) {

  /**
   * What of one of the two is on this machine.
   *
   * @param usable whether programs and kernel have it
   * @param saved what its save programs print, both families
   * @param isDefault whether the command {@code iptables} is this one
   */
  record Evidence(boolean usable, String saved, boolean isDefault) {
    static final Evidence NONE = new Evidence(false, "", false);

    /** Chains by which the kubelet shows which one it uses. */
    private Optional<String> hint() {
      return saved
          .lines()
          .filter(
              l -> l.startsWith(":KUBE-IPTABLES-HINT ") || l.startsWith(":KUBE-KUBELET-CANARY "))
          .map(l -> l.substring(1, l.indexOf(' ')))
          .findFirst();
    }

    private long foreignRules() {
      return saved
          .lines()
          .filter(l -> l.startsWith("-A ")
              && !l.startsWith("-A " + Ruleset.MARK)
              && !l.contains("-j " + Ruleset.MARK))
          .count();
    }

    private long ownChains() {
      return saved.lines().filter(l -> l.startsWith(":" + Ruleset.MARK)).count();
    }
  }

  /** The choice; nothing where neither can be used. */
  static Optional<IptablesChoice> of(SortedMap<Iptables, Evidence> found) {
    Evidence nft = found.getOrDefault(Iptables.NFT, Evidence.NONE);
    Evidence legacy = found.getOrDefault(Iptables.LEGACY, Evidence.NONE);
    if (nft.usable() != legacy.usable()) {
      Iptables only = nft.usable() ? Iptables.NFT : Iptables.LEGACY;
      return Optional.of(
          new IptablesChoice(only, only.other().text() + " cannot be used on this machine"));
    }
    if (!nft.usable()) {
      return Optional.empty();
    }
    return more(
            nft,
            legacy,
            e -> e.hint().isPresent() ? 1 : 0,
            e -> "the kubelet's chain " + e.hint().orElse("") + " is there")
        .or(() -> more(
            nft,
            legacy,
            Evidence::foreignRules,
            e -> "most rules of other programs are there, " + e.foreignRules()))
        .or(() -> more(nft, legacy, Evidence::ownChains, e -> "our own rules are there"))
        .or(() -> more(
            nft,
            legacy,
            e -> e.isDefault() ? 1 : 0,
            e -> "the command iptables of this machine is that"))
        .or(() -> Optional.of(new IptablesChoice(Iptables.NFT, "nothing speaks for the other")));
  }

  private static Optional<IptablesChoice> more(
      Evidence nft,
      Evidence legacy,
      ToLongFunction<Evidence> weight,
      Function<Evidence, String> reason) {
    long difference = weight.applyAsLong(nft) - weight.applyAsLong(legacy);
    if (difference == 0) {
      return Optional.empty();
    }
    return Optional.of(
        difference > 0
            ? new IptablesChoice(Iptables.NFT, reason.apply(nft))
            : new IptablesChoice(Iptables.LEGACY, reason.apply(legacy)));
  }
}
