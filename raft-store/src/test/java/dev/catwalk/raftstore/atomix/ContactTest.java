package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ContactTest {
  private long nowMs = 100_000;
  private final Contact contact = new Contact(3, () -> nowMs);

  /** A change of members that it would not understand is not written before that is over. */
  @Test
  void whoHasNotAnsweredANewLeaderMayBeThereForAWhile() {
    assertTrue(contact.mayStillAnswer("n2", 7));
    contact.answered("n2");
    assertFalse(contact.mayStillAnswer("n2", 7));
    assertTrue(contact.mayStillAnswer("n3", 7));
    nowMs += Contact.FRESH_MS;
    assertFalse(contact.mayStillAnswer("n3", 7), "it had the time");
    assertFalse(contact.mayStillAnswer("n2", 7), "silent for as long");
    assertTrue(contact.mayStillAnswer("n3", 8), "who leads anew has heard nobody");
  }

  @Test
  void aMajorityIsThereAsLongAsItAnswers() {
    assertFalse(contact.majorityFresh());
    contact.answered("n2");
    assertTrue(contact.majorityFresh());
    nowMs += Contact.FRESH_MS;
    assertFalse(contact.majorityFresh());
  }
}
