package dev.catwalk.acl.model;

/** What happens to the first packet of a flow. */
public enum Action {
  ALLOW,
  DENY
}
