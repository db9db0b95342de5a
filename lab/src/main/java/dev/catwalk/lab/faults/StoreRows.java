package dev.catwalk.lab.faults;

import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The rows of the store: what the matrix has for processes, networks, clocks and disks. */
public final class StoreRows {
  private static final int CHANGE_MS = 300;
  private static final int CHANGED_S = 120;
  private static final int AWAY_MS = 1500;
  private static final int CUT_MS = 3000;
  private static final int HANG_MS = 4000;
  private static final long END_S = 20;
  private static final long HOUR_S = 3600;
  private static final int FULL_DISK_MB = 10;
  private static final int SLOW_MS = 5000;
  private static final int NARROWEST_KBITS = 250;
  private static final int MOST_LOST_PERCENT = 25;
  private static final int SLOWEST_SYNC_MS = 500;

  /** The order in which they are tried. */
  public static final List<Row> ALL = List.of(
      new Row(
          "kill-leader",
          "kill -9 of the leader",
          trial -> kill(trial, List.of(trial.members().leader()))),
      new Row(
          "kill-majority",
          "kill -9 of two of three",
          trial -> kill(trial, trial.members().without(trial.any()))),
      new Row(
          "kill-all",
          "kill -9 of all",
          trial -> kill(trial, List.copyOf(trial.members().all()))),
      new Row(
          "cut-leader",
          "nobody hears the leader, nor it them",
          trial -> cut(trial, trial.members().leader())),
      new Row("cut-minority", "a follower is alone", trial -> cut(trial, trial.follower())),
      new Row(
          "cut-one-way",
          "packets of one member do not arrive, or none arrive at it",
          StoreRows::oneWay),
      new Row(
          "cut-bridge", "two members hear each other only through the third", StoreRows::bridge),
      new Row(
          "hang-leader",
          "SIGSTOP of the leader for longer than an election; then it reads",
          StoreRows::hang),
      new Row(
          "slow-follower", "a follower stands still three quarters of the time", StoreRows::slow),
      new Row(
          "narrow-link",
          "a member's link carries next to nothing, and drops what waits",
          StoreRows::narrow),
      new Row("lossy-links", "every link loses packets", StoreRows::lossy),
      new Row(
          "slow-disk",
          "the leader's or a follower's disk takes up to half a second for a sync",
          trial -> restart(trial, "CW_SYNC"),
          StoreRows::slowDisk),
      new Row("clock", "wall clocks jump an hour, each member's another way", StoreRows::clock),
      new Row(
          "full-leader",
          "the leader's disk is full",
          trial -> full(trial, trial.members().leader())),
      new Row("full-follower", "a follower's disk is full", trial -> full(trial, trial.follower())),
      new Row(
          "torn-record",
          "half a record behind the end of the log",
          trial -> disk(trial, member -> Disk.tearLastRecord(member, trial.random()))),
      new Row(
          "flipped-log",
          "a bit of an acknowledged record",
          trial -> disk(trial, member -> Disk.flipInLog(member, trial.random()))),
      new Row(
          "flipped-snapshot",
          "a bit of the newest snapshot",
          trial -> disk(trial, member -> Disk.flipInSnapshot(member, trial.random()))),
      new Row("no-snapshot", "the snapshots are gone", trial -> disk(trial, Disk::removeSnapshots)),
      new Row("wiped-disk", "another, empty disk", trial -> disk(trial, Disk::wipe)),
      new Row(
          "install-killed",
          "killed again and again while it fetches a snapshot",
          StoreRows::install),
      new Row(
          "wiped-and-killed",
          "a member is taken in anew while the leader is killed",
          StoreRows::wipedAndKilled),
      new Row(
          "leases",
          "the leader hangs, dies or is cut off for longer than leases live, and half of their"
              + " holders die",
          StoreRows::leases),
      new Row(
          "members-change",
          "a member leaves, and joins with an empty disk, while others are killed",
          StoreRows::membersChange),
      new Row(
          "upgrade",
          "an older program is replaced member after member, with a step back and a killed leader",
          Upgrade::before,
          Upgrade::strike));

  private StoreRows() {}

  /** What befalls the disk of a member that is not running. */
  @FunctionalInterface
  private interface Harm {
    void to(Member member) throws IOException;
  }

