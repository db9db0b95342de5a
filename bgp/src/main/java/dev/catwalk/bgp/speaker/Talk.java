package dev.catwalk.bgp.speaker;

import java.util.List;

/** Keeps outsiders from filling our log: so many lines in a while, then their number only. */
final class Talk {
  static final int LINES = 10;
  static final long WHILE_MS = 60_000;

  private long beganMs = Long.MIN_VALUE / 2;
  private int lines;
  private int withheld;

  /** Adds {@code note} to {@code deeds} unless there have been too many. */
  void say(long nowMs, Deed.Note note, List<Deed> deeds) {
    if (nowMs - beganMs >= WHILE_MS || nowMs < beganMs) {
      if (withheld > 0) {
        deeds.add(Deed.Note.warning("more of the same was not logged count={}", withheld));
      }
      beganMs = nowMs;
      lines = 0;
      withheld = 0;
    }
    if (lines < LINES) {
      lines++;
      deeds.add(note);
    } else {
      withheld++;
    }
  }
}
