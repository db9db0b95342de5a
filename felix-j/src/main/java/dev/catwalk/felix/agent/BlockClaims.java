package dev.catwalk.felix.agent;

import dev.catwalk.felix.alloc.LocalAddresses;
import dev.catwalk.felix.calc.AddressPlan;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
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

  /** After its release an address rests only by its order: the one that was free longest goes first. */
  private static final long COOL_DOWN_MS = 0;

  /** So long a further block has been empty before it is given back, milliseconds. */
  private static final long IDLE_MS = 60_000;

  private record Claim(CompletableFuture<Outcome> answer, long againAt) {}

  private final LocalAddresses addresses;
  private final List<Prefix> named;
  private final Runnable wake;
  private final TreeMap<Family, Claim> claims = new TreeMap<>();
  private final TreeMap<Family, Problem> problems = new TreeMap<>();
  private @Nullable AddressPlan governing;

  /**
   * @param named the blocks that the configuration names, one of each family at most
   * @param wake called on any thread when a claim is answered
   */
  BlockClaims(LocalAddresses addresses, List<Prefix> named, Runnable wake) {
    this.addresses = addresses;
    this.named = List.copyOf(named);
    this.wake = wake;
  }

  /** What keeps the node from a block, in the order of families. */
  List<Problem> problems() {
    return List.copyOf(problems.values());
  }

  /** Whether no claim is under way or to be made again. */
  boolean isAtRest() {
    return claims.isEmpty() && problems.isEmpty();
  }

  /** Takes answers and makes claims, by what this member knows of the cluster. */
  void turn(IpamState state, AddressPlan plan) {
    if (!plan.equals(governing)) {
      governing = plan;
      addresses.govern(plan.rules(named, COOL_DOWN_MS, IDLE_MS));
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
