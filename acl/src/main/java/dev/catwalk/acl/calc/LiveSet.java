package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.WorkloadKey;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An address set that follows its workloads. Two of them may bring the same member. */
final class LiveSet {
  private final String id;
  private final SetDefinition definition;
  private final SortedMap<WorkloadKey, List<Member>> contributions = new TreeMap<>();
  private final SortedMap<Member, Integer> counts = new TreeMap<>();
  private int users;
  private @Nullable AddressSet built;

  LiveSet(String id, SetDefinition definition) {
    this.id = id;
    this.definition = definition;
  }

  SetDefinition definition() {
    return definition;
  }

  /** Counts an endpoint that refers to the set. */
  void acquire() {
    users++;
  }

  /** Returns whether no endpoint refers to the set any more. */
  boolean release() {
    users--;
    return users == 0;
  }

  /**
   * What a workload brings from now on.
   *
   * @return whether the members changed
   */
  boolean contribute(WorkloadKey key, List<Member> members) {
    List<Member> before =
        members.isEmpty() ? contributions.remove(key) : contributions.put(key, members);
    if (members.equals(before == null ? List.of() : before)) {
      return false;
    }
    boolean changed = false;
    for (Member member : members) {
      changed |= counts.merge(member, 1, Integer::sum) == 1;
    }
    for (Member member : before == null ? List.<Member>of() : before) {
      int left = counts.merge(member, -1, Integer::sum);
      if (left == 0) {
        counts.remove(member);
        changed = true;
      }
    }
    if (changed) {
      built = null;
    }
    return changed;
  }

  /** The set as it is now; the same object as long as its members are. */
  AddressSet build() {
    if (built == null) {
      TreeSet<Member> members = new TreeSet<>(definition.fixed());
      members.addAll(counts.keySet());
      built = new AddressSet(id, definition.kind(), definition.meaning(), members);
    }
    return built;
  }
}
