package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The messages of a session that carry no routes, as ExaBGP writes them. */
public final class OpenWriter {
  private static final int OPEN = 1;
  private static final int NOTIFICATION = 3;
  private static final int KEEPALIVE = 4;
  private static final int VERSION = 4;
  private static final int CAPABILITY = 2;
  private static final int EXTENDED = 255;
  private static final int RESTARTING = 0x8000;
  private static final int FORWARDING = 0x80;
  private static final int MOST_TEXT = 64;

  private OpenWriter() {}

  public static byte[] keepalive() {
    return RouteWriter.framed(KEEPALIVE, new Output());
  }

  /** With its code, its subcode and its data. */
  public static byte[] notification(Notification notification) {
    return RouteWriter.framed(
        NOTIFICATION,
        new Output()
            .u8(notification.code())
            .u8(notification.subcode())
            .add(notification.data().toBytes()));
  }

  /**
   * The OPEN that offers what is configured, each capability in a parameter of its own; in the form of
   * RFC 9072 where those are too long for the other.
   *
   * @param software what the software version capability says
   */
  public static byte[] open(NeighborConfig config, String software) {
    NeighborConfig.Ends ends = config.ends();
    int as = ends.localAs() > 0xffff ? Open.AS_TRANS : (int) ends.localAs();
    Output out =
        new Output().u8(VERSION).u16(as).u16(ends.holdTime()).u32(ends.routerId() & 0xffffffffL);
    Parameters parameters = new Parameters();
    capabilities(config, software, parameters);
    if (parameters.narrow.size() < EXTENDED) {
      out.u8(parameters.narrow.size()).add(parameters.narrow);
    } else {
      out.u8(EXTENDED).u8(EXTENDED).u16(parameters.wide.size()).add(parameters.wide);
    }
    return RouteWriter.framed(OPEN, out);
  }

  /** In both forms, until it is known which fits. */
  private static final class Parameters {
    final Output narrow = new Output();
    final Output wide = new Output();

    void add(int code, Output value) {
      narrow.u8(CAPABILITY).u8(value.size() + 2).u8(code).u8(value.size()).add(value);
      wide.u8(CAPABILITY).u16(value.size() + 2).u8(code).u8(value.size()).add(value);
    }
  }

  private static void capabilities(NeighborConfig config, String software, Parameters to) {
    NeighborConfig.Capabilities offered = config.capabilities();
    for (AfiSafi family : offered.families()) {
      to.add(1, new Output().u16(family.afi()).u16(family.safi()));
    }
    if (offered.asn4()) {
      to.add(65, new Output().u32(config.ends().localAs()));
    }
    if (offered.extendedNextHop()) {
      Output pairs = new Output();
      for (NeighborConfig.NextHopFamily one : offered.nextHops()) {
        pairs.u16(one.family().afi()).u16(one.family().safi()).u16(one.nextHopAfi());
      }
      to.add(5, pairs);
    }
    if (!offered.addPathFamilies().isEmpty()) {
      Output families = new Output();
      for (AfiSafi family : offered.addPathFamilies()) {
        families.u16(family.afi()).u8(family.safi()).u8(offered.addPath());
      }
      to.add(69, families);
    }
    if (offered.restartTime() >= 0) {
      Output restart = new Output().u16(RESTARTING | offered.restartTime()); // as ExaBGP does
      for (AfiSafi family : offered.families()) {
        restart.u16(family.afi()).u8(family.safi()).u8(FORWARDING);
      }
      to.add(64, restart);
    }
    if (offered.routeRefresh()) {
      to.add(2, new Output());
      to.add(70, new Output());
    }
    if (offered.extendedMessage()) {
      to.add(6, new Output());
    }
    if (!config.ends().hostName().isEmpty() || !config.ends().domainName().isEmpty()) {
      to.add(
          73,
          new Output()
              .add(text(config.ends().hostName()))
              .add(text(config.ends().domainName())));
    }
    if (offered.softwareVersion()) {
      to.add(75, text(software));
    }
    if (offered.linkLocalNextHop()) {
      to.add(77, new Output());
    }
  }

  /** Its length and its octets. */
  private static Output text(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    byte[] part = Arrays.copyOf(octets, Math.min(octets.length, MOST_TEXT));
    return new Output().u8(part.length).add(part);
  }
}
