package dev.catwalk.bgp.bfd;

import java.util.ArrayList;
import java.util.List;

/**
 * One session, RFC 5880 §6.8: asynchronous mode, active role. Equal calls give equal results; jitter
 * is a hash of the discriminator and a count. One thread.
 */
public final class BfdMachine {
  /** §6.8.3: as long as a session is not up, nobody sends faster. */
  static final long SLOW = 1_000_000;

  private static final int NO_DIAGNOSTIC = 0;
  private static final int DETECTION_TIME_EXPIRED = 1;
  private static final int NEIGHBOR_SIGNALED_DOWN = 3;
  private static final int ADMINISTRATIVELY_DOWN = 7;

  private final int discriminator;
  private BfdSettings settings;
  private BfdState state = BfdState.DOWN;
  private int diagnostic = NO_DIAGNOSTIC;
  private String lastChange = "";
  private int remoteDiscriminator;
  private BfdState remoteState = BfdState.DOWN;
  private boolean remoteDemand;
  private boolean remoteIndependent;
  private long remoteMinRx = 1;
  private long remoteMinTx;
  private int remoteMult;
  private boolean polling;
  private long transmitEvery = SLOW; // until a poll that asks for a longer one has ended
  private long sent;
  private List<BfdAction> actions = new ArrayList<>();

  /** @param discriminator ours: not 0, and no other session's here */
  public BfdMachine(BfdSettings settings, int discriminator) {
    assert discriminator != 0;
    this.settings = settings;
    this.discriminator = discriminator;
  }

  public BfdState state() {
    return state;
  }

  public int discriminator() {
    return discriminator;
  }

  /** Microseconds after which silence is a failure; 0 while nothing has come. */
  public long detectionTime() {
    return remoteMult * Math.max(requiredMinRx(), remoteMinTx);
  }

  /** Microseconds between datagrams of ours, before jitter. */
  public long transmitInterval() {
    return Math.max(transmitEvery, remoteMinRx);
  }

  public BfdStatus status() {
    return new BfdStatus(
        state, lastChange, remoteState, remoteIndependent, transmitInterval(), detectionTime());
  }

  /** Begins to send. */
  public List<BfdAction> start() {
    begin();
    transmit();
    return actions;
  }

  /** Other settings from now on, agreed on by a poll where the session is up. */
  public List<BfdAction> configure(BfdSettings next) {
    begin();
    settings = next;
    retime();
    return actions;
  }

  /** A datagram that came from the peer for this session. */
  public List<BfdAction> received(BfdPacket packet) {
    begin();
    if (packet.yours() != 0 && packet.yours() != discriminator) {
      return actions;
    }
    remoteDiscriminator = packet.mine();
    remoteState = packet.state();
    remoteDemand = packet.demand();
    remoteIndependent = packet.independent();
    boolean silenced = remoteMinRx == 0;
    remoteMinRx = packet.requiredMinRx();
    remoteMinTx = packet.desiredMinTx();
    remoteMult = packet.detectMult();
    if (packet.fin() && polling) {
      polling = false;
      transmitEvery = desiredMinTx();
    }
    if (state == BfdState.ADMIN_DOWN) {
      return actions;
    }
    follow(packet.state());
    if (packet.poll()) {
      actions.add(new BfdAction.Send(packet(false, true)));
    }
    actions.add(new BfdAction.ArmDetection(detectionTime()));
    if (silenced && remoteMinRx != 0) {
      transmit();
    }
    return actions;
  }

