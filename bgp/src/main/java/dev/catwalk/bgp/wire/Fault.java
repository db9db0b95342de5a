package dev.catwalk.bgp.wire;

import java.util.Optional;

/**
 * Why a session ends: code and subcode of a NOTIFICATION (RFC 4271 §4.5; further ones as noted).
 */
public enum Fault {
  CONNECTION_NOT_SYNCHRONIZED(1, 1),
  BAD_MESSAGE_LENGTH(1, 2),
  BAD_MESSAGE_TYPE(1, 3),
  UNSPECIFIC_OPEN_ERROR(2, 0),
  UNSUPPORTED_VERSION(2, 1),
  BAD_PEER_AS(2, 2),
  BAD_BGP_IDENTIFIER(2, 3),
  UNSUPPORTED_OPTIONAL_PARAMETER(2, 4),
  UNACCEPTABLE_HOLD_TIME(2, 6),
  /** RFC 5492 §5. */
  UNSUPPORTED_CAPABILITY(2, 7),
  /** RFC 9234 §4.2. */
  ROLE_MISMATCH(2, 11),
  MALFORMED_ATTRIBUTE_LIST(3, 1),
  UNRECOGNISED_WELL_KNOWN_ATTRIBUTE(3, 2),
  MISSING_WELL_KNOWN_ATTRIBUTE(3, 3),
  ATTRIBUTE_FLAGS_ERROR(3, 4),
  ATTRIBUTE_LENGTH_ERROR(3, 5),
  INVALID_ORIGIN(3, 6),
  INVALID_NEXT_HOP(3, 8),
  OPTIONAL_ATTRIBUTE_ERROR(3, 9),
  INVALID_NETWORK_FIELD(3, 10),
  MALFORMED_AS_PATH(3, 11),
  HOLD_TIMER_EXPIRED(4, 0),
  /** RFC 6608, as the two below. */
  UNEXPECTED_MESSAGE_IN_OPEN_SENT(5, 1),
  UNEXPECTED_MESSAGE_IN_OPEN_CONFIRM(5, 2),
  UNEXPECTED_MESSAGE_IN_ESTABLISHED(5, 3),
  /** CEASE, RFC 4486, as the seven below. */
  MAXIMUM_PREFIXES(6, 1),
  ADMINISTRATIVE_SHUTDOWN(6, 2),
  PEER_DECONFIGURED(6, 3),
  ADMINISTRATIVE_RESET(6, 4),
  CONNECTION_REJECTED(6, 5),
  CONFIGURATION_CHANGE(6, 6),
  CONNECTION_COLLISION(6, 7),
  OUT_OF_RESOURCES(6, 8),
  /** RFC 8538 §3: the routes go with the session, whatever was agreed on. */
  HARD_RESET(6, 9),
  /** RFC 9384. */
  BFD_DOWN(6, 10),
  /** RFC 7313 §5. */
  INVALID_REFRESH_LENGTH(7, 1),
  /** RFC 9687: the peer does not read. */
  SEND_HOLD_TIMER_EXPIRED(8, 0);

  private final int code;
  private final int subcode;

  Fault(int code, int subcode) {
    this.code = code;
    this.subcode = subcode;
  }

  public int code() {
    return code;
  }

  public int subcode() {
    return subcode;
  }

  public static Optional<Fault> of(int code, int subcode) {
    for (Fault fault : values()) {
      if (fault.code == code && fault.subcode == subcode) {
        return Optional.of(fault);
      }
    }
    return Optional.empty();
  }

  /** {@code hold timer expired}. */
  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
