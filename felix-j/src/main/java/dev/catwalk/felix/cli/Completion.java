package dev.catwalk.felix.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code catwalk completion}: verbs and options as a shell reads them. */
@Command(
    name = "completion",
    description = {
      "Write what makes the shell complete verbs and options.",
      "bash, for this shell:  source <(catwalk completion bash)",
      "bash, for all:         catwalk completion bash > /etc/bash_completion.d/catwalk",
      "zsh, in ~/.zshrc:      source <(catwalk completion zsh)",
      "fish, for good:",
      "  catwalk completion fish > ~/.config/fish/completions/catwalk.fish"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @Parameters and @Spec.
public final class Completion implements Callable<Integer> {
  /** Those that we write for; zsh reads what bash does. */
  enum Shell {
    bash,
    zsh,
    fish
  }

  /** Verbs of {@code lab}, which the launcher gives to another program. */
  public static final List<String> LAB =
      List.of("up", "down", "status", "shell", "scenario", "bench", "faults", "policy");

  /** Verbs of {@code lab bench}. */
  public static final List<String> LAB_BENCH =
      List.of("agent", "bgp", "cni", "ipam", "jmh", "restart", "store");

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  Shell shell;

  @Spec
  CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    CommandSpec lab = CommandSpec.create();
    LAB.forEach(
        verb -> lab.addSubcommand(verb, group(verb.equals("bench") ? LAB_BENCH : List.of())));
    root.addSubcommand("lab", lab).addSubcommand("test", CommandSpec.create());
    root.getOut()
        .print(
            switch (shell) {
              case bash, zsh -> AutoComplete.bash("catwalk", root);
              case fish -> fish(root);
            });
    root.getOut().flush();
    return CliException.OK;
  }

  private static CommandSpec group(List<String> verbs) {
    CommandSpec group = CommandSpec.create();
    verbs.forEach(verb -> group.addSubcommand(verb, CommandSpec.create()));
    return group;
  }

  private static String fish(CommandLine root) {
    List<String> lines = new ArrayList<>();
    lines.add("complete -c catwalk -f");
    fish(root, List.of(), lines);
    return String.join("\n", lines) + "\n";
  }

  /** What may stand after these verbs: further verbs while none of them is there, and options. */
  private static void fish(CommandLine command, List<String> verbs, List<String> lines) {
    List<String> next = List.copyOf(command.getSubcommands().keySet());
    List<String> conditions = new ArrayList<>();
    verbs.forEach(v -> conditions.add("__fish_seen_subcommand_from " + v));
    String seen = String.join("; and ", conditions);
    if (!next.isEmpty()) {
      String none = "not __fish_seen_subcommand_from " + String.join(" ", next);
      String when = seen.isEmpty() ? none : seen + "; and " + none;
      command
          .getSubcommands()
          .forEach((name, sub) -> lines.add("complete -c catwalk -n '" + when + "' -a " + name
              + description(sub.getCommandSpec())));
    }
    for (OptionSpec option : command.getCommandSpec().options()) {
      StringBuilder line = new StringBuilder("complete -c catwalk");
      if (!seen.isEmpty()) {
        line.append(" -n '").append(seen).append('\'');
      }
      for (String name : option.names()) {
        line.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.charAt(1));
      }
      boolean takesValue = option.arity().max() > 0;
      lines.add(line.append(takesValue ? " -r -F" : "") + quoted(option.description()));
    }
    command.getSubcommands().forEach((name, sub) -> {
      List<String> deeper = new ArrayList<>(verbs);
      deeper.add(name);
      fish(sub, deeper, lines);
    });
  }

  private static String description(CommandSpec spec) {
    return quoted(spec.usageMessage().description());
  }

  private static String quoted(String[] text) {
    return text.length == 0 ? "" : " -d '" + text[0].replace("'", "\\'") + "'";
  }
}
