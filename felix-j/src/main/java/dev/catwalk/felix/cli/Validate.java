package dev.catwalk.felix.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.acl.manifest.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "validate",
    description = "Say what is wrong with manifests, without an agent. Status 1 if anything is.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand or @Option.
final class Validate implements Callable<Integer> {
  @ParentCommand
  Catwalk catwalk;

  @Option(
      names = "-f",
      required = true,
      paramLabel = "FILE",
      description = "a manifest; - is stdin")
  List<String> files;

  @Override
  public Integer call() {
    Map<String, Parsed> all = new LinkedHashMap<>();
    ManifestVerbs.read(files).forEach((file, text) -> all.put(file, Manifests.parse(file, text)));
    List<Problem> problems = new ArrayList<>();
    all.values().forEach(parsed -> problems.addAll(parsed.problems()));
    switch (catwalk.format) {
      case table -> {
        problems.forEach(problem -> catwalk.out.println(problem));
        all.forEach((file, parsed) -> {
          if (parsed.problems().isEmpty()) {
            catwalk.out.println(file + ": " + parsed.objects().size() + " objects, no problem");
          }
        });
      }
      // JSON is YAML too.
      case json, yaml -> catwalk.out.println(json(all, problems));
    }
    return problems.isEmpty() ? CliException.OK : CliException.NO;
  }

  private static String json(Map<String, Parsed> all, List<Problem> problems) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    var objects = root.putArray("objects");
    all.forEach((file, parsed) -> {
      for (ManifestObject object : parsed.objects()) {
        objects
            .addObject()
            .put("file", file)
            .put("kind", object.kind())
            .put("namespace", object.namespace())
            .put("name", object.name());
      }
    });
    var list = root.putArray("problems");
    for (Problem problem : problems) {
      list.addObject()
          .put("file", problem.file())
          .put("line", problem.line())
          .put("field", problem.field())
          .put("what", problem.what())
          .put("hint", problem.hint());
    }
    return root.toPrettyString();
  }
}
