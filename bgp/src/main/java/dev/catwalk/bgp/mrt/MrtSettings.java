package dev.catwalk.bgp.mrt;

/**
 * What is recorded, and where to.
 *
 * @param directory full path; it must be there
 * @param tableInterval seconds between tables, {@value #LEAST} to {@value #MOST}
 * @param updateInterval seconds that a file of updates spans, likewise
 * @param keep how many files of each kind there are at most, 1 to {@value #MOST_FILES}; the oldest go
 */
public record MrtSettings(String directory, int tableInterval, int updateInterval, int keep) {
  public static final int LEAST = 1;
  public static final int MOST = 604_800;
  public static final int MOST_FILES = 10_000;

  /** As collectors of the Internet's tables have them: 2 h and 15 min. */
  public static final int TABLE_INTERVAL = 7_200;

  public static final int UPDATE_INTERVAL = 900;
  public static final int KEEP = 96;

  public MrtSettings {
    assert tableInterval >= LEAST && tableInterval <= MOST : tableInterval;
    assert updateInterval >= LEAST && updateInterval <= MOST : updateInterval;
    assert keep >= 1 && keep <= MOST_FILES : keep;
  }
}