  private static void kill(Trial trial, List<Member> victims) throws Exception {
    victims.forEach(Member::kill);
    trial.goOn(trial.random().nextInt(AWAY_MS));
    for (Member victim : victims) {
      victim.start();
    }
  }

  private static void cut(Trial trial, Member alone) throws Exception {
    trial.members().cut(List.of(alone), trial.members().without(alone));
    trial.goOn(CUT_MS);
    trial.members().heal();
  }

  private static void oneWay(Trial trial) throws Exception {
    Member one = trial.random().nextBoolean() ? trial.members().leader() : trial.any();
    boolean deaf = trial.random().nextBoolean();
    for (Member other : trial.members().without(one)) {
      (deaf ? one : other).deafTo(deaf ? other : one);
    }
    trial.goOn(CUT_MS);
    trial.members().heal();
  }

  private static void bridge(Trial trial) throws Exception {
    Member middle = trial.any();
    List<Member> ends = trial.members().without(middle);
    trial.members().cut(List.of(ends.getFirst()), List.of(ends.getLast()));
    trial.goOn(CUT_MS);
    trial.members().heal();
  }

  private static void hang(Trial trial) throws Exception {
    Member leader = trial.members().leader();
    leader.stop();
    try {
      trial.goOn(HANG_MS);
    } finally {
      leader.goOn();
    }
  }

  private static void slow(Trial trial) throws Exception {
    Member slow = trial.follower();
    for (int i = 0; i < 20; i++) {
      slow.stop();
      try {
        trial.goOn(150);
      } finally {
        slow.goOn();
      }
      trial.goOn(50);
    }
  }

  private static void narrow(Trial trial) throws Exception {
    Member slow = trial.random().nextBoolean() ? trial.members().leader() : trial.follower();
    try {
      slow.narrow(NARROWEST_KBITS << trial.random().nextInt(4));
      trial.goOn(SLOW_MS);
    } finally {
      trial.members().heal();
    }
  }

  private static void lossy(Trial trial) throws Exception {
    try {
      for (Member member : trial.members().all()) {
        member.lose(5 + trial.random().nextInt(MOST_LOST_PERCENT - 5));
      }
      trial.goOn(SLOW_MS);
    } finally {
      trial.members().heal();
    }
  }

  private static void slowDisk(Trial trial) throws Exception {
    Member slow = trial.random().nextBoolean() ? trial.members().leader() : trial.follower();
    set(file(slow, "CW_SYNC"), SLOWEST_SYNC_MS);
    trial.goOn(SLOW_MS);
    set(file(slow, "CW_SYNC"), 0);
  }

  /** Starts each again with a clock that can be moved, moves them, and starts all as they were. */
  private static void clock(Trial trial) throws Exception {
    restart(trial, "CW_CLOCK");
    List<Path> clocks =
        trial.members().all().stream().map(member -> file(member, "CW_CLOCK")).toList();
    for (int step = 0; step < 6; step++) {
      for (int i = 0; i < clocks.size(); i++) {
        set(clocks.get(i), ((step + i) % 3 - 1) * HOUR_S);
      }
      trial.goOn(500);
    }
    for (Member member : trial.members().all()) {
      member.kill();
      member.start();
      trial.members().awaitQuorum();
    }
  }

  /** Starts each again with a file, which holds 0, in this variable of the library. */
  private static void restart(Trial trial, String variable) throws Exception {
    for (Member member : trial.members().all()) {
      set(file(member, variable), 0);
      member.kill();
      member.start("LD_PRELOAD=" + trial.library(), variable + "=" + file(member, variable));
      trial.members().awaitQuorum();
    }
  }

  private static Path file(Member member, String variable) {
    return member.log().resolveSibling(member.name() + "." + variable);
  }

  private static void set(Path file, long number) throws IOException {
    byte[] bytes =
        ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(number).array();
    if (Files.exists(file)) {
      Files.write(file, bytes, java.nio.file.StandardOpenOption.WRITE); // Same file: it is mapped.
    } else {
      Files.write(file, bytes);
    }
  }

  /** A small disk that fills up; its member is started again when there is room, as a supervisor does. */
  private static void full(Trial trial, Member victim) throws Exception {
    victim.kill();
    trial.members().putOnSmallDisk(victim, FULL_DISK_MB);
    victim.start();
    trial.members().awaitQuorum();
    Path filler = victim.data().resolve("filler");
    try (var out = Files.newOutputStream(filler)) {
      byte[] block = new byte[1 << 14];
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      // It is full.
    }
    trial.goOn(CUT_MS);
    Files.delete(filler);
    victim.kill();
    trial.members().putOnUsualDisk(victim);
    victim.start();
  }

