package dev.catwalk.raftstore.voters;

import dev.catwalk.raftstore.machine.MemberChange;

/** What is to be done about the voters now, and why. */
public sealed interface Choice {
  /** For operators, in a line. */
  String why();

  /** One change of members. */
  record Step(MemberChange change, String why) implements Choice {}

  /** Nothing. */
  record Wait(String why) implements Choice {}
}
