package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What all speakers of a {@link Simulation} have beyond the plain protocol, such that their tables in
 * the end are those that they would be without it; but for the aggregate.
 *
 * @param longLived whether routes outlive the restart time (RFC 9494)
 * @param addPath whether all paths are told (RFC 7911)
 * @param roles whether all are peers to each other (RFC 9234)
 * @param limits whether more than two prefixes of a peer are warned of
 * @param aggregates whether each sums up what is in {@link #WHOLE}
 * @param kernels whether each forwards what it has selected some time later, and says so
 * @param bfd whether a path that fails ends the session soon
 * @param guests whether reflectors take whoever calls
 * @param far whether next hops are on no link, and are not reached at all now and then
 */
record Extras(
    boolean longLived,
    boolean addPath,
    boolean roles,
    boolean limits,
    boolean aggregates,
    boolean kernels,
    boolean bfd,
    boolean guests,
    boolean far) {
  static final Extras NONE =
      new Extras(false, false, false, false, false, false, false, false, false);
  static final Prefix WHOLE = Prefix.parse("100.0.0.0/8");
  private static final int LONG_LIVED_SECONDS = 15;

  /**
   * Of one seed.
   *
   * @param transit whether each passes on what others say; if nobody does further paths change no
   *     choice
   */
  static Extras of(long seed, boolean restarts, Simulation.Shape shape, boolean transit) {
    boolean ebgp = shape == Simulation.Shape.EBGP_MESH;
    boolean reflected = shape == Simulation.Shape.TWO_REFLECTORS;
    boolean direct = !reflected && !transit;
    SplittableRandom random = new SplittableRandom(seed ^ 0x5eedf00dL);
    SplittableRandom later = new SplittableRandom(seed ^ 0x6e12e1L);
    return new Extras(
        restarts && random.nextBoolean(),
        direct && random.nextInt(3) == 0,
        direct && ebgp && random.nextInt(3) == 0,
        random.nextInt(3) == 0,
        direct && random.nextInt(3) == 0 || ebgp && transit && later.split().nextBoolean(),
        !direct && ebgp && later.nextInt(4) > 0,
        later.nextInt(3) == 0,
        reflected && later.nextBoolean(),
        later.nextInt(3) == 0);
  }

  SessionConfig on(SessionConfig session) {
    Extensions standard = Extensions.STANDARD;
    Extensions extensions = new Extensions(
        standard.extendedMessages(),
        standard.enhancedRefresh(),
        false,
        addPath ? new Extensions.AddPath(true, 4) : Extensions.AddPath.OFF,
        longLived ? LONG_LIVED_SECONDS : 0,
        roles ? Optional.of(Relation.PEER) : Optional.empty(),
        roles);
    RouteRules plain = RouteRules.STANDARD;
    RouteRules limited = new RouteRules(
        0,
        new RouteRules.Imports(
            0, false, Optional.of(new RouteRules.PrefixLimit(2, 50, true, 0)), RouteFilter.NONE),
        plain.exports());
    return session.with(extensions).with(limits ? limited : plain);
  }

  List<Aggregate> summaries() {
    return aggregates ? List.of(new Aggregate(WHOLE, false)) : List.of();
  }
}