  private void follow(BfdState theirs) {
    if (theirs == BfdState.ADMIN_DOWN) {
      if (state != BfdState.DOWN) {
        become(BfdState.DOWN, NEIGHBOR_SIGNALED_DOWN, false, "the peer has stopped BFD");
      }
      return;
    }
    switch (state) {
      case DOWN -> {
        if (theirs == BfdState.DOWN) {
          become(BfdState.INIT, diagnostic, false, "the peer is there");
        } else if (theirs == BfdState.INIT) {
          become(BfdState.UP, NO_DIAGNOSTIC, false, "both hear each other");
        }
      }
      case INIT -> {
        if (theirs != BfdState.DOWN) {
          become(BfdState.UP, NO_DIAGNOSTIC, false, "both hear each other");
        }
      }
      case UP -> {
        if (theirs == BfdState.DOWN) {
          become(BfdState.DOWN, NEIGHBOR_SIGNALED_DOWN, true, "the peer says that it is down");
        }
      }
      case ADMIN_DOWN -> {}
    }
  }

  /** It is time for a datagram. */
  public List<BfdAction> transmitDue() {
    begin();
    transmit();
    return actions;
  }

  /** Nothing came for the detection time. */
  public List<BfdAction> detectionOver() {
    begin();
    long waited = detectionTime();
    remoteDiscriminator = 0; // §6.8.1
    if (state == BfdState.INIT || state == BfdState.UP) {
      become(
          BfdState.DOWN,
          DETECTION_TIME_EXPIRED,
          state == BfdState.UP,
          "nothing heard for " + waited / 1000 + " ms");
    }
    return actions;
  }

  /** Tells the peer that this end stops, which is no failure (§6.8.16). There is no way back. */
  public List<BfdAction> stop() {
    begin();
    become(BfdState.ADMIN_DOWN, ADMINISTRATIVELY_DOWN, false, "stopped");
    actions.add(new BfdAction.DisarmTransmit());
    return actions;
  }

  private void begin() {
    actions = new ArrayList<>(2);
  }

  private void become(BfdState next, int why, boolean failed, String text) {
    state = next;
    diagnostic = why;
    lastChange = text;
    actions.add(new BfdAction.Changed(next, failed, remoteIndependent, text));
    retime();
    actions.add(new BfdAction.Send(packet(polling, false))); // §6.8.7 lets a change be told at once
    schedule();
  }

  /** The intervals that we ask for may be others now: §6.8.3. */
  private void retime() {
    boolean up = state == BfdState.UP;
    polling = up;
    if (!up || desiredMinTx() < transmitEvery) {
      transmitEvery = desiredMinTx();
      schedule();
    }
  }

  private long desiredMinTx() {
    long wanted = settings.intervalMs() * 1000L;
    return state == BfdState.UP ? wanted : Math.max(SLOW, wanted);
  }

  private long requiredMinRx() {
    return settings.intervalMs() * 1000L;
  }

  private void transmit() {
    boolean demanded =
        remoteDemand && state == BfdState.UP && remoteState == BfdState.UP && !polling;
    if (remoteMinRx == 0 || demanded || state == BfdState.ADMIN_DOWN) {
      actions.add(new BfdAction.DisarmTransmit());
      return;
    }
    actions.add(new BfdAction.Send(packet(polling, false)));
    schedule();
  }

  private void schedule() {
    if (remoteMinRx != 0 && state != BfdState.ADMIN_DOWN) {
      actions.add(new BfdAction.ArmTransmit(jittered(transmitInterval())));
    }
  }

  /** §6.8.7: 75 to 100 % of it. */
  private long jittered(long interval) {
    long mixed = (discriminator * 0x9e3779b97f4a7c15L + ++sent) * 0xff51afd7ed558ccdL;
    double chance = ((mixed ^ mixed >>> 33) >>> 40) / (double) (1 << 24);
    return (long) (interval * (0.75 + chance / 4));
  }

  /** We live and die with the agent: the C bit stays clear. */
  private BfdPacket packet(boolean poll, boolean fin) {
    return new BfdPacket(
        diagnostic,
        state,
        poll,
        fin,
        false,
        false,
        settings.multiplier(),
        discriminator,
        remoteDiscriminator,
        desiredMinTx(),
        requiredMinRx());
  }
}
