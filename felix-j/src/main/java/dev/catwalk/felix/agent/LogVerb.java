package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.log.Logs;
import java.util.Locale;
import org.slf4j.event.Level;

/** Shows the last lines of this agent's log. Any thread. */
final class LogVerb {
  /** Whoever follows asks again that often, milliseconds. */
  private static final long FOLLOW_MS = 5_000;

  private LogVerb() {}

  /**
   * Answers: {@code lines} of level {@code level} or above. With {@code after}, a line's number, it
   * waits for newer ones, and begins with a line that has the newest one's number; -1 does not wait.
   */
  static Answer answer(Question q) {
    String after = q.argument("after");
    try {
      Level least =
          Level.valueOf(q.arguments().getOrDefault("level", "trace").toUpperCase(Locale.ROOT));
      int atMost = Integer.parseInt(q.arguments().getOrDefault("lines", "1000"));
      long from = after.isEmpty() ? -1 : Long.parseLong(after);
      Logs.Recent recent = Logs.recent(Math.max(0, from), least, atMost, from < 0 ? 0 : FOLLOW_MS);
      ArrayNode json = JsonNodeFactory.instance.arrayNode();
      recent.lines().forEach(json::add);
      String text = String.join("\n", recent.lines()) + (recent.lines().isEmpty() ? "" : "\n");
      return Render.as(q.format(), json, after.isEmpty() ? text : recent.last() + "\n" + text);
    } catch (IllegalArgumentException e) {
      return new Answer(
          Answer.USAGE,
          "",
          "catwalk: want a number of lines, and a level: trace, debug, info, warn or error");
    } catch (InterruptedException e) {
      return Answer.refused("the agent is stopping");
    }
  }
}
