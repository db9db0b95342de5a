package dev.catwalk.felix.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What counts as an annotation, however the manifest spells it. */
class PodAnnotationsTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      plain            | metadata: {annotations: {a: x}}                       | {a=x}
      escaped          | metadata: {"\\u0061nnotations": {a: x}}               | {a=x}
      numbers left out | metadata: {annotations: {a: 1, b: x}}                 | {b=x}
      elsewhere        | spec: {annotations: {a: x}}                           | {}
      none             | metadata: {labels: {a: x}}                            | {}
      not YAML         | annotations: [                                        | {}
      """)
  void ofAPod(String what, String text, String annotations) {
    Manifest pod = new Manifest("Pod", "shop", "web", 1, text);
    KvMachine machine = new KvMachine();
    byte[] put = KvTransaction.put(pod.key(), pod.encode()).encode();
    byte[] outcome = machine.apply(1, put);
    ClusterState cluster =
        ClusterState.empty().apply(new Committed(1, KvMachine.NAME, put, outcome));
    assertEquals(annotations, PodAnnotations.of(cluster, "shop", "web").toString());
  }
}
