package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class RenderTest {
  private static final String JSON =
      "[{\"name\":\"a\",\"list\":[1,2],\"in\":{\"x\":true}},{\"name\":\"longer\",\"list\":[],\"in\":{}}]";

  @Test
  void aTableIsAlignedAndSaysWhatIsMissing() throws Exception {
    assertEquals("""
        NAME    LIST  X
        a       1,2   true
        longer  -     -
        """, Render.table(value(), "NAME=name", "LIST=list", "X=in.x"));
  }

  @Test
  void jsonAndYamlSayTheSame() throws Exception {
    Answer json = Render.as("json", value(), "");
    assertEquals(value(), Answer.JSON.readTree(json.out()));
    Answer yaml = Render.as("yaml", value(), "");
    assertTrue(yaml.out().contains("name: longer"), yaml.out());
    assertEquals(0, yaml.status());
  }

  @Test
  void anotherFormatIsAWrongQuestion() throws Exception {
    assertEquals(Answer.USAGE, Render.as("xml", value(), "").status());
  }

  @Test
  void anAnswerTravelsAsJson() throws Exception {
    JsonNode sent = Answer.JSON.readTree(new Answer(4, "a\n\"b\"", "why").encode());
    assertEquals("{\"status\":4,\"out\":\"a\\n\\\"b\\\"\",\"error\":\"why\"}", sent.toString());
  }

  private static JsonNode value() throws Exception {
    return Answer.JSON.readTree(JSON);
  }
}
