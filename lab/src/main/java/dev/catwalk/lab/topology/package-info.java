/**
 * What a lab is made of: {@link dev.catwalk.lab.topology.TopologyFile} reads the description,
 * {@link dev.catwalk.lab.topology.Planner} gives everything its name and address, the others render
 * the plan as commands and configuration files. Pure: the same file, options and seed give the same
 * plan; no namespace, process or clock is known here.
 */
@NullMarked
package dev.catwalk.lab.topology;

import org.jspecify.annotations.NullMarked;
