package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.PeerList;
import dev.catwalk.bgp.speaker.PeerTotals;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.RouteView;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What people and scripts ask of a running speaker. Any thread asks; the speaker's answers between
 * two batches of other work, and of many peers a page at a time, so that routes flow meanwhile.
 */
public final class Inquiry {
  /** So many peers are shown in one go. */
  static final int PAGE = 64;

  private final Speaker speaker;
  private final PathWatch paths;
  private final LinkPeers links;
  private final Consumer<Runnable> post;
  private final BooleanSupplier ended;

  /**
   * @param post hands a question to the speaker's thread
   * @param ended whether that takes none any more
   */
  Inquiry(
      Speaker speaker,
      PathWatch paths,
      LinkPeers links,
      Consumer<Runnable> post,
      BooleanSupplier ended) {
    this.speaker = speaker;
    this.paths = paths;
    this.links = links;
    this.post = post;
    this.ended = ended;
  }

  /** Some peers that are not up, and how many there are of them. */
  public record Ailing(List<PeerView> peers, int count) {}

  /**
   * All, in the order in which they were named or came; each as it was when its page was written.
   *
   * @throws IllegalStateException as of all here: the speaker has ended
   */
  public List<PeerView> peers() {
    List<PeerView> all = new ArrayList<>();
    long after = 0;
    do {
      long from = after;
      PeerList.Page page = ask(() -> speaker.peerList().page(from, PAGE, now()));
      all.addAll(page.peers());
      after = page.last();
    } while (after != 0);
    List<PeerView> found = List.copyOf(all);
    return ask(() -> with(found, links.unknown(names(found))));
  }

  /** Those of that name or address; as a rule one or none. */
  public List<PeerView> peers(String nameOrAddress) {
    return ask(() -> {
      List<PeerView> found = speaker.peerList().named(nameOrAddress, now());
      List<PeerView> unknown = links.unknown(names(found)).stream()
          .filter(p -> p.name().equals(nameOrAddress))
          .toList();
      return with(found, unknown);
    });
  }

  /** Those without a session and with a reason for it, {@code most} at most of them as views. */
  public Ailing ailing(int most) {
    return ask(() -> {
      PeerList all = speaker.peerList();
      List<PeerView> found = all.ailing(most, now());
      List<PeerView> unknown = unknown();
      List<PeerView> views = with(found, unknown);
      return new Ailing(
          views.subList(0, Math.min(most, views.size())), all.ailingCount() + unknown.size());
    });
  }

  private List<PeerView> with(List<PeerView> found, List<PeerView> unknown) {
    List<PeerView> all = new ArrayList<>(paths.with(found));
    all.addAll(unknown);
    return List.copyOf(all);
  }

  private static TreeSet<String> names(List<PeerView> peers) {
    TreeSet<String> names = new TreeSet<>();
    peers.forEach(peer -> names.add(peer.name()));
    return names;
  }

  /** Peers by interface whose address is not known. */
  private List<PeerView> unknown() {
    return links.isEmpty() ? List.of() : links.unknown(speaker.peerList().names());
  }

  /**
   * What the peers come to together; empty where the speaker does not answer in time: a number that
   * is missing says so, and whoever asks is not held up.
   */
  public Optional<PeerTotals> totals(Duration patience) {
    try {
      return Optional.of(asked(() ->
              speaker.peerList().totals(paths::status).withUnknown(unknown().size()))
          .get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException("the speaker did not answer", e);
    }
  }

  /** All routes, or those of that prefix. */
  public List<RouteView> routes(Optional<Prefix> prefix) {
    return ask(() -> speaker.routes(prefix));
  }

  /** The longest prefix that packets for this address go by. */
  public Optional<RouteView> lookup(IpAddress address) {
    return ask(() -> speaker.lookup(address));
  }

  private static long now() {
    return System.currentTimeMillis();
  }

  private <T> CompletableFuture<T> asked(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    post.accept(() -> answer.complete(question.get()));
    return answer;
  }

  private <T> T ask(Supplier<T> question) {
    CompletableFuture<T> answer = asked(question);
    while (true) {
      try {
        return answer.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (ended.getAsBoolean()) {
          throw new IllegalStateException("the speaker has ended", e);
        }
      } catch (ExecutionException | InterruptedException e) {
        throw new IllegalStateException("the speaker did not answer", e);
      }
    }
  }
}
