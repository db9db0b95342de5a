/**
 * What a monitoring system asks: numbers, and whether this node is alive and ready. Reads values
 * that the agent publishes; measures nothing by itself and never blocks the agent. Label values come
 * from small fixed sets only. Begin at {@code Metrics}.
 */
@NullMarked
package dev.catwalk.felix.metrics;

import org.jspecify.annotations.NullMarked;
