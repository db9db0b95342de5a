package dev.catwalk.raftstore.trial;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.store.StoreStatus;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes between a member's process and whoever drives it: a number, a kind, a body. What waits
 * to be written is written together. The other end is trusted.
 */
final class Pipe {
  /** What is asked for, and the three kinds of answers. */
  enum Kind {
    SUBMIT,
    BARRIER,
    BACKUP,
    STATUS,
    SUBSCRIBE,
    UNSUBSCRIBE,
    LIST,
    READ_LOCALLY,
    READ,
    ROSTER,
    CHANGE,
    RESET,
    WATCH,
    WATCHED,
    DONE,
    FAILED,
    CHANGED
  }

  private static final Kind[] KINDS = Kind.values();

  /** One message. */
  @SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
  record Message(long id, Kind kind, byte[] body) {}

  /** Writes the body of a message. */
  @FunctionalInterface
  interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private final DataInputStream in;
  private final DataOutputStream out;
  private final LinkedBlockingQueue<Message> queue = new LinkedBlockingQueue<>();

  /** Writes with a daemon thread of its own, which ends with the stream. */
  Pipe(String name, InputStream in, OutputStream out) {
    this.in = new DataInputStream(new BufferedInputStream(in, 1 << 16));
    this.out = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    Thread.ofPlatform().daemon().name(name + "-write").start(this::write);
  }

  void send(long id, Kind kind, byte[] body) {
    queue.add(new Message(id, kind, body));
  }

  void send(long id, Kind kind, Body body) {
    send(id, kind, bytes(body));
  }

  static byte[] bytes(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try {
      body.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static DataInputStream body(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  static void blob(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static byte[] blob(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }

  @SuppressWarnings("EnumOrdinal") // Both ends are of one build.
  private void write() {
    try {
      while (true) {
        Message message = queue.poll();
        if (message == null) {
          out.flush();
          message = queue.take();
        }
        out.writeLong(message.id());
        out.writeByte(message.kind().ordinal());
        blob(out, message.body());
      }
    } catch (IOException e) {
      // The other end has gone, as its reader notices too.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Hands on every message until the other end is gone. On the caller's thread. */
  void read(Consumer<Message> consumer) {
    try {
      while (true) {
        long id = in.readLong();
        Kind kind = KINDS[in.readByte()];
        consumer.accept(new Message(id, kind, blob(in)));
      }
    } catch (EOFException e) {
      // As every process ends.
    } catch (IOException e) {
      // Killed while it wrote.
    }
  }

  static void write(DataOutputStream out, Change change) throws IOException {
    out.writeLong(change.revision());
    switch (change) {
      case Change.Committed committed -> {
        out.writeByte(0);
        out.writeUTF(committed.machine());
        blob(out, committed.command());
        blob(out, committed.outcome());
      }
      case Change.Replaced replaced -> {
        out.writeByte(1);
        out.writeInt(replaced.snapshots().size());
        for (var snapshot : replaced.snapshots().entrySet()) {
          out.writeUTF(snapshot.getKey());
          blob(out, snapshot.getValue());
        }
      }
    }
  }

  static Change change(DataInputStream in) throws IOException {
    long revision = in.readLong();
    if (in.readByte() == 0) {
      return new Change.Committed(revision, in.readUTF(), blob(in), blob(in));
    }
    TreeMap<String, byte[]> snapshots = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      snapshots.put(in.readUTF(), blob(in));
    }
    return new Change.Replaced(revision, snapshots);
  }

  static void write(DataOutputStream out, StoreStatus status) throws IOException {
    out.writeUTF(status.role().name());
    text(out, status.leader());
    out.writeInt(status.members().size());
    for (String member : status.members()) {
      out.writeUTF(member);
    }
    out.writeLong(status.revision());
    out.writeUTF(status.stateHash());
    out.writeUTF(status.origin());
    out.writeBoolean(status.quorum());
    out.writeUTF(status.transport());
    text(out, status.problem());
  }

  static StoreStatus status(DataInputStream in) throws IOException {
    StoreStatus.Role role = StoreStatus.Role.valueOf(in.readUTF());
    String leader = text(in);
    List<String> members = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      members.add(in.readUTF());
    }
    return new StoreStatus(
        role,
        leader,
        members,
        in.readLong(),
        in.readUTF(),
        in.readUTF(),
        in.readBoolean(),
        in.readUTF(),
        text(in));
  }

  private static void text(DataOutputStream out, @Nullable String text) throws IOException {
    out.writeUTF(text == null ? "" : text);
  }

  private static @Nullable String text(DataInputStream in) throws IOException {
    String text = in.readUTF();
    return text.isEmpty() ? null : text;
  }
}
