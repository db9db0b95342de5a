package dev.catwalk.felix.metrics;

import java.util.List;

/**
 * How the agent is.
 *
 * @param alive whether its loop goes round
 * @param ready whether a pod can be started here now
 * @param reasons why not, one line each
 */
public record Health(boolean alive, boolean ready, List<String> reasons) {
  public Health {
    reasons = List.copyOf(reasons);
  }
}
