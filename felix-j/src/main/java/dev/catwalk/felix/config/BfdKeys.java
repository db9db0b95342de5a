package dev.catwalk.felix.config;

import dev.catwalk.bgp.bfd.BfdSettings;
import java.util.Optional;

/** {@code bfd:} of a peer or of all: {@code true}, or what differs from the usual. */
final class BfdKeys {
  private BfdKeys() {}

  /** @param inherited where the map does not say */
  static Optional<BfdSettings> read(YamlMap peer, Optional<BfdSettings> inherited)
      throws ConfigException {
    Optional<YamlValue> value = peer.find("bfd");
    if (value.isEmpty()) {
      return inherited;
    }
    BfdSettings standard = inherited.orElse(BfdSettings.STANDARD);
    if (value.get().isScalar()) {
      return value.get().bool() ? Optional.of(standard) : Optional.empty();
    }
    YamlMap map = value.get().map();
    Optional<YamlValue> interval = map.find("interval");
    Optional<YamlValue> multiplier = map.find("multiplier");
    Optional<YamlValue> multihop = map.find("multihop");
    BfdSettings settings = new BfdSettings(
        interval.isPresent()
            ? interval.get().integer(BfdSettings.LEAST_INTERVAL_MS, BfdSettings.MOST_INTERVAL_MS)
            : standard.intervalMs(),
        multiplier.isPresent()
            ? multiplier.get().integer(BfdSettings.LEAST_MULTIPLIER, BfdSettings.MOST_MULTIPLIER)
            : standard.multiplier(),
        multihop.isPresent() ? multihop.get().bool() : standard.multihop());
    map.end();
    return Optional.of(settings);
  }
}
