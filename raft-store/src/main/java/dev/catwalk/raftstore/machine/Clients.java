package dev.catwalk.raftstore.machine;

import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The answers that may still be asked for again, by client and number, so that a command which is
 * sent twice is applied once. Bounded: a client's answers go when it says that it has them, and the
 * client that has been silent for longest, in log entries, goes when there are too many.
 */
final class Clients {
  static final int MAX_CLIENTS = 1024;
  static final int MAX_ANSWERS = 16 * 1024;

  private static final class Client {
    long answered;
    long lastIndex;
    final TreeMap<Long, Applied> answers = new TreeMap<>();
  }

  private final TreeMap<Long, Client> clients = new TreeMap<>();

  /** The log entry at {@code index} comes from this client, who has answers below {@code answered}. */
  void heard(long id, long answered, long index) {
    Client client = clients.get(id);
    if (client == null) {
      if (clients.size() == MAX_CLIENTS) {
        removeOldest();
      }
      client = new Client();
      clients.put(id, client);
    }
    client.lastIndex = index;
    forgetBelow(client, answered);
  }

  /** Whether the client has said that it needs no answer to this number any more. */
  boolean forgotten(long id, long sequence) {
    Client client = clients.get(id);
    return client != null && sequence < client.answered;
  }

  @Nullable
  Applied answer(long id, long sequence) {
    Client client = clients.get(id);
    return client == null ? null : client.answers.get(sequence);
  }

  /** Keeps an answer of a client that was {@link #heard}. */
  void keep(long id, long sequence, Applied applied) {
    Client client = Objects.requireNonNull(clients.get(id));
    client.answers.put(sequence, applied);
    if (client.answers.size() > MAX_ANSWERS) {
      forgetBelow(client, client.answers.firstKey() + 1);
    }
  }

  private static void forgetBelow(Client client, long answered) {
    client.answered = Math.max(client.answered, answered);
    client.answers.headMap(client.answered).clear();
  }

  private void removeOldest() {
    long oldest = clients.firstKey();
    long oldestIndex = Long.MAX_VALUE;
    for (var entry : clients.entrySet()) {
      if (entry.getValue().lastIndex < oldestIndex) {
        oldestIndex = entry.getValue().lastIndex;
        oldest = entry.getKey();
      }
    }
    clients.remove(oldest);
  }

  void encode(Sink out) {
    out.u32(clients.size());
    for (var entry : clients.entrySet()) {
      Client client = entry.getValue();
      out.u64(entry.getKey()).u64(client.answered).u64(client.lastIndex);
      out.u32(client.answers.size());
      for (var answer : client.answers.entrySet()) {
        out.u64(answer.getKey()).u64(answer.getValue().revision());
        out.blob(answer.getValue().outcome());
      }
    }
  }

  static Clients decode(Source in) {
    Clients decoded = new Clients();
    for (int left = in.count(28); left > 0; left--) {
      long id = in.u64();
      Client client = new Client();
      client.answered = in.u64();
      client.lastIndex = in.u64();
      for (int answers = in.count(20); answers > 0; answers--) {
        long sequence = in.u64();
        client.answers.put(sequence, new Applied(in.u64(), in.blob()));
      }
      decoded.clients.put(id, client);
    }
    return decoded;
  }
}