  /** A member that cannot open what is left is started with an empty directory, as it asks for. */
  private static void disk(Trial trial, Harm harm) throws Exception {
    Member victim = trial.any();
    victim.kill();
    harm.to(victim);
    victim.start();
    trial.goOn(100);
    Members.await(
        END_S,
        "its start or its refusal",
        () -> !victim.runs() || victim.store().status().quorum());
    if (!victim.runs()) {
      Disk.wipe(victim);
      victim.start();
    }
  }

  private static void install(Trial trial) throws Exception {
    Member victim = trial.follower();
    victim.kill();
    trial.goOn(CUT_MS);
    Disk.wipe(victim);
    for (int i = 0; i < 3; i++) {
      victim.start();
      trial.goOn(500 + trial.random().nextInt(1000));
      victim.kill();
    }
    victim.start();
  }

  private static void leases(Trial trial) throws Exception {
    int longer = (int) LeaseHolders.TTL_MS + trial.random().nextInt(AWAY_MS);
    LeaseHolders holders = new LeaseHolders(
        List.copyOf(trial.members().all()), "leases/" + trial.random().nextLong() + "/");
    try {
      Member leader = trial.members().leader();
      trial.goOn(trial.random().nextInt(AWAY_MS));
      holders.killHalf();
      switch (trial.random().nextInt(3)) {
        case 0 -> {
          leader.stop();
          try {
            trial.goOn(longer);
          } finally {
            leader.goOn();
          }
        }
        case 1 -> {
          leader.kill();
          trial.goOn(longer);
          leader.start();
        }
        default -> {
          trial.members().cut(List.of(leader), trial.members().without(leader));
          trial.goOn(longer);
          trial.members().heal();
        }
      }
      trial.members().awaitQuorum();
      Members.await(
          LeaseHolders.TTL_MS / 1000 + Trial.PROGRESS_S,
          "the leases of dead holders to end at all members",
          holders::deadAreGone);
    } finally {
      holders.end();
    }
  }

  private static void membersChange(Trial trial) throws Exception {
    Member leader = trial.members().leader();
    Member victim = trial.follower();
    Member other = trial.members().without(leader, victim).getFirst();
    String address = Objects.requireNonNull(
            other.store().roster().seats().get(victim.name()), "a member sits in its store")
        .address();
    CompletableFuture<Roster> left = other.store().change(new Leave(victim.name()), false);
    trial.goOn(trial.random().nextInt(CHANGE_MS));
    leader.kill();
    trial.goOn(trial.random().nextInt(AWAY_MS));
    leader.start();
    var unused = left.handle((roster, error) -> error == null).join();
    change(other, new Leave(victim.name()));
    victim.kill();
    Disk.wipe(victim);
    change(other, new Join(victim.name(), address, ""));
    victim.start();
    trial.goOn(trial.random().nextInt(2 * CHANGE_MS));
    Member struck = trial.random().nextBoolean() ? leader : other;
    struck.kill();
    trial.goOn(trial.random().nextInt(AWAY_MS));
    struck.start();
    awaitThreeThatVote(trial);
  }

  static void awaitThreeThatVote(Trial trial) {
    Members.await(
        CHANGED_S,
        "three that vote, as all say",
        () -> trial.members().all().stream()
            .allMatch(member -> member.store().roster().voters().size() == 3));
  }

  /** Asks until it is done. */
  static void change(Member at, MemberChange change) {
    Members.await(
        CHANGED_S,
        change.toString(),
        () -> at.store()
            .change(change, false)
            .handle((roster, error) -> error == null)
            .join());
  }

  private static void wipedAndKilled(Trial trial) throws Exception {
    Member victim = trial.follower();
    victim.kill();
    Disk.wipe(victim);
    victim.start();
    trial.goOn(trial.random().nextInt(AWAY_MS));
    Member leader = trial.members().without(victim).stream()
        .filter(member -> member.store().status().leader() != null)
        .filter(member -> member.name().equals(member.store().status().leader()))
        .findFirst()
        .orElse(trial.members().without(victim).getFirst());
    leader.kill();
    trial.goOn(trial.random().nextInt(AWAY_MS));
    leader.start();
  }
}
