package dev.catwalk.felix.calc;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is written on the host's side of a pod, as the link's alias: all that the node's own record
 * says of the pod and the kernel does not show otherwise, so that it can be written anew if that
 * record is lost.
 *
 * @param epoch of the life of the node that made it, 16 hex digits
 * @param mac of the pod's side where the runtime asked for one; else empty
 * @param labels that the runtime gave
 */
public record PodMark(
    String epoch,
    String containerId,
    String ifName,
    String netns,
    String network,
    String namespace,
    String pod,
    String mac,
    SortedMap<String, String> labels) {
  /** What the kernel keeps, bytes, without the closing zero. */
  private static final int MAX = 254;

  private static final String VERSION = "1";
  private static final String NONE = "-";
  private static final int FIELDS = 10;

  public PodMark {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** As it is written; without anything but the epoch where it would be too long. */
  public String text() {
    StringBuilder all = new StringBuilder();
    labels.forEach((key, value) ->
        all.append(all.isEmpty() ? "" : ",").append(key).append('=').append(value));
    List<String> fields = List.of(
        VERSION,
        epoch,
        containerId,
        ifName,
        netns,
        network,
        namespace,
        pod,
        orNone(mac),
        orNone(all.toString()));
    String text = String.join(" ", fields);
    boolean isPlain = fields.stream().noneMatch(f -> f.isEmpty() || f.contains(" "));
    return isPlain && text.chars().allMatch(c -> c < 0x7f) && text.length() <= MAX
        ? text
        : VERSION + " " + epoch;
  }

  private static String orNone(String field) {
    return field.isEmpty() ? NONE : field;
  }

  /** Which life of a node wrote this; nothing if none did. */
  public static Optional<String> epoch(String text) {
    String[] fields = text.split(" ", -1);
    return fields.length >= 2 && fields[0].equals(VERSION) && fields[1].matches("[0-9a-f]{16}")
        ? Optional.of(fields[1])
        : Optional.empty();
  }

  /** Reads {@link #text}; nothing if it says not all. */
  public static Optional<PodMark> parse(String text) {
    String[] fields = text.split(" ", -1);
    if (epoch(text).isEmpty() || fields.length != FIELDS) {
      return Optional.empty();
    }
    TreeMap<String, String> labels = new TreeMap<>();
    if (!fields[9].equals(NONE)) {
      for (String label : fields[9].split(",", -1)) {
        String[] pair = label.split("=", 2);
        if (pair.length != 2) {
          return Optional.empty();
        }
        labels.put(pair[0], pair[1]);
      }
    }
    return Optional.of(new PodMark(
        fields[1],
        fields[2],
        fields[3],
        fields[4],
        fields[5],
        fields[6],
        fields[7],
        fields[8].equals(NONE) ? "" : fields[8],
        labels));
  }
}
