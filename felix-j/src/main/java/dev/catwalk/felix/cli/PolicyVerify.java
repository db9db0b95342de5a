package dev.catwalk.felix.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.acl.verdict.Evaluator;
import dev.catwalk.acl.verdict.Judgement;
import dev.catwalk.acl.verdict.Packet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** What can be said of policies without an agent. */
@Command(
    name = "policy",
    description = "Policies against what is expected of them.",
    subcommands = PolicyVerify.Verify.class)
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class PolicyVerify {
  @ParentCommand
  Catwalk catwalk;

  @Command(
      name = "verify",
      description = "Judge the packets of policy cases by the evaluator. Status 1 if any verdict"
          + " is not the expected one; a pod to itself, and what a case leaves to the"
          + " implementation, is not scored.")
  static final class Verify implements Callable<Integer> {
    @ParentCommand
    PolicyVerify policy;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "JSON lists of cases")
    List<Path> files;

    @Option(
        names = "--print",
        description = "write CASE FROM TO PROTOCOL/PORT VERDICT for each probe, expected or not")
    boolean print;

    @Override
    public Integer call() {
      List<Tally> tallies = new ArrayList<>();
      for (Path file : files) {
        tallies.add(tally(file));
      }
      Catwalk catwalk = policy.catwalk;
      switch (catwalk.format) {
        case table -> tallies.forEach(tally -> tell(catwalk, tally));
        // JSON is YAML too.
        case json, yaml -> catwalk.out.println(json(tallies));
      }
      boolean agreed = tallies.stream().allMatch(t -> t.disagreements.isEmpty());
      return agreed ? CliException.OK : CliException.NO;
    }

    private Tally tally(Path file) {
      Tally tally = new Tally(file);
      try {
        JsonNode all = new ObjectMapper().readTree(Files.readAllBytes(file));
        if (all == null || !all.isArray()) {
          throw new CliException(CliException.NO, file + ": want a list of cases");
        }
        for (JsonNode one : all) {
          tally.add(PolicyCase.read(one));
        }
      } catch (JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        String line = at == null ? "" : ", line " + at.getLineNr();
        throw new CliException(
            CliException.NO, file + line + ": this is no JSON: " + e.getOriginalMessage());
      } catch (NoSuchFileException e) {
        throw new CliException(CliException.NO, file + ": there is no such file");
      } catch (IOException e) {
        throw new CliException(CliException.NO, file + " cannot be read: " + e.getMessage());
      } catch (IllegalArgumentException e) {
        throw new CliException(CliException.NO, file + ": " + e.getMessage());
      }
      return tally;
    }

    /** With {@code --print} stdout has the verdicts alone. */
    private void tell(Catwalk catwalk, Tally tally) {
      if (print) {
        tally.verdicts.forEach(v -> catwalk.out.println(v.line()));
      }
      var summary = print ? catwalk.err : catwalk.out;
      tally.standIns.forEach(s -> summary.println("note: " + s));
      for (Verdict verdict : tally.disagreements) {
        summary.println(verdict.line() + ", expected " + verdict.probe.expected());
        verdict.reasons().forEach(reason -> summary.println("    " + reason));
      }
      summary.println(tally.file + ": " + tally.cases + " cases, " + tally.scored + " verdicts, "
          + tally.disagreements.size() + " disagreements");
    }

    private String json(List<Tally> tallies) {
      ObjectNode root = new ObjectMapper().createObjectNode();
      root.put(
          "disagreements",
          tallies.stream().mapToInt(t -> t.disagreements.size()).sum());
      ArrayNode all = root.putArray("files");
      for (Tally tally : tallies) {
        ObjectNode file = all.addObject();
        file.put("file", tally.file.toString());
        file.put("cases", tally.cases);
        file.put("verdicts", tally.scored);
        ArrayNode notes = file.putArray("notes");
        tally.standIns.forEach(notes::add);
        ArrayNode disagreements = file.putArray("disagreements");
        tally.disagreements.forEach(v -> v.write(disagreements.addObject(), true));
        if (print) {
          ArrayNode probes = file.putArray("probes");
          tally.verdicts.forEach(v -> v.write(probes.addObject(), false));
        }
      }
      return root.toPrettyString();
    }
  }

  /** What was found about a packet. */
  private record Verdict(String id, PolicyCase.Probe probe, Judgement judgement) {
    String seen() {
      return judgement.allowed() ? "allow" : "deny";
    }

    String line() {
      return id + " " + probe.from() + " " + probe.to() + " " + probe.protocol() + "/"
          + probe.port() + " " + seen();
    }

    List<String> reasons() {
      List<String> reasons = new ArrayList<>(judgement.egress().reasons());
      reasons.addAll(judgement.ingress().reasons());
      return reasons;
    }

    void write(ObjectNode out, boolean explained) {
      out.put("case", id).put("from", probe.from()).put("to", probe.to());
      out.put("protocol", probe.protocol()).put("port", probe.port());
      if (probe.expected() != null) {
        out.put("expected", probe.expected());
      }
      out.put("verdict", seen());
      if (explained) {
        ArrayNode why = out.putArray("why");
        reasons().forEach(why::add);
      }
    }
  }

  /** The count of a file. */
  private static final class Tally {
    final Path file;
    final List<Verdict> verdicts = new ArrayList<>();
    final List<Verdict> disagreements = new ArrayList<>();
    final List<String> standIns = new ArrayList<>();
    int cases;
    int scored;

    Tally(Path file) {
      this.file = file;
    }

    void add(PolicyCase one) {
      cases++;
      one.standIns().forEach(s -> standIns.add(one.id() + ": " + s));
      Evaluator evaluator = new Evaluator(one.state());
      for (PolicyCase.Probe probe : one.probes()) {
        Verdict verdict = judge(one, probe, evaluator);
        verdicts.add(verdict);
        score(one, verdict);
      }
      one.matrix().forEach(probe -> score(one, judge(one, probe, evaluator)));
    }

    private static Verdict judge(PolicyCase one, PolicyCase.Probe probe, Evaluator evaluator) {
      Packet packet = new Packet(probe.source(), probe.destination(), probe.number(), probe.port());
      return new Verdict(one.id(), probe, evaluator.judge(packet));
    }

    private void score(PolicyCase one, Verdict verdict) {
      PolicyCase.Probe probe = verdict.probe();
      if (one.scored() && probe.expected() != null && !probe.from().equals(probe.to())) {
        scored++;
        if (!verdict.seen().equals(probe.expected())) {
          disagreements.add(verdict);
        }
      }
    }
  }
}
