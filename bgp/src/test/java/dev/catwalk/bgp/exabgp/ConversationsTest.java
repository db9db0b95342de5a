package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Every conversation of ExaBGP's own that needs no script, over loopback, several at a time. */
class ConversationsTest {
  private static final int AT_A_TIME = 8;

  @Test
  void everyNeighbourHearsWhatExaBgpWouldSay() throws Exception {
    Tally tally = new Tally("conversations");
    List<String> wrong = new ArrayList<>();
    try (ExecutorService players = Executors.newFixedThreadPool(AT_A_TIME)) {
      TreeMap<String, Future<String>> played = new TreeMap<>();
      for (JsonNode one : ExaBgpCases.read("conversations.json")) {
        Conversation conversation = new Conversation(one);
        if (one.path("uses_external_process").asBoolean()) {
          tally.unknown(family(conversation.id()));
        } else {
          played.put(conversation.id(), players.submit(conversation::play));
        }
      }
      for (String id : played.keySet()) {
        String problem;
        try {
          problem = played.get(id).get();
        } catch (ExecutionException e) {
          problem = String.valueOf(e.getCause());
        }
        tally.count(family(id), problem.isEmpty());
        if (!problem.isEmpty()) {
          wrong.add(id + ": " + problem);
        }
      }
    }
    tally.print();
    assertTrue(tally.total() > 0, "there is no conversation");
    assertEquals(List.of(), wrong);
  }

  /** {@code main}, {@code 5.0} or {@code 4.2}: the branch of ExaBGP whose test it is. */
  private static String family(String id) {
    return id.split("-", 3)[1];
  }
}
