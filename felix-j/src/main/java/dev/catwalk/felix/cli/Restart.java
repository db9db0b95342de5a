package dev.catwalk.felix.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "restart",
    description = {
      "Restart the agent in place, without a word to its peers: packets flow on meanwhile.",
      "It reads its configuration anew. Its process id and standard streams stay."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated with @ParentCommand.
final class Restart implements Callable<Integer> {
  private static final JsonFactory JSON = new JsonFactory();
  private static final long WITHIN_S = 60;
  private static final long ASK_EVERY_MS = 50;

  @ParentCommand
  Catwalk catwalk;

  @Option(names = "--wait", description = "return when it is ready again, with status 0")
  boolean wait;

  /** Of an agent's status. */
  private record Seen(String started, boolean ready) {}

  @Override
  public Integer call() throws InterruptedException {
    Path socket = catwalk.agentSocket();
    String before = wait ? see(socket).started : "";
    int status =
        AgentClient.ask(catwalk, "restart", Collections.emptyMap(), Collections.emptyMap());
    if (!wait || status != CliException.OK) {
      return status;
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WITHIN_S);
    while (System.nanoTime() < end) {
      try {
        Seen seen = see(socket);
        if (seen.ready && !seen.started.equals(before)) {
          catwalk.out.println("ready");
          return CliException.OK;
        }
      } catch (CliException e) {
        if (e.status() != CliException.NO_AGENT) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(ASK_EVERY_MS);
    }
    throw new CliException(
        CliException.NO,
        "the agent at " + socket + " is not ready " + WITHIN_S
            + " s after its restart: see its log, and 'catwalk status'");
  }

  private static Seen see(Path socket) {
    String said = AgentClient.ask(
            socket, "status", Collections.emptyMap(), Collections.emptyMap(), Catwalk.Format.json)
        .out();
    String started = "";
    boolean ready = false;
    try (JsonParser json = JSON.createParser(said)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "started" -> started = json.getText();
          case "ready" -> ready = json.getBooleanValue();
          default -> json.skipChildren();
        }
      }
      return new Seen(started, ready);
    } catch (IOException e) {
      throw new CliException(CliException.NO_AGENT, "the agent's status is no JSON: " + said);
    }
  }
}
