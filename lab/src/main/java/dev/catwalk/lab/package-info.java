/**
 * The lab: networks of namespaces with real routers, agents and pods in them, built, checked and
 * removed by one command. Begin at {@link dev.catwalk.lab.Lab}; {@code topology} and {@code check}
 * decide (pure), {@code shell} acts. Never on the agent's class path.
 */
@NullMarked
package dev.catwalk.lab;

import org.jspecify.annotations.NullMarked;
