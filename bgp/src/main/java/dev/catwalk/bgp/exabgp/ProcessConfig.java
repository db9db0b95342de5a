package dev.catwalk.bgp.exabgp;

import java.util.List;

/**
 * A {@code process} of the configuration: a program that is told events and gives commands.
 *
 * @param run the program and its arguments
 * @param json whether events are JSON; else they are text
 * @param respawn whether it is started again when it ends
 */
public record ProcessConfig(String name, List<String> run, boolean json, boolean respawn) {
  public ProcessConfig {
    run = List.copyOf(run);
  }
}
