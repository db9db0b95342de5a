package dev.catwalk.felix.log;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** What SLF4J finds and asks for loggers. */
public final class LogProvider implements SLF4JServiceProvider {
  private static final String OURS = "dev.catwalk.";

  private final ConcurrentHashMap<String, Logger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter contexts = new NOPMDCAdapter();

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, RoomLogger::new);
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return contexts;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  @Override
  public void initialize() {}

  /** The logger of one class; its lines carry the room that the class is in. */
  private static final class RoomLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final boolean ours;
    private final String room;

    RoomLogger(String name) {
      this.name = name;
      ours = name.startsWith(OURS);
      int dot = name.lastIndexOf('.');
      room = ours && dot > OURS.length() ? name.substring(OURS.length(), dot) : name;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        @Nullable String pattern,
        @Nullable Object @Nullable [] arguments,
        @Nullable Throwable cause) {
      Logs.write(Line.of(
          level,
          room,
          pattern == null ? "" : pattern,
          arguments == null ? new Object[0] : arguments,
          cause));
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    public boolean isTraceEnabled() {
      return Logs.enabled(Level.TRACE, ours);
    }

    @Override
    public boolean isDebugEnabled() {
      return Logs.enabled(Level.DEBUG, ours);
    }

    @Override
    public boolean isInfoEnabled() {
      return Logs.enabled(Level.INFO, ours);
    }

    @Override
    public boolean isWarnEnabled() {
      return Logs.enabled(Level.WARN, ours);
    }

    @Override
    public boolean isErrorEnabled() {
      return Logs.enabled(Level.ERROR, ours);
    }
  }
}
