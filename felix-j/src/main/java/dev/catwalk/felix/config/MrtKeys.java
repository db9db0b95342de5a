package dev.catwalk.felix.config;

import dev.catwalk.bgp.mrt.MrtSettings;
import java.util.Optional;

/** {@code bgp.mrt}: what is recorded in the way of route collectors. */
final class MrtKeys {
  private MrtKeys() {}

  static Optional<MrtSettings> read(YamlMap section) throws ConfigException {
    Optional<YamlValue> value = section.find("mrt");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    YamlMap map = value.get().map();
    YamlValue directory = map.get("directory");
    if (!directory.text().startsWith("/")) {
      throw directory.problem("'" + directory.text() + "' is not the full path of a directory");
    }
    MrtSettings settings = new MrtSettings(
        directory.text(),
        interval(map, "tableInterval", MrtSettings.TABLE_INTERVAL),
        interval(map, "updateInterval", MrtSettings.UPDATE_INTERVAL),
        PeerKeys.integer(map, "keep", 1, MrtSettings.MOST_FILES, MrtSettings.KEEP));
    map.end();
    return Optional.of(settings);
  }

  private static int interval(YamlMap map, String key, int otherwise) throws ConfigException {
    return PeerKeys.integer(map, key, MrtSettings.LEAST, MrtSettings.MOST, otherwise);
  }
}
