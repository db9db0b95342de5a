package dev.catwalk.acl.manifest;

import java.util.HexFormat;
import java.util.regex.Pattern;

/** Writes documents as JSON on one line. */
final class Json {
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

  private final StringBuilder out = new StringBuilder();

  private Json() {}

  static String of(Yaml yaml) {
    Json json = new Json();
    json.value(yaml);
    return json.out.toString();
  }

  private void value(Yaml yaml) {
    switch (yaml) {
      case Yaml.Scalar scalar -> scalar(scalar);
      case Yaml.Items items -> {
        String before = "[";
        for (Yaml item : items.all()) {
          out.append(before);
          value(item);
          before = ",";
        }
        out.append(items.all().isEmpty() ? "[]" : "]");
      }
      case Yaml.Fields fields -> {
        String before = "{";
        for (Yaml.Entry entry : fields.all()) {
          out.append(before);
          text(entry.key());
          out.append(':');
          value(entry.value());
          before = ",";
        }
        out.append(fields.all().isEmpty() ? "{}" : "}");
      }
    }
  }

  private void scalar(Yaml.Scalar scalar) {
    switch (scalar.type()) {
      case TEXT -> text(scalar.text());
      case BOOL -> out.append(scalar.text());
      case NULL -> out.append("null");
      case WHOLE, DECIMAL -> {
        if (NUMBER.matcher(scalar.text()).matches()) {
          out.append(scalar.text());
        } else {
          text(scalar.text()); // JSON has no .inf, .nan or "1."
        }
      }
    }
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f || c == 0x2028 || c == 0x2029 || Character.isSurrogate(c)) {
            out.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
