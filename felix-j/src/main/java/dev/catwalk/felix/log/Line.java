package dev.catwalk.felix.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import org.slf4j.helpers.MessageFormatter;

/**
 * One event. A caller writes {@code log.info("session up peer={} as={}", name, as)}: the words
 * before the first pair are the message, the rest are its pairs.
 *
 * @param room the package below ours, or the library's class
 */
record Line(
    Level level,
    String room,
    String message,
    Map<String, String> pairs,
    @Nullable Throwable cause) {

  private static final Pattern PAIR = Pattern.compile("\\s*\\b([a-zA-Z][a-zA-Z0-9]*)=\\{}");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** Splits a pattern in the way of SLF4J into message and pairs. */
  static Line of(
      Level level,
      String room,
      String pattern,
      @Nullable Object[] arguments,
      @Nullable Throwable cause) {
    Matcher pair = PAIR.matcher(pattern);
    StringBuilder message = new StringBuilder();
    LinkedHashMap<String, String> pairs = new LinkedHashMap<>();
    int argument = 0;
    int from = 0;
    List<@Nullable Object> plain = new ArrayList<>();
    while (pair.find()) {
      String between = pattern.substring(from, pair.start());
      for (int i = between.indexOf("{}"); i >= 0; i = between.indexOf("{}", i + 2)) {
        plain.add(argument < arguments.length ? arguments[argument] : null);
        argument++;
      }
      message.append(between);
      if (argument < arguments.length) {
        pairs.put(pair.group(1), String.valueOf(arguments[argument]));
      }
      argument++;
      from = pair.end();
    }
    message.append(pattern.substring(from));
    while (argument < arguments.length) {
      plain.add(arguments[argument++]);
    }
    String said = MessageFormatter.basicArrayFormat(message.toString(), plain.toArray());
    return new Line(level, room, said == null ? "" : said.strip(), pairs, cause);
  }

  String text(Instant at) {
    StringBuilder out = new StringBuilder(160);
    out.append(TIME.format(at))
        .append(' ')
        .append(level)
        .append(' ')
        .append(room)
        .append(' ');
    flat(message, out);
    pairs.forEach((key, value) -> {
      out.append(' ').append(key).append('=');
      if (value.isEmpty() || value.chars().anyMatch(c -> c <= ' ' || c == '"' || c == '=')) {
        quote(value, out);
      } else {
        flat(value, out);
      }
    });
    if (cause != null) {
      out.append(" cause=");
      quote(trace(cause), out);
    }
    return out.toString();
  }

  String json(Instant at) {
    StringBuilder out = new StringBuilder(200);
    out.append("{\"time\":\"").append(TIME.format(at)).append("\",\"level\":\"").append(level);
    out.append("\",\"room\":");
    quote(room, out);
    out.append(",\"message\":");
    quote(message, out);
    pairs.forEach((key, value) -> {
      out.append(",\"").append(key).append("\":");
      quote(value, out);
    });
    if (cause != null) {
      out.append(",\"cause\":");
      quote(trace(cause), out);
    }
    return out.append('}').toString();
  }

  private static String trace(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString().strip();
  }

  /** As it is, but on one line: what is written must not be able to forge a line of its own. */
  private static void flat(String value, StringBuilder out) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      out.append(Character.isISOControl(c) ? ' ' : c);
    }
  }

  private static void quote(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (Character.isISOControl(c)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
