package dev.catwalk.raftstore.machine;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which members the store has taken in since it was founded, and who votes: every store carries this
 * machine. A member is its name, the incarnation of its disk and its address. The founders are not
 * here until one of them comes back with another disk, and there is no roster until somebody has
 * joined, left or moved; as long, all is as programs wrote it that knew of no roster.
 */
public final class MembersMachine implements Machine {
  public static final String NAME = "members";

  /** Members that were ever taken in, at most. */
  public static final int MAX_MEMBERS = 64;

  private static final int VERSION = 1;
  private static final int ADMIT = 0;
  private static final int FORGET = 1;

  /** Of a command, and of a snapshot, that has a roster in it. */
  private static final int SEATED = 2;

  private static final byte[] DONE = {0};
  private static final byte[] REFUSED = {1};

  /**
   * One member.
   *
   * @param incarnation drawn by chance for a directory when it is made
   * @param address host:port, or empty where the configuration knows better
   */
  public record Member(long incarnation, String address) {}

  private final TreeMap<String, Member> members = new TreeMap<>();
  private @Nullable Roster roster;

  /** The command that takes a member in, or in anew. */
  public static byte[] admit(String name, Member member) {
    return new Sink(64)
        .u8(VERSION)
        .u8(ADMIT)
        .text(name)
        .u64(member.incarnation())
        .text(member.address())
        .bytes();
  }

  /** The command that forgets a member. */
  public static byte[] forget(String name) {
    return new Sink(64).u8(VERSION).u8(FORGET).text(name).bytes();
  }

  /** The command that makes a roster the next one; refused if its number is not the next. */
  public static byte[] seat(Roster next) {
    Sink out = new Sink(256).u8(SEATED);
    next.encode(out);
    return out.bytes();
  }

  /** The roster that a command of {@link #seat} holds; null if it is another command. */
  public static @Nullable Roster seated(byte[] command) {
    try {
      return command.length == 0 || command[0] != SEATED
          ? null
          : Roster.of(Arrays.copyOfRange(command, 1, command.length));
    } catch (MalformedException e) {
      return null;
    }
  }

  /** Who votes now; null if nobody has joined, left or moved since the store was founded. */
  public @Nullable Roster roster() {
    return roster;
  }

  /** Whether a command with this outcome was done; else there were too many members, or it has left. */
  public static boolean done(byte[] outcome) {
    return outcome.length == 1 && outcome[0] == 0;
  }

  /** One member; null if it was never taken in. */
  public @Nullable Member member(String name) {
    return members.get(name);
  }

  /** All members by name. */
  public SortedMap<String, Member> members() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(members));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte[] apply(long revision, byte[] command) {
    Roster next = seated(command);
    if (next != null) {
      if (next.number() != (roster == null ? 0 : roster.number()) + 1) {
        return REFUSED.clone();
      }
      roster = next;
      members.keySet().retainAll(next.seats().keySet());
      return DONE.clone();
    }
    try {
      Source in = new Source(command);
      in.version(VERSION, "command of a member");
      int kind = in.u8();
      String name = in.text();
      switch (kind) {
        case ADMIT -> {
          Member member = new Member(in.u64(), in.text());
          in.end();
          if (members.size() == MAX_MEMBERS && !members.containsKey(name)
              || roster != null && !roster.seats().containsKey(name)) {
            return REFUSED.clone();
          }
          members.put(name, member);
        }
        case FORGET -> {
          in.end();
          members.remove(name);
        }
        default -> {
          return REFUSED.clone();
        }
      }
      return DONE.clone();
    } catch (MalformedException e) {
      return REFUSED.clone();
    }
  }

  @Override
  public byte[] snapshot() {
    Roster now = roster;
    Sink out = new Sink(64 * members.size()).u8(now == null ? VERSION : SEATED).u32(members.size());
    members.forEach(
        (name, member) -> out.text(name).u64(member.incarnation()).text(member.address()));
    if (now != null) {
      now.encode(out);
    }
    return out.bytes();
  }

  @Override
  public void restore(byte[] snapshot) {
    Source in = new Source(snapshot);
    boolean seated = snapshot.length > 0 && snapshot[0] == SEATED;
    in.version(seated ? SEATED : VERSION, "snapshot of the members");
    TreeMap<String, Member> restored = new TreeMap<>();
    for (int left = in.count(16); left > 0; left--) {
      restored.put(in.text(), new Member(in.u64(), in.text()));
    }
    Roster newRoster = seated ? Roster.decode(in) : null;
    in.end();
    members.clear();
    members.putAll(restored);
    roster = newRoster;
  }
}
