package dev.catwalk.lab.faults;

import dev.catwalk.raftstore.atomix.Format;
import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.store.KvLeases;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;

/**
 * A program that is replaced by a newer one, member after member, under load: for a while there are
 * both in one store. Older programs are this one that admits to know no more than they did.
 */
final class Upgrade {
  private static final int BETWEEN_MS = 500;
  private static final long LEASE_MS = 1000;
  private static final long KNOWN_S = 60;

  private Upgrade() {}

  /** An empty store of one older format: what the one before holds may be of a newer. */
  static void before(Trial trial) throws Exception {
    int old = trial.random().nextInt(Format.OLDEST, Format.NEWEST);
    trial.members().all().forEach(Member::kill);
    for (Member member : trial.members().all()) {
      Disk.wipe(member);
      member.knowing(old);
    }
    trial.members().startAll();
    trial.members().awaitQuorum();
  }

  /** One after the other, with a step back, a killed leader and a change that has to wait. */
  static void strike(Trial trial) throws Exception {
    int old = trial.any().format();
    List<Member> order = shuffled(trial);
    replace(trial, order.getFirst(), Format.NEWEST);
    mustWait(trial, old);
    if (trial.random().nextBoolean()) {
      replace(trial, order.getFirst(), old);
      replace(trial, order.getFirst(), Format.NEWEST);
    }
    replace(trial, order.get(1), Format.NEWEST);
    Member leader = trial.members().leader();
    leader.kill();
    trial.goOn(trial.random().nextInt(BETWEEN_MS));
    leader.start();
    trial.members().awaitQuorum();
    mustWait(trial, old);
    replace(trial, order.get(2), Format.NEWEST);
    whatIsNew(trial);
  }

  private static List<Member> shuffled(Trial trial) {
    List<Member> left = new ArrayList<>(trial.members().all());
    List<Member> order = new ArrayList<>();
    while (!left.isEmpty()) {
      order.add(left.remove(trial.random().nextInt(left.size())));
    }
    return order;
  }

  private static void replace(Trial trial, Member member, int format) throws Exception {
    member.kill();
    member.knowing(format);
    member.start();
    trial.members().awaitQuorum();
    trial.goOn(trial.random().nextInt(BETWEEN_MS));
  }

  /**
   * No lease is granted, and no member changes, while one that answers would not know what that is.
   */
  private static void mustWait(Trial trial, int old) {
    for (Member member : trial.members().all()) {
      if (old < Format.LEASES) {
        mustWait(() -> new KvLeases(member.store()).grant(0, LEASE_MS).join(), old, "a lease");
      }
      if (old < Format.MEMBERSHIP) {
        Join late = new Join("late", "198.18.0.99:9", "");
        mustWait(() -> member.store().change(late, false).join(), old, "a roster");
      }
    }
  }

  private static void mustWait(Runnable deed, int old, String what) {
    try {
      deed.run();
    } catch (CompletionException e) {
      if (String.valueOf(e.getMessage()).contains("older program")) {
        return;
      }
      throw e;
    }
    throw new AssertionError("a program of format " + old + " is to know " + what);
  }

  /** Of a store whose members all know it. */
  private static void whatIsNew(Trial trial) throws Exception {
    Members.await(
        KNOWN_S,
        "a lease",
        () -> new KvLeases(trial.any().store())
            .grant(0, LEASE_MS)
            .handle((lease, error) -> error == null)
            .join());
    Member one = trial.follower();
    Member other = trial.members().without(one).get(trial.random().nextInt(2));
    String address = Objects.requireNonNull(
            other.store().roster().seats().get(one.name()), "a member sits in its store")
        .address();
    StoreRows.change(other, new Leave(one.name()));
    one.kill();
    Disk.wipe(one);
    StoreRows.change(other, new Join(one.name(), address, ""));
    one.start();
    StoreRows.awaitThreeThatVote(trial);
  }
}
