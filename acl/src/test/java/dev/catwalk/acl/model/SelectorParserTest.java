package dev.catwalk.acl.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorParserTest {
  @ParameterizedTest(name = "selector {0}")
  @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
      ``                                   ~ all()
      ` ( all( ) ) `                       ~ all()
      a=='b'                               ~ a in {'b'}
      a != "b"                             ~ !(a in {'b'})
      a == "it's"                          ~ a in {"it's"}
      a in { "z", 'b',"z" }                ~ a in {'b', 'z'}
      a not  in {'b'}                      ~ !(a in {'b'})
      ! ! has( a )                         ~ has(a)
      has(b) && has(a) && has(b)           ~ has(a) && has(b)
      (has(c) && has(b)) && has(a)         ~ has(a) && has(b) && has(c)
      has(c) || has(a) && has(b)           ~ (has(a) && has(b) || has(c))
      has(a) || all()                      ~ all()
      (has(a) || has(b)) && !has(c)        ~ !(has(c)) && (has(a) || has(b))
      a contains 'x' || a startswith"y"    ~ (a contains 'x' || a starts with 'y')
      has.in/all-x ends with ''            ~ has.in/all-x ends with ''
      """)
  void equalSelectorsHaveEqualTexts(String text, String canonical) {
    Selector selector = Selector.parse(text);
    assertEquals(canonical, selector.toString());
    assertEquals(canonical, Selector.parse(canonical).toString());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
      a = 'b'          ~ column 3 of the selector: want '==', '!=', 'in'
      a == b           ~ column 6 of the selector: want a text in quotes, found 'b'
      a == 'b' has(c)  ~ column 10 of the selector: want '&&', '||' or the end
      (has(a)          ~ column 8 of the selector: want ')', found the end
      a in {'b' 'c'}   ~ column 11 of the selector: want ',' or '}'
      has(a) &&        ~ column 10 of the selector: want a label's key
      """)
  void whatIsWrongIsSaidWithItsPlace(String text, String why) {
    String said = String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Selector.parse(text)).getMessage());
    assertTrue(said.startsWith(why), said);
  }

  @Test
  void hostileTextsAreRefusedEarly() {
    for (String text :
        List.of("!".repeat(50_000) + "has(a)", "(".repeat(50_000), "a".repeat(70_000))) {
      assertThrows(IllegalArgumentException.class, () -> Selector.parse(text));
    }
  }

  /** What Calico's own parser is tested with. */
  @Test
  void calicosCasesComeOutTheSame() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (JsonNode one : cases("selector-match")) {
      TreeMap<String, String> labels = new TreeMap<>();
      one.get("labels")
          .properties()
          .forEach(l -> labels.put(l.getKey(), l.getValue().asText()));
      Selector selector = Selector.parse(one.get("selector").asText());
      if (selector.matches(labels) != one.get("match").asBoolean()
          || !Selector.parse(selector.toString()).toString().equals(selector.toString())) {
        wrong.add(one.toString());
      }
    }
    List<String> hostile = new ArrayList<>();
    cases("selector-parse-error").forEach(one -> hostile.add(one.get("selector").asText()));
    cases("selector-tokens").forEach(one -> {
      if (one.get("tokens").isTextual()) {
        hostile.add(one.get("input").asText());
      }
    });
    for (String text : hostile) {
      assertThrows(IllegalArgumentException.class, () -> Selector.parse(text), text);
    }
    assertEquals(List.of(), wrong);
  }

  private static JsonNode cases(String name) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve(".ci")) && root.getParent() != null) {
      root = root.getParent();
    }
    Path file = root.resolve("../shared/data/calico").resolve(name + ".json").normalize();
    assumeTrue(Files.exists(file), "needs " + file);
    return new ObjectMapper().readTree(file.toFile());
  }
}
