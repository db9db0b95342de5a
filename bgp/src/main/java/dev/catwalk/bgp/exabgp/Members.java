package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The members of an attribute that is a list, all of one length. Copies share what there is at that
 * time: a group of commands may have a long list in common.
 */
final class Members {
  private List<byte[]> shared;
  private List<byte[]> own = new ArrayList<>();

  private Members(List<byte[]> shared) {
    this.shared = shared;
  }

  Members() {
    this(List.of());
  }

  /** With all that this has. */
  Members copy() {
    if (!own.isEmpty()) {
      List<byte[]> all = new ArrayList<>(shared);
      all.addAll(own);
      shared = all;
      own = new ArrayList<>();
    }
    return new Members(shared);
  }

  /** @throws MalformedException if no message can hold so many */
  void add(byte... member) throws MalformedException {
    if ((size() + 1) * member.length > RouteWriter.MOST) {
      throw new MalformedException(
          "a list has more members than a message can hold: " + size() + " and another one");
    }
    own.add(member);
  }

  boolean contains(byte... member) {
    return all().anyMatch(other -> Arrays.equals(other, member));
  }

  int size() {
    return shared.size() + own.size();
  }

  Stream<byte[]> all() {
    return Stream.concat(shared.stream(), own.stream());
  }
}
