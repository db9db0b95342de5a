package dev.catwalk.felix.kernel;

import java.util.List;

/**
 * How the kernel stands to what it shall hold.
 *
 * @param backend what programs the rules: {@code iptables-nft} or {@code iptables-legacy}
 * @param backendReason why that one, half a sentence
 * @param revision of the newest desired state that is wholly in; -1 before the first
 * @param inSync whether nothing that is desired is missing
 * @param lastErrors what the kernel refused and is tried again, at most {@value #MAX_ERRORS}
 * @param routesInstalled routes of ours that are there
 * @param routeWrites additions, replacements and removals of links and routes since the start
 * @param ruleWrites transactions of rules and sets since the start
 * @param repairs what somebody else had changed and was put right
 * @param guard the table of what stays closed while {@code filter} is flushed: {@code security},
 *     {@code mangle}, {@value #NO_GUARD}, or empty before the first rules
 * @param hindrances those of the errors that keep every new pod from being served; others are about
 *     a route or a pod that is there
 */
public record KernelStatus(
    String backend,
    String backendReason,
    long revision,
    boolean inSync,
    List<String> lastErrors,
    long routesInstalled,
    long routeWrites,
    long ruleWrites,
    Repairs repairs,
    String guard,
    List<String> hindrances) {

  /** Of {@link #guard}: this kernel has no table for it. */
  public static final String NO_GUARD = "none";

  static final int MAX_ERRORS = 16;

  public KernelStatus {
    lastErrors = List.copyOf(lastErrors);
    hindrances = List.copyOf(hindrances);
  }
}
