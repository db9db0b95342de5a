package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import dev.catwalk.raftstore.machine.MembersMachine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings this member into its cluster, before which it neither votes nor acknowledges anything; see
 * {@link Arrival}. One that was taken in anew learns the term and the entry of its admission, which
 * the others have committed without it: whatever its earlier disk may have voted or acknowledged
 * lies at or below them.
 */
final class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final long PERIOD_MS = 50;
  private static final long TIMEOUT_MS = 500;
  private static final long JOIN_TIMEOUT_MS = 6000;

  private final String name;
  private final List<String> others;
  private final Transport transport;
  private final Path file;
  private final Supplier<SortedMap<String, MembersMachine.Member>> admitted;
  private final Consumer<Standing> begin;
  private final Consumer<Throwable> fatal;
  private volatile Standing standing;
  private volatile @Nullable String waiting;

  /**
   * An admission that has not begun.
   *
   * @param file keeps {@code standing}
   * @param admitted what the log says of members
   * @param begin is called once, when this member may vote
   */
  Admission(
      String name,
      List<String> others,
      Transport transport,
      Path file,
      Standing standing,
      Supplier<SortedMap<String, MembersMachine.Member>> admitted,
      Consumer<Standing> begin,
      Consumer<Throwable> fatal) {
    this.name = name;
    this.others = others;
    this.transport = transport;
    this.file = file;
    this.standing = standing;
    this.admitted = admitted;
    this.begin = begin;
    this.fatal = fatal;
  }

  /** What this member is to its cluster. Any thread. */
  Standing standing() {
    return standing;
  }

  /** What this member waits for before it takes part, if it does not yet. Any thread. */
  @Nullable
  String waiting() {
    return waiting;
  }

  /** Begins at once, or asks until it may; by tasks of the executor. */
  void start(ScheduledExecutorService executor) {
    if (standing.phase() == Phase.MEMBER) {
      begin.accept(standing);
      return;
    }
    waiting = "it has not heard from the other members yet";
    executor.execute(() -> ask(executor));
  }

  private void ask(ScheduledExecutorService executor) {
    Map<String, Standing> answers = new TreeMap<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (String other : others) {
      all.add(transport
          .request(other, Packet.Kind.PRESENCE, new byte[0], TIMEOUT_MS)
          .thenAcceptAsync(
              answer -> {
                Standing theirs = parse(other, answer);
                if (theirs != null) {
                  answers.put(other, theirs);
                }
              },
              executor)
          .exceptionally(unreachable -> null));
    }
    var unused = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .whenCompleteAsync((done, error) -> decide(executor, answers), executor);
  }

  private static @Nullable Standing parse(String other, byte[] answer) {
    try {
      return Standing.parse(new String(answer, StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.warn("what {} says of itself cannot be read: {}", other, e.getMessage());
      return null;
    }
  }

  private void decide(ScheduledExecutorService executor, Map<String, Standing> answers) {
    try {
      switch (Arrival.decide(name, standing, others, answers)) {
        case Arrival.Found found -> begin(standing.member(found.roster()));
        case Arrival.Join join -> join(executor, join.members());
        case Arrival.Wait wait -> {
          waiting(wait.why());
          again(executor, PERIOD_MS);
        }
      }
    } catch (IOException | RuntimeException e) {
      fatal.accept(e);
    }
  }

  private void waiting(String why) {
    if (!why.equals(waiting)) {
      LOG.info("not in the store's cluster yet: {}", why);
      waiting = why;
    }
  }

  private void again(ScheduledExecutorService executor, long delayMs) {
    var unused = executor.schedule(() -> ask(executor), delayMs, TimeUnit.MILLISECONDS);
  }

  private void join(ScheduledExecutorService executor, List<String> members) throws IOException {
    if (standing.phase() == Phase.FRESH) {
      standing = standing.joining();
      standing.store(file);
    }
    waiting("its directory was empty and the others have begun: it asks them to take it in anew");
    join(executor, members, 0);
  }

  private void join(ScheduledExecutorService executor, List<String> members, int next) {
    if (next == members.size()) {
      again(executor, 4 * PERIOD_MS);
      return;
    }
    String via = members.get(next);
    byte[] request = ByteBuffer.allocate(8).putLong(standing.incarnation()).array();
    var unused = transport
        .request(via, Packet.Kind.JOIN, request, JOIN_TIMEOUT_MS)
        .whenCompleteAsync(
            (answer, error) -> {
              Standing theirs = error == null ? parse(via, answer) : null;
              if (theirs == null) {
                join(executor, members, next + 1);
                return;
              }
              try {
                LOG.info(
                    "taken in anew by {} in term {} at entry {}",
                    via,
                    theirs.floorTerm(),
                    theirs.floorIndex());
                begin(standing.member(theirs.floorTerm(), theirs.floorIndex(), theirs.roster()));
              } catch (IOException | RuntimeException e) {
                fatal.accept(e);
              }
            },
            executor);
  }

  private void begin(Standing member) throws IOException {
    member.store(file);
    standing = member;
    waiting = null;
    begin.accept(member);
  }

  /** What this member says of itself to one that asks. Any thread. */
  byte[] presence() {
    Standing mine = standing;
    return answer(mine, mine.floorTerm(), mine.floorIndex());
  }

  /** The same, with the place where somebody was taken in. Any thread. */
  byte[] answer(long term, long index) {
    return answer(standing, term, index);
  }

  /**
   * All from one standing, though this member may begin at this moment: a member that knows nobody
   * would make a founder ask to be taken in anew.
   */
  private byte[] answer(Standing mine, long term, long index) {
    TreeMap<String, Long> roster = new TreeMap<>(mine.roster());
    roster.put(name, mine.incarnation());
    admitted.get().forEach((member, at) -> roster.put(member, at.incarnation()));
    return new Standing(mine.phase(), mine.incarnation(), term, index, roster).bytes();
  }

  /** The incarnation that a member asks to be taken in with. */
  static long incarnation(byte[] request) {
    if (request.length != 8) {
      throw new IllegalArgumentException("a request to be taken in has 8 bytes");
    }
    return ByteBuffer.wrap(request).getLong();
  }
}
