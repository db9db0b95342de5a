package dev.catwalk.raftstore.machine;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which members the store has taken in since it was founded: every store carries this machine. A
 * member is its name, the incarnation of its disk and its address. The founders are not here until
 * one of them comes back with another disk or address.
 */
public final class MembersMachine implements Machine {
  public static final String NAME = "members";

  /** Members that were ever taken in, at most. */
  public static final int MAX_MEMBERS = 64;

  private static final int VERSION = 1;
  private static final int ADMIT = 0;
  private static final int FORGET = 1;
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

  /** Whether a command with this outcome was done; else there were too many members. */
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
    try {
      Source in = new Source(command);
      in.version(VERSION, "command of a member");
      int kind = in.u8();
      String name = in.text();
      switch (kind) {
        case ADMIT -> {
          Member member = new Member(in.u64(), in.text());
          in.end();
          if (members.size() == MAX_MEMBERS && !members.containsKey(name)) {
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
    Sink out = new Sink(64 * members.size()).u8(VERSION).u32(members.size());
    members.forEach(
        (name, member) -> out.text(name).u64(member.incarnation()).text(member.address()));
    return out.bytes();
  }

  @Override
  public void restore(byte[] snapshot) {
    Source in = new Source(snapshot);
    in.version(VERSION, "snapshot of the members");
    TreeMap<String, Member> restored = new TreeMap<>();
    for (int left = in.count(16); left > 0; left--) {
      restored.put(in.text(), new Member(in.u64(), in.text()));
    }
    in.end();
    members.clear();
    members.putAll(restored);
  }
}
