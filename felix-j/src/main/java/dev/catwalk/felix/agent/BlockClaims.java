package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.AddressPlan;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.OfPast;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Claims a block of every family that there are pools of, where the node has none or not the one
 * that its configuration names. For the agent's loop alone.
 */
final class BlockClaims {
  /** After a claim that was refused or not answered, milliseconds. */
  private static final long AGAIN_MS = 3_000;

  private record Claim(CompletableFuture<Outcome> answer, long againAt) {}

  private final LocalAddresses addresses;
  private final List<Prefix> named;
  private final Runnable wake;
  private final AgentConfig.Ipam limits;
  private final SortedSet<Long> earlierLives;

  /** Blocks that were asked for because pods of an earlier life are in them, and when. */
  private final TreeMap<Prefix, Long> askedOfPast = new TreeMap<>();

  private CompletableFuture<?> ofPast = CompletableFuture.completedFuture(null);
  private final TreeMap<Family, Claim> claims = new TreeMap<>();
  private final TreeMap<Family, Problem> problems = new TreeMap<>();
  private @Nullable AddressPlan governing;

  /**
   * @param named the blocks that the configuration names, one of each family at most
   * @param earlierLives of this node in this very kernel, which has pods of theirs
   * @param wake called on any thread when a claim is answered
   */
  BlockClaims(
      LocalAddresses addresses,
      List<Prefix> named,
      AgentConfig.Ipam limits,
      SortedSet<Long> earlierLives,
      Runnable wake) {
    this.addresses = addresses;
    this.limits = limits;
    this.earlierLives = earlierLives;
    this.named = List.copyOf(named);
    this.wake = wake;
  }

  /** What keeps the node from a block, in the order of families. */
  List<Problem> problems() {
    return List.copyOf(problems.values());
  }

  /** Whether no claim is under way or to be made again. */
  boolean isAtRest() {
    return claims.isEmpty()
        && problems.isEmpty()
        && ofPast.isDone()
        && addresses.remains().isEmpty();
  }

  /** Takes answers and makes claims, by what this member knows of the cluster. */
  void turn(IpamState state, AddressPlan plan) {
    if (!plan.equals(governing)) {
      governing = plan;
      addresses.govern(plan.rules(
          named,
          limits.coolDown() * 1000L,
          limits.maxBlocksPerPool(),
          limits.giveBackAfter() * 1000L));
    }
    TreeSet<Family> families = new TreeSet<>();
    for (Family family : Family.values()) {
      if (!plan.forNode(family).isEmpty() || named.stream().anyMatch(b -> b.family() == family)) {
        families.add(family);
      }
    }
    problems.keySet().retainAll(families);
    Registration registration = state.nodes().get(addresses.owner().node());
    boolean registered = registration != null && registration.current().equals(addresses.owner());
    if (registered && takesOver(state)) {
      return;
    }
    for (Family family : families) {
      Claim claim = claims.get(family);
      if (claim != null && !claim.answer().isDone()) {
        continue;
      }
      if (has(family)) {
        claims.remove(family);
        problems.remove(family);
      } else {
        note(family, claim);
        if (registered && (claim == null || System.nanoTime() - claim.againAt() > 0)) {
          claim(family, plan);
        }
      }
    }
  }

  /** Claims what earlier lives left in this kernel, one block at a time, before any other. */
  private boolean takesOver(IpamState state) {
    if (!ofPast.isDone()) {
      return true;
    }
    for (Map.Entry<Prefix, Wanted> next : past(state).entrySet()) {
      Long askedAt = askedOfPast.get(next.getKey());
      long now = System.nanoTime();
      if (askedAt == null || now - askedAt > AGAIN_MS * 1_000_000) {
        askedOfPast.put(next.getKey(), now);
        ofPast = addresses.claim(next.getValue()).handle((outcome, e) -> {
          wake.run();
          return null;
        });
        return true;
      }
    }
    return false;
  }

  /** The blocks of earlier lives, and those that pods of theirs are in and nobody has. */
  private TreeMap<Prefix, Wanted> past(IpamState state) {
    TreeMap<Prefix, Wanted> wanted = new TreeMap<>();
    for (long epoch : earlierLives) {
      NodeEpoch past = new NodeEpoch(addresses.owner().node(), epoch);
      state.blocksOf(past).forEach(b -> wanted.put(b.cidr(), new OfPast(b.cidr(), past)));
    }
    for (Allocation a : addresses.remains()) {
      Pool pool = state.poolAround(a.ip().asPrefix());
      if (pool != null && state.blockAround(a.ip()) == null) {
        Prefix block = Prefix.of(a.ip(), pool.blockSize());
        wanted.put(block, new Exactly(block));
      }
    }
    return wanted;
  }

  private boolean has(Family family) {
    List<Prefix> own = addresses.blocks();
    return named.stream()
        .filter(b -> b.family() == family)
        .findFirst()
        .map(own::contains)
        .orElseGet(() -> own.stream().anyMatch(b -> b.family() == family));
  }

  private void claim(Family family, AddressPlan plan) {
    List<String> pools = plan.forNode(family);
    Wanted wanted = named.stream()
        .filter(b -> b.family() == family)
        .findFirst()
        .<Wanted>map(Exactly::new)
        .orElseGet(() -> new FromPools(pools));
    CompletableFuture<Outcome> asked = addresses.claim(wanted);
    claims.put(family, new Claim(asked, System.nanoTime() + AGAIN_MS * 1_000_000));
    var unused = asked.whenComplete((outcome, e) -> wake.run());
  }

  private void note(Family family, @Nullable Claim claim) {
    if (claim == null) {
      return;
    }
    String why = claim.answer().isCompletedExceptionally()
        ? String.valueOf(claim.answer().exceptionNow().getMessage())
        : claim.answer().join() instanceof Refused refused ? refused.what() : "";
    if (why.isEmpty()) {
      problems.remove(family);
    } else {
      problems.put(
          family,
          new Problem(
              "no block of " + family + " addresses can be claimed: " + why, "it is tried again"));
    }
  }
}
