package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Direction;
import java.util.List;

/**
 * What happens to the first packet of a flow to or from an endpoint: the first rule that matches
 * decides, else {@code otherwise}. Endpoints with equal programs share one.
 *
 * @param id derived from all the rest: ASCII letters and digits
 * @param otherwise ALLOW where no policy isolates the endpoint in this direction
 */
public record Program(String id, Direction direction, List<ProgramRule> rules, Action otherwise) {
  public Program {
    rules = List.copyOf(rules);
  }

  /** Of endpoints that no policy isolates in that direction. */
  public static Program open(Direction direction) {
    return of(direction, List.of(), Action.ALLOW);
  }

  static Program of(Direction direction, List<ProgramRule> rules, Action otherwise) {
    StringBuilder text = new StringBuilder(direction + " " + otherwise);
    rules.forEach(rule -> text.append('\n').append(rule));
    return new Program(ContentId.of(text.toString()), direction, rules, otherwise);
  }
}
