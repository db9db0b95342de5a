package dev.catwalk.felix.config;

import dev.catwalk.bgp.bfd.BfdSettings;
import java.util.Optional;

/** {@code bfd:} of a peer: {@code true}, or what differs from the usual. */
final class BfdKeys {
  private BfdKeys() {}

  static Optional<BfdSettings> read(YamlMap peer) throws ConfigException {
    Optional<YamlValue> value = peer.find("bfd");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    BfdSettings standard = BfdSettings.STANDARD;
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
        multihop.isPresent() && multihop.get().bool());
    map.end();
    return Optional.of(settings);
  }
}
