package dev.catwalk.lab.check;

import java.util.List;

/** Which probes the applied manifests let pass, as the room {@code acl.verdict} decides it. */
public final class Policies {
  private Policies() {}

  /** A manifest file's content. */
  public record Text(String file, String content) {}

  public static Policies read(List<Text> texts, List<Place> places) {
    return new Policies();
  }

  public boolean pass(Probe probe) {
    return true;
  }
}
