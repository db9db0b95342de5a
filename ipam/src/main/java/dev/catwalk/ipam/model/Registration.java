package dev.catwalk.ipam.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Which life of a node counts.
 *
 * @param current the life that may claim and record
 * @param retired the epochs before it, oldest first; they never come back
 */
public record Registration(NodeEpoch current, List<Long> retired) {
  /** So many earlier lives are remembered; the oldest are forgotten first. */
  public static final int MAX_RETIRED = 64;

  public Registration {
    retired = List.copyOf(retired);
  }

  /** After a new life has begun. */
  public Registration renewed(NodeEpoch next) {
    List<Long> all = new ArrayList<>(retired);
    all.add(current.epoch());
    return new Registration(next, all.subList(Math.max(0, all.size() - MAX_RETIRED), all.size()));
  }
}
