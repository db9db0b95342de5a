package dev.catwalk.raftstore.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * What one log entry carries: many commands of one client, which is one run of one member's door.
 * A client numbers its commands 1, 2, 3 and so on and may send one again under its number.
 *
 * @param client chance of 64 bits
 * @param answered every number below is answered or given up: its outcome can be forgotten
 */
public record Frame(long client, long answered, List<Item> items) {
  private static final int VERSION = 1;
  private static final int ITEM_OVERHEAD = 8 + 4 + 4;

  /** Bytes of a frame beside its items. */
  public static final int OVERHEAD = 1 + 8 + 8 + 4;

  /**
   * One command.
   *
   * @param machine its machine's name; empty asks for the revision alone and changes nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
  public record Item(long sequence, String machine, byte[] command) {

    /** Bytes that this takes in a frame. */
    public int size() {
      return ITEM_OVERHEAD + machine.length() + command.length;
    }
  }

  public Frame {
    items = List.copyOf(items);
  }

  public byte[] encode() {
    Sink out = new Sink(OVERHEAD + items.stream().mapToInt(Item::size).sum());
    out.u8(VERSION).u64(client).u64(answered).u32(items.size());
    for (Item item : items) {
      out.u64(item.sequence()).text(item.machine()).blob(item.command());
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException naming the place
   */
  public static Frame decode(byte[] bytes) {
    Source in = new Source(bytes);
    in.version(VERSION, "log entry");
    long client = in.u64();
    long answered = in.u64();
    List<Item> items = new ArrayList<>();
    for (int left = in.count(ITEM_OVERHEAD); left > 0; left--) {
      items.add(new Item(in.u64(), in.text(), in.blob()));
    }
    in.end();
    return new Frame(client, answered, items);
  }
}
