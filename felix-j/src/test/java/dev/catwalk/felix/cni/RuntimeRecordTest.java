package dev.catwalk.felix.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeRecordTest {
  private static final String LIST = """
      {"cniVersion":"1.0.0","name":"pods","plugins":[
        {"type":"catwalk","args":{"cni":{"labels":[{"key":"app","value":"web"}]}}},
        {"type":"portmap"}]}
      """;

  private static String file(String config, String args) {
    return "{\"kind\":\"cniCacheV1\",\"containerId\":\"c0\",\"ifName\":\"eth0\",\"config\":\""
        + Base64.getEncoder().encodeToString(config.getBytes(StandardCharsets.UTF_8))
        + "\",\"networkName\":\"pods\",\"cniArgs\":" + args
        + ",\"result\":{\"interfaces\":[{\"name\":\"cw1\"},"
        + "{\"name\":\"eth0\",\"sandbox\":\"/run/netns/a\"}]}}";
  }

  @Test
  void theAddThatTheRuntimeKept() {
    String args = "[[\"K8S_POD_NAMESPACE\",\"shop\"],[\"K8S_POD_NAME\",\"web-0\"]]";
    CniRequest.Add add = RuntimeRecord.parse(file(LIST, args)).orElseThrow();
    assertEquals("shop/web-0", add.pod().toString());
    assertEquals("{app=web}", add.labels().toString());
    assertEquals("/run/netns/a", add.netns());
    assertEquals("pods", add.network());
    assertEquals(new CniRequest.Attachment("c0", "eth0"), add.attachment());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "no JSON",
        "{}",
        "{\"kind\":\"cniCacheV1\",\"config\":\"%%%\"}",
        "{\"kind\":\"cniCacheV1\",\"config\":\"e30=\"}"
      })
  void anythingElseIsPassedOver(String text) {
    assertTrue(RuntimeRecord.parse(text).isEmpty());
  }

  @Test
  void anotherPluginsIsNotOurs() {
    assertTrue(RuntimeRecord.parse(file("{\"type\":\"bridge\",\"name\":\"b\"}", "null"))
        .isEmpty());
  }
}
