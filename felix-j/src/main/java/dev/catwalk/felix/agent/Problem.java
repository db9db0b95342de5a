package dev.catwalk.felix.agent;

/** Something is wrong, for {@code catwalk status}: one line each. */
record Problem(String what, String remedy) {}
