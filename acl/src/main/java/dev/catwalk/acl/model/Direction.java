package dev.catwalk.acl.model;

/** As seen from the workload that a policy selects. */
public enum Direction {
  INGRESS,
  EGRESS
}
