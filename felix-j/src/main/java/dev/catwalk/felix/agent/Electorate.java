package dev.catwalk.felix.agent;

import dev.catwalk.felix.agent.StartException.Kind;
import dev.catwalk.felix.alloc.NodeIdentity;
import dev.catwalk.felix.config.AgentConfig;
import dev.catwalk.raftstore.store.StoreConfig.Voting;
import dev.catwalk.raftstore.voters.VoterRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/** What this node says of itself where voters of the store are chosen from the nodes. */
final class Electorate {
  /** Of a label's value. */
  private static final int MAX_VALUE = 256;

  private Electorate() {}

  /** Where it is: by the labels that voters are spread by, the others concern nobody. */
  static Voting voting(AgentConfig config, VoterRule rule) {
    AgentConfig.Store store = config.store();
    String name = config.node().name();
    String address = store.members().containsKey(name)
        ? String.valueOf(store.members().get(name))
        : store.listen().map(Object::toString).orElseThrow();
    TreeMap<String, String> labels = new TreeMap<>(config.node().labels());
    labels.keySet().retainAll(rule.spread());
    labels.replaceAll((key, value) -> value.substring(0, Math.min(MAX_VALUE, value.length())));
    return new Voting(rule, address, labels);
  }

  /**
   * What a node became by choice counts more than what its file says, so the file has to allow it.
   */
  static void check(AgentConfig config, Places places) throws StartException {
    Path role = places.store().resolve("role");
    if (config.store().voters().isEmpty() && Files.exists(role)) {
      throw new StartException(
          Kind.CONFIGURATION,
          "store.voters is missing, and what this node is to the store was chosen by it, as " + role
              + " says: bring it back. To choose members by hand from now on, on all nodes: name in"
              + " store.members those that 'catwalk store members' shows, and remove that file");
    }
    checkFounder(config, places);
  }

  /**
   * A founder that lost its store's directory does not begin a second store, whose addresses would be
   * those of the first.
   */
  private static void checkFounder(AgentConfig config, Places places) throws StartException {
    AgentConfig.Store store = config.store();
    String name = config.node().name();
    if (store.voters().isPresent()
        && store.members().size() == 1
        && store.members().containsKey(name)
        && NodeIdentity.exists(places.data())
        && !Files.exists(places.store().resolve("identity"))) {
      throw new StartException(
          Kind.TAKEN,
          "this node had pods before and its part of the store, " + places.store()
              + ", is gone: as the only founder it would begin a second store. If others vote by"
              + " now, name one of them in store.members instead of " + name
              + ": this node follows them and may be chosen again. To begin anew, remove "
              + places.data() + " when no pod is left");
    }
  }
}
