package dev.catwalk.bgp.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was wrong with one UPDATE and survived; the strongest remedy is the message's. */
final class Problems {
  /** More of them in one message are not listed; their remedies count all the same. */
  static final int LIMIT = 16;

  private final List<Problem> list = new ArrayList<>(0);
  private @Nullable Problem withdrawal;

  void ignorePrefix(Fault fault, String what) {
    add(new Problem(Problem.Remedy.IGNORE_PREFIX, fault, 0, what));
  }

  void discard(Fault fault, int type, String what) {
    add(new Problem(Problem.Remedy.ATTRIBUTE_DISCARD, fault, type, what));
  }

  void withdraw(Fault fault, int type, String what) {
    Problem problem = new Problem(Problem.Remedy.TREAT_AS_WITHDRAW, fault, type, what);
    if (withdrawal == null) {
      withdrawal = problem;
    }
    add(problem);
  }

  private void add(Problem problem) {
    if (list.size() < LIMIT) {
      list.add(problem);
    }
  }

  /** The first problem whose remedy is treat-as-withdraw; else null. */
  @Nullable
  Problem withdrawal() {
    return withdrawal;
  }

  boolean isEmpty() {
    return list.isEmpty();
  }

  List<Problem> list() {
    return list;
  }
}
