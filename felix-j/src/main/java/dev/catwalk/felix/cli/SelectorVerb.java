package dev.catwalk.felix.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.acl.model.Selector;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** What a selector selects: labels that are given, without an agent, or the agent's pods. */
@Command(
    name = "selector",
    description = "What selectors select.",
    subcommands = SelectorVerb.Match.class)
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class SelectorVerb {
  @ParentCommand
  Catwalk catwalk;

  @Command(
      name = "match",
      description = {
        "Whether a selector matches something with these labels: status 0 or 1, no agent needed.",
        "With --endpoints: the pods of the cluster that it selects, as their policies see them.",
        "A selector is made of has(KEY), KEY == 'V', KEY != 'V', KEY in {'V', 'W'}, KEY not in"
            + " {'V'}, KEY contains 'V', KEY starts with 'V', KEY ends with 'V', all(), and of"
            + " && || ! ( ) between them."
      })
  static final class Match implements Callable<Integer> {
    @ParentCommand
    SelectorVerb selector;

    @Parameters(
        index = "0",
        paramLabel = "EXPR",
        description = "the selector, quoted for the shell")
    String expression;

    @Parameters(
        index = "1..*",
        arity = "0..*",
        paramLabel = "KEY=VALUE",
        description = "labels; none: something without any")
    List<String> labels = List.of();

    @Option(names = "--endpoints", description = "ask the agent which pods it selects")
    boolean endpoints;

    @Override
    public Integer call() {
      Catwalk catwalk = selector.catwalk;
      Selector parsed = parsed();
      if (endpoints) {
        if (!labels.isEmpty()) {
          throw new CliException(
              CliException.USAGE,
              "--endpoints asks for pods: leave out '" + labels.getFirst() + "'");
        }
        return AgentClient.ask(
            catwalk, "selector match", Map.of("selector", expression), Collections.emptyMap());
      }
      SortedMap<String, String> given = given();
      boolean match = parsed.matches(given);
      switch (catwalk.format) {
        case table -> catwalk.out.println(match ? "match" : "no match");
        case json, yaml -> { // JSON is YAML too
          ObjectNode json = JsonNodeFactory.instance.objectNode();
          json.put("selector", parsed.toString());
          ObjectNode all = json.putObject("labels");
          given.forEach(all::put);
          catwalk.out.println(json.put("match", match).toPrettyString());
        }
      }
      return match ? CliException.OK : CliException.NO;
    }

    private Selector parsed() {
      try {
        return Selector.parse(expression);
      } catch (IllegalArgumentException e) {
        throw new CliException(CliException.USAGE, String.valueOf(e.getMessage()));
      }
    }

    private SortedMap<String, String> given() {
      TreeMap<String, String> given = new TreeMap<>();
      for (String label : labels) {
        int equals = label.indexOf('=');
        if (equals < 1) {
          throw new CliException(CliException.USAGE, "'" + label + "' is no KEY=VALUE");
        }
        given.put(label.substring(0, equals), label.substring(equals + 1));
      }
      return given;
    }
  }
}
