package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The members of an attribute that is a list while it is read. Copies share what there is at that
 * time: a group of commands may have a long list in common.
 */
final class Members {
  private MemberList shared;
  private List<byte[]> own = List.of();

  private Members(MemberList shared) {
    this.shared = shared;
  }

  Members() {
    this(MemberList.NONE);
  }

  /** With all that this has. */
  Members copy() {
    shared = list().inCommon();
    own = List.of();
    return new Members(shared);
  }

  /** @throws MalformedException if no message can hold so many */
  void add(byte... member) throws MalformedException {
    int size = shared.size() + own.size();
    if ((size + 1) * member.length > RouteWriter.MOST) {
      throw new MalformedException(
          "a list has more members than a message can hold: " + size + " and another one");
    }
    if (own.isEmpty()) {
      own = new ArrayList<>();
    }
    own.add(member);
  }

  boolean contains(byte... member) {
    return shared.hasInCommon(member)
        || own.stream().anyMatch(other -> Arrays.equals(other, member));
  }

  /** All that were read. */
  MemberList list() {
    return shared.with(own);
  }
}
