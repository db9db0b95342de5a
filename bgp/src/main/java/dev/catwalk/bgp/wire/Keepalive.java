package dev.catwalk.bgp.wire;

/** KEEPALIVE, RFC 4271 §4.4: a header and nothing else. */
public record Keepalive() implements Message {}
