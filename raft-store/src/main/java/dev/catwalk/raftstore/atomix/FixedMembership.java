package dev.catwalk.raftstore.atomix;

import io.atomix.cluster.ClusterMembershipEventListener;
import io.atomix.cluster.ClusterMembershipService;
import io.atomix.cluster.Member;
import io.atomix.cluster.MemberId;
import java.util.Collections;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells Atomix who it is. Members come and go by the Raft log alone, so there are no events. */
final class FixedMembership implements ClusterMembershipService {
  private final Member local;

  FixedMembership(MemberId local) {
    this.local = Member.builder(local).build();
  }

  @Override
  public Member getLocalMember() {
    return local;
  }

  @Override
  public Set<Member> getMembers() {
    return Collections.singleton(local);
  }

  @Override
  public @Nullable Member getMember(MemberId memberId) {
    return memberId.equals(local.id()) ? local : null;
  }

  @Override
  public void addListener(ClusterMembershipEventListener listener) {}

  @Override
  public void removeListener(ClusterMembershipEventListener listener) {}
}
