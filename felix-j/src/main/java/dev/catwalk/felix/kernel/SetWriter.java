package dev.catwalk.felix.kernel;

import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.netlink.wire.Request;
import dev.catwalk.felix.netlink.wire.SetMember;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes the members of address sets that are there: by messages to the kernel, so no program is
 * run. Belongs to the namespace of the thread that made it.
 */
final class SetWriter implements RuleKeeper.Members, AutoCloseable {
  private final NetlinkSocket netfilter = NetlinkSocket.openNetfilter();

  SetWriter() throws KernelException {}

  @Override
  public void add(List<RulePlan.Member> members) throws KernelException {
    List<Request> requests = new ArrayList<>();
    for (RulePlan.Member member : members) {
      requests.add(new Request.PutMember(member.set(), read(member)));
    }
    demand(requests);
  }

  @Override
  public void remove(List<RulePlan.Member> members) throws KernelException {
    List<Request> requests = new ArrayList<>();
    for (RulePlan.Member member : members) {
      requests.add(new Request.DeleteMember(member.set(), read(member)));
    }
    demand(requests);
  }

  private static SetMember read(RulePlan.Member member) throws KernelException {
    try {
      return SetMember.parse(member.type(), member.text());
    } catch (IllegalArgumentException e) { // in a set that somebody else has made in our name
      throw new KernelException("address set " + member.set() + ": " + e.getMessage(), e);
    }
  }

  private void demand(List<Request> requests) throws KernelException {
    try {
      netfilter.demandAll(requests, "members of address sets");
    } catch (OverflowException e) {
      throw new KernelException("netfilter has more to say of address sets than fits", e);
    }
  }

  @Override
  public void close() {
    netfilter.close();
  }
}
