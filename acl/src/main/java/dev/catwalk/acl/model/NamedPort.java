package dev.catwalk.acl.model;

/**
 * A port that a container declares under a name.
 *
 * @param port 1..65535
 */
public record NamedPort(String name, Protocol protocol, int port) {}
